"""What a sweep says, in numbers: python -m study.findings DIR."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import chdtri

from analysis.axes import axes_of, shown_axes, varied
from analysis.budget import costliest, increments
from analysis.measures import NETWORK
from analysis.regimes import REGIMES
from analysis.statuses import MEANINGS, OK, has
from analysis.tables import with_later
from models.mass.ladder import ASSUMPTIONS, CHAINS
from study.claims import claims_table
from study.command.at import add_at_argument, points_at
from study.command.ending import run_command
from study.command.parser import Parser, UsageError
from study.store.folders import StoreError
from study.store.read_sweep import check_plane, read_budget, read_points

CLOSE_RHO, CLOSE_DISTANCE = 0.95, 0.05
"""What is called close here: ten trials of one network leave 1/21 = 0.048 to chance."""
ALPHA = 0.01
TOTALS = (1, 2, 3, 5, 7)
"""Counts per bin and trial that the spectra of Eq. 25 may be scaled to: the paper does not say."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.findings", description=__doc__)
    parser.add_argument("folders", metavar="DIR", type=Path, nargs="+", help="folder of a sweep")
    parser.add_argument("--claims", action="store_true",
        help="instead: which of the paper's claims each of the folders shows")  # fmt: skip
    add_at_argument(parser)
    arguments = parser.parse_args(argv)
    tables = {}
    try:
        if len(arguments.folders) > 1 and not arguments.claims:
            raise UsageError("DIR: must be one folder without --claims")
        for folder in arguments.folders:
            check_plane(folder)
            points = points_at(read_points(folder), arguments.at)
            if arguments.claims:
                tables[folder] = claims_table(points, folder.name)
                continue
            tables = findings(points)
            if (budget := read_budget(folder)) is not None:
                tables |= budget_findings(points_at(budget, arguments.at), points)
    except StoreError as error:
        parser.error(f"DIR: {error}")
    except UsageError as error:
        parser.error(str(error))
    if arguments.claims:
        print(claims_text(pd.concat(tables.values())))
        return 0
    for title, table in tables.items():
        print(f"{title}\n{table.to_string(float_format=lambda value: f'{value:.3g}')}\n")
    return 0


def claims_text(table):
    """Write the claims for people: what each needs, then a line per study."""
    lines = []
    for claim, mine in table.groupby("claim", sort=False):
        lines += [f"{claim} ({mine.needs.iloc[0]})"]
        width = max(map(len, mine.set))
        lines += [
            f"  {row.set:<{width}}  {'holds' if row.holds else 'fails'}  {row.found}"
            for row in mine.itertuples()
        ]
    held = table.groupby("set", sort=False).holds.agg(["sum", "size"])
    lines += ["", *(f"{name}: {row['sum']} of {row['size']} hold" for name, row in held.iterrows())]
    return "\n".join(lines)


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
    points = with_later(points)
    axes, (x, y) = axes_of(points), shown_axes(points)
    others = [y, *(name for name in varied(points) if name not in (x, y))]
    network = points[points.model == NETWORK].set_index(axes)
    mass = points[points.model != NETWORK].reset_index(drop=True)
    place = pd.MultiIndex.from_frame(mass[axes])
    for name in ("bias_mV", "std_ratio"):  # older tables lack them
        difference = {"bias_mV": "mean_mV", "std_ratio": "std_mV"}[name]
        there = network[difference].reindex(place).to_numpy()
        own = mass[difference]
        mass[name] = mass[name].fillna(own - there if name == "bias_mV" else own / there)
    expected_Hz = network.median_frequency_Hz.reindex(place).to_numpy()
    mass["octaves"] = np.log2(mass.median_frequency_Hz / expected_Hz).abs()
    mass["close"] = (mass.rho > CLOSE_RHO) & (mass.spectral_distance < CLOSE_DISTANCE)
    mass["regime"] = network.regime.reindex(place).to_numpy()
    mass["rate_Hz"] = network.rate_Hz.reindex(place).to_numpy()
    measured = ["spectral_distance", "rho", "rho_0", "tau_max_ms", "nrmse", "bias_mV", "std_ratio"]
    measured.append("octaves")
    tables = {
        "Regimes of the network": _ranges(network.reset_index(), "regime", axes, "rate_Hz"),
        "Statuses: points that have them": _statuses(points),
        "Mass models by regime: medians (octaves: median frequency, away from the network's)": (
            mass.groupby(["regime", "model"])[measured]
            .median()
            .assign(close=mass.groupby(["regime", "model"]).close.sum(), of=_sizes(mass))
        ),
        "Points without a significant difference at 0.01, by test and regime": _regions(mass),
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
    for name in ("rate_Hz", "spike_contrast", "rhythm_Hz"):
        tables[f"{name}, {laid}"] = network.reset_index().set_index([*others, x])[name].unstack(x)
    for model in models:
        mine = mass[mass.model == model].set_index([*others, x])
        for name in ("rho", "rho_0", "nrmse", "spectral_distance", "tau_max_ms"):
            tables[f"{model}: {name}, {laid}"] = mine[name].unstack(x)
    return tables


def _statuses(points):
    """Count the points of each model that have a status, in some trials or in all."""
    named = [name for name in MEANINGS if name != OK and has(points.status, name).any()]
    counts = {
        name: has(points.status, name).groupby(points.model, sort=False).sum() for name in named
    }
    return pd.DataFrame(counts) if named else pd.DataFrame({"none": []})


def _regions(mass):
    """Count the points that each test does not tell from the network: test and model down."""
    rows = {}
    for model, mine in mass.groupby("model", sort=False):
        within = mine.chi2_permutation_pvalue >= ALPHA
        rows["permutation of trials", "-", model] = within
        for total in TOTALS:
            tested = mine[mine.trials > 1]
            limit = chdtri(tested.chi2_dof.astype(float), ALPHA) / (2 * total * tested.trials)
            limit = limit / (tested.chi2_dof.astype(float) + 1)
            told = f"{limit.median():.4f}" if len(tested) else "-"
            test = f"chi-square, {total} per bin and trial"
            rows[test, told, model] = tested.spectral_distance < limit
    counts = {key: inside.groupby(mass.regime).sum() for key, inside in rows.items()}
    table = pd.DataFrame(counts).T.assign(all=[int(inside.sum()) for inside in rows.values()])
    table.index.names = ["test", "distance below", "model"]
    return table.reindex(columns=[*(name for name in REGIMES if name in table), "all"])


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
        dearest = costliest(table)
        tables[f"Points at which it costs most, {model} {order.split()[0]}"] = pd.crosstab(
            regime.reindex(dearest.index), dearest
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
    for name in (*axes, value, "rhythm_Hz", "median_frequency_Hz", "spike_contrast"):
        columns |= {f"{name} from": grouped[name].min(), "to " + name: grouped[name].max()}
    order = [name for name in REGIMES if name in columns["points"].index]
    return pd.DataFrame(columns).reindex(order)


def _sizes(mass):
    return mass.groupby(["regime", "model"]).size()


if __name__ == "__main__":
    sys.exit(run_command(main))
