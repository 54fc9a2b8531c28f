"""What a sweep says, in numbers: python -m study.findings DIR."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import axes_of, shown_axes, varied
from analysis.budget import increments
from analysis.measures import NETWORK
from analysis.regimes import REGIMES
from models.mass.ladder import ASSUMPTIONS, CHAINS
from study.command.at import add_at_argument, points_at
from study.command.ending import run_command
from study.command.parser import Parser, UsageError
from study.store.folders import StoreError
from study.store.read_sweep import read_budget, read_points

CLOSE_RHO, CLOSE_DISTANCE = 0.95, 0.05
"""What is called close here: ten trials of one network leave 1/21 = 0.048 to chance."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.findings", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a sweep")
    add_at_argument(parser)
    arguments = parser.parse_args(argv)
    try:
        points = points_at(read_points(arguments.folder), arguments.at)
    except StoreError as error:
        parser.error(f"DIR: {error}")
    except UsageError as error:
        parser.error(str(error))
    tables = findings(points)
    if (budget := read_budget(arguments.folder)) is not None:
        tables |= budget_findings(points_at(budget, arguments.at), points)
    for title, table in tables.items():
        print(f"{title}\n{table.to_string(float_format=lambda value: f'{value:.3g}')}\n")
    return 0


def findings(points):
    """Tabulate what the maps show.

    Parameters
    ----------
    points : DataFrame
        points.parquet of a sweep.

    Returns
    -------
    dict of DataFrame
        By title.
    """
    axes, (x, y) = axes_of(points), shown_axes(points)
    others = [y, *(name for name in varied(points) if name not in (x, y))]
    network = points[points.model == NETWORK].set_index(axes)
    mass = points[points.model != NETWORK].copy()
    place = pd.MultiIndex.from_frame(mass[axes])
    mass["bias_mV"] = mass.mean_mV - network.mean_mV.reindex(place).to_numpy()
    expected_Hz = network.median_frequency_Hz.reindex(place).to_numpy()
    mass["octaves"] = np.log2(mass.median_frequency_Hz / expected_Hz).abs()
    mass["close"] = (mass.rho > CLOSE_RHO) & (mass.spectral_distance < CLOSE_DISTANCE)
    mass["regime"] = network.regime.reindex(place).to_numpy()
    mass["rate_Hz"] = network.rate_Hz.reindex(place).to_numpy()
    mass["std_ratio"] = mass.std_mV / network.std_mV.reindex(place).to_numpy()
    measured = ["spectral_distance", "rho", "tau_max_ms", "bias_mV", "std_ratio", "octaves"]
    tables = {
        "Regimes of the network": _ranges(network.reset_index(), "regime", axes, "rate_Hz"),
        "Mass models by regime: medians (octaves: median frequency, away from the network's)": (
            mass.groupby(["regime", "model"])[measured]
            .median()
            .assign(close=mass.groupby(["regime", "model"]).close.sum(), of=_sizes(mass))
        ),
        f"The closest point of each {' and '.join(map(_word, others))}": (
            mass.dropna(subset="spectral_distance")
            .sort_values("spectral_distance", kind="stable")
            .drop_duplicates([*others, "model"])
            .set_index([*others, "model"])
            .sort_index()[[x, "regime", "rate_Hz", *measured]]
        ),
    }
    models = list(mass.model.unique())
    first = mass[mass.model == models[0]].set_index(axes)
    for model in models[1:]:
        other = mass[mass.model == model].set_index(axes)
        apart = (first[measured] - other[measured]).abs().assign(regime=first.regime)
        title = f"{models[0]} against {model}: medians of the differences"
        tables[title] = apart.groupby("regime").median()
    laid = f"{' and '.join(map(_word, others))} down, {_word(x)} across"
    for name in ("rate_Hz", "spike_contrast"):
        tables[f"{name}, {laid}"] = network.reset_index().set_index([*others, x])[name].unstack(x)
    for model in models:
        mine = mass[mass.model == model].set_index([*others, x])
        for name in ("rho", "spectral_distance", "tau_max_ms"):
            tables[f"{model}: {name}, {laid}"] = mine[name].unstack(x)
    return tables


def budget_findings(budget, points):
    """Tabulate what the error budget shows, regime by regime.

    Returns
    -------
    dict of DataFrame
        By title.
    """
    axes = axes_of(points)
    network = points[points.model == NETWORK].set_index(axes)
    tables = {}
    for order, model in CHAINS:
        table = increments(budget, order, model, ASSUMPTIONS.values())
        regime = network.regime.reindex(table.index).rename("regime")
        title = f"NRMSE that each assumption adds, {model} {order.split()[0]}: medians"
        tables[title] = table.groupby(regime).median()
        costliest = table.dropna().idxmax(axis=1)
        tables[f"Points at which it costs most, {model} {order.split()[0]}"] = pd.crosstab(
            regime.reindex(costliest.index), costliest
        )
    rungs = budget[budget.order.isin(["forward", "upward"])]
    nrmse = rungs.pivot(index=axes, columns="model", values="nrmse")
    nrmse = nrmse[list(dict.fromkeys(rungs.model))]
    regime = network.regime.reindex(nrmse.index)
    tables["NRMSE of each rung: medians"] = nrmse.groupby(regime).median()
    tables["Largest NRMSE of each rung"] = nrmse.groupby(regime).max()
    ratio = (nrmse["3rc"] / nrmse["MFM"]).rename("3rc / MFM")
    firing = network.rate_Hz.reindex(nrmse.index) > 0
    tables["3rc against MFM where the network fires: NRMSE ratio"] = (
        ratio[firing].groupby(regime[firing]).describe()
    )
    tables["Points at which 3rc is not closer than the MFM"] = nrmse[firing & (ratio >= 1)][
        ["MFM", "3r", "3c", "3rc"]
    ]
    return tables


def _word(column):
    return "lambda" if column == "lam" else column


def _ranges(network, by, axes, value):
    """Count the points of each group and give the ranges of the axes and of a value."""
    grouped = network.groupby(by)
    columns = {"points": grouped.size()}
    for name in (*axes, value, "median_frequency_Hz", "spike_contrast"):
        columns |= {f"{name} from": grouped[name].min(), "to " + name: grouped[name].max()}
    order = [name for name in REGIMES if name in columns["points"].index]
    return pd.DataFrame(columns).reindex(order)


def _sizes(mass):
    return mass.groupby(["regime", "model"]).size()


if __name__ == "__main__":
    sys.exit(run_command(main))
