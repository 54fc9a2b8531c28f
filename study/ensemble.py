"""What survives a change of the constants: python -m study.ensemble DIR."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import axes_of
from analysis.budget import costliest, increments
from analysis.ensemble import (
    CLOSED_ERRORS,
    DESCRIBED_BY,
    ERRORS,
    by_group,
    networks_and_errors,
    rank_correlations,
    tree,
)
from analysis.regimes import REGIMES
from models.mass.ladder import ASSUMPTIONS, CHAINS
from models.mass.registry import CLOSED
from study.command.ending import run_command
from study.command.parser import Parser
from study.store.folders import StoreError, write_atomic
from study.store.read_sweep import read_budget, read_points

RATES_Hz = (0, 1, 2, 5, 10, 20, 50, np.inf)
"""The edges of the groups by rate."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.ensemble", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a sweep with --sample")
    parser.add_argument("--no-figure", action="store_true", help="leave DIR/ensemble.png out")
    arguments = parser.parse_args(argv)
    try:
        table, costs = read_ensemble(arguments.folder)
    except StoreError as error:
        parser.error(f"DIR: {error}")
    for title, found in tables(table, costs).items():
        text = found if isinstance(found, str) else found.to_string(float_format="{:.3g}".format)
        print(f"{title}\n{text}\n")
    if not arguments.no_figure:
        from study.drawing.ensemble import draw_ensemble

        write_atomic(arguments.folder / "ensemble.png", draw_ensemble(table, costs))
        print(arguments.folder / "ensemble.png")
    return 0


def read_ensemble(folder):
    """Read an ensemble.

    Returns
    -------
    table : DataFrame
        `analysis.ensemble.networks_and_errors`.
    costs : dict of DataFrame, or None
        By (order, model), the NRMSE that each assumption adds, and the regime of the network; None
        without a budget.

    Raises
    ------
    StoreError
        The folder is no sweep's, or its points have one set of constants.
    """
    folder = Path(folder)
    points = read_points(folder)
    table = networks_and_errors(points)
    if table.set.nunique() < 2:
        raise StoreError(f"must hold a sweep with --sample, got {folder}")
    budget = read_budget(folder)
    if budget is None:
        return table, None
    axes = axes_of(budget)
    regime = table.drop_duplicates(axes).set_index(axes)[["regime", "set"]]
    costs = {}
    for order, model in CHAINS:
        found = increments(budget, order, model, ASSUMPTIONS.values())
        costs[order, model] = found.join(regime, how="inner").dropna()
    return table, costs


def tables(table, costs):
    """Return what survives, by title: errors by regime and by rate, costs, what explains them."""
    found = {}
    constants = [name for name in axes_of(table)]
    for model, mine in table.groupby("model", sort=False):
        closed = model in CLOSED
        errors = CLOSED_ERRORS if closed else ERRORS
        kind = "given parameters alone" if closed else "given the network's input"
        groups = {"regime": mine.regime.astype(pd.CategoricalDtype(REGIMES, ordered=True))}
        groups["rate"] = pd.cut(mine.rate_Hz, RATES_Hz).rename("rate_Hz")
        for name, group in groups.items():
            title = f"{model}, {kind}, by {name}: quantiles over sets of constants"
            found[title] = by_group(mine, group, errors).sort_index(key=_in_order(group))
        if closed:
            right = (mine.own_regime == mine.regime).groupby(mine.regime).mean()
            found[f"{model}: part of the networks whose regime is right"] = right.to_frame("right")
    for order, model in CHAINS if costs else ():
        mine = costs[order, model]
        share = pd.crosstab(mine.regime, costliest(mine), normalize="index")
        title = f"Part of the networks in which an assumption costs most, {model}"
        found[f"{title}, {order.split()[0]}"] = share
    for model, error in (("MFM", "nrmse"), ("CFM", "nrmse"), ("density", "rate_error")):
        mine = table[table.model == model]
        if error == "rate_error":
            octaves = np.log2(mine.rate_ratio.where(mine.rate_ratio > 0)).abs()
            mine = mine.assign(rate_error=octaves)
        if len(mine) and mine.set.nunique() >= 5:
            names = (*DESCRIBED_BY, *constants)
            found[f"{model}: rank correlations of {error}"] = (
                rank_correlations(mine, error, names).to_frame()
            )
            text, share = tree(mine, error)
            said = f"a tree; R² on sets it has not seen {share:.2f}"
            found[f"{model}: where {error} is large ({said})"] = text
    return found


def _in_order(group):
    """Return a key that sorts labels as the categories of a group are."""
    order = {name: k for k, name in enumerate(group.cat.categories)}
    return lambda index: index.map(order)


if __name__ == "__main__":
    sys.exit(run_command(main))
