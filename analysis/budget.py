"""The error budget as a table: what each assumption adds to the error of a mass model."""

import numpy as np
import pandas as pd

from analysis.arguments import finite_array
from analysis.axes import PLANE, axes_of
from analysis.spectra import is_constant
from analysis.statuses import joint_status
from analysis.tables import along

ADDITIVE = ("nrmse", "bias_mV", "spectral_distance", "rho", "rho_0")
"""The measures whose differences from rung to rung are listed, as NAME_increment."""
BUDGET_COLUMNS = (
    *(*PLANE, "order", "step", "model", "assumption", "trials", "status"),
    *(column for name in ADDITIVE for column in (name, f"{name}_increment")),
    "tau_max_ms",
)


def series_error(V_mV, network_mV):
    """Measure how far a mean potential is from the network's, step by step.

    Parameters
    ----------
    V_mV, network_mV : array_like, shape (K,)
        In mV, over the same steps.

    Returns
    -------
    dict
        `nrmse`, the root of the mean squared difference by the standard deviation of the network's
        mean potential: 0 for a copy, 1 for its time average; NaN where that is constant. `bias_mV`,
        the difference of the time averages.

    Raises
    ------
    ValueError
        If the series differ in length, are empty or hold a value that is not finite.
    """
    V_mV, network_mV = finite_array(V_mV, "V_mV"), finite_array(network_mV, "network_mV")
    if V_mV.shape != network_mV.shape or not V_mV.size:
        shapes = f"got {V_mV.shape} and {network_mV.shape}"
        raise ValueError(f"V_mV and network_mV must have the same length, not 0, {shapes}")
    difference = V_mV - network_mV
    nrmse = float("nan")
    if not is_constant(network_mV):
        nrmse = float(np.sqrt(np.mean(difference**2)) / network_mV.std())
    return {"nrmse": nrmse, "bias_mV": float(difference.mean())}


def budget_table(rows, side_by_side=(), axes=PLANE):
    """Average the rungs over trials and take the differences from each rung to the next.

    Parameters
    ----------
    rows : list of dict
        One per point, trial, order and rung, those of an order one after the other: p, lam, order,
        step, model, assumption, status, and nrmse, bias_mV, spectral_distance, rho, rho_0,
        tau_max_ms where defined.
    side_by_side : sequence of str
        Orders whose rungs do not follow from each other.
    axes : sequence of str
        The columns that tell a point.

    Returns
    -------
    DataFrame
        Columns BUDGET_COLUMNS, and all axes, one row per point, order and rung. Measures are means
        over the trials in which they are defined. An increment is the measure less that of the rung
        before in the same trial and order, averaged over the trials in which both are defined:
        where all are, the increments of an order add up to the last rung less the first. They are
        empty at the first rung, and in the orders `side_by_side`.

    Notes
    -----
    Increments depend on the order of the assumptions and may be negative: an assumption can undo
    the error of another.
    """
    measures = [*ADDITIVE, "tau_max_ms"]
    keys = [*axes, "order", "step", "model", "assumption"]
    trials = pd.DataFrame(rows, columns=[*keys, "status", *measures])
    trials = trials.astype(dict.fromkeys(measures, float))
    follows = (trials.step.diff() == 1) & ~trials.order.isin(side_by_side)
    for name in ADDITIVE:
        trials[f"{name}_increment"] = trials[name].diff().where(follows)
    grouped = trials.groupby(keys, sort=False)
    table = grouped[[*measures, *(f"{name}_increment" for name in ADDITIVE)]].mean()
    table["trials"] = grouped.size()
    table["status"] = grouped.status.agg(joint_status)
    return table.reset_index()[along(axes, BUDGET_COLUMNS)]


def chain(budget, order, model):
    """Return the rungs of one order up to a model, one point after the other."""
    mine = budget[budget.order == order]
    last = mine[mine.model == model].step.iloc[0]
    return mine[mine.step <= last]


def increments(budget, order, model, assumptions):
    """Arrange the NRMSE that each assumption adds: points down, assumptions across."""
    mine = chain(budget, order, model)
    mine = mine[mine.step > 0]
    table = mine.pivot(index=axes_of(budget), columns="assumption", values="nrmse_increment")
    return table[[name for name in assumptions if name in table]]


def costliest(table):
    """Return which assumption costs most at each point of `increments`, points with gaps left out.

    Of an ensemble the columns `regime` and `set` may stand beside them.
    """
    return table.dropna().drop(columns=["regime", "set"], errors="ignore").idxmax(axis=1)
