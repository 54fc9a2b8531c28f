"""The figure of an ensemble of constants: errors against the rate, and what costs most."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.ticker import FuncFormatter

from analysis.budget import costliest
from analysis.ensemble import CLOSED_ERRORS
from analysis.regimes import REGIMES
from study.drawing.pictures import png
from study.drawing.style import REGIMES as TONES
from study.drawing.style import RUNGS, in_print

PANELS = (
    ("MFM", "nrmse", "NRMSE", "log"),
    ("CFM", "nrmse", "NRMSE", "log"),
    ("MFM", "rho_0", "correlation at lag 0", "linear"),
    ("density", "rate_ratio", "rate by that of the network", "log"),
)
"""Model, error, what it is called, and the scale of its axis."""
BINS = 9
"""Of the rate, for the line of medians and the band around it."""
SHORT = {"low-frequency synchronous": "low-f. synchronous", "high-frequency synchronous":
    "high-f. synchronous"}  # fmt: skip


def draw_ensemble(table, costs):
    """Draw errors of each model against the rate of the network, and the costliest assumptions.

    Parameters
    ----------
    table : DataFrame
        `analysis.ensemble.networks_and_errors`.
    costs : dict of DataFrame or None
        As `study.ensemble.read_ensemble` returns them.

    Returns
    -------
    bytes
        A PNG.
    """
    sns.set_theme(context="notebook", style="ticks", rc={"axes.titlesize": "medium"})
    figure = plt.figure(figsize=(13, 8.4), layout="constrained")
    grid = figure.subplots(2, 3)
    for letter, axes, panel in zip("abcd", grid.ravel(), PANELS):
        _draw_error(axes, table, *panel)
        axes.set_title(f"({letter}) {panel[0]}: {panel[2]}", loc="left")
    for letter, axes, order in zip("ef", grid.ravel()[4:], ("forward", "backward to MFM")):
        title = f"({letter}) MFM, {order.split()[0]}: what costs most"
        axes.set_title(title, loc="left")
        if costs:
            _draw_costs(axes, costs[order, "MFM"])
    handles = [plt.Line2D([], [], marker="o", linestyle="", color=colour, label=name,
        markeredgecolor="0.3") for name, colour in TONES.items()]  # fmt: skip
    handles.append(plt.Line2D([], [], color="black", label="median; band: 80 % of the networks"))
    occur = [name for name in RUNGS if costs and any(
        name in set(costliest(costs[order, "MFM"])) for order in ("forward", "backward to MFM"))]
    handles += [plt.Rectangle((0, 0), 1, 1, color=RUNGS[name], label=in_print(name))
        for name in occur]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False,
        fontsize="small")  # fmt: skip
    sns.despine(figure)
    return png(figure)


def _draw_error(axes, table, model, error, label, scale):
    """Show one error of one model, a dot per network, with medians along the rate."""
    mine = table[(table.model == model) & np.isfinite(table[error].astype(float))]
    axes.set(xlabel="rate of the network (Hz)", ylabel=label)
    if mine.empty:
        axes.text(0.5, 0.5, "not in this ensemble", transform=axes.transAxes, ha="center")
        return
    axes.scatter(mine.rate_Hz, mine[error], s=14, linewidth=0.4, edgecolor="0.3",
        color=[TONES[regime] for regime in mine.regime], alpha=0.75)  # fmt: skip
    edges = np.geomspace(mine.rate_Hz.min(), mine.rate_Hz.max() * 1.001, BINS + 1)
    place = np.digitize(mine.rate_Hz, edges) - 1
    grouped = mine[error].groupby(place)
    several = grouped.size() >= 10
    centres = np.sqrt(edges[:-1] * edges[1:])[several.index[several]]
    low, middle, high = (grouped.quantile(q)[several] for q in (0.1, 0.5, 0.9))
    axes.fill_between(centres, low, high, color="0.3", alpha=0.2, linewidth=0)
    axes.plot(centres, middle, color="black", linewidth=1.8)
    axes.set_xscale("log")
    axes.set_yscale(scale)
    if error == "rate_ratio":  # less than a decade
        for set_formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            set_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if error in CLOSED_ERRORS or error == "nrmse":
        axes.axhline(1, color="0.5", linewidth=0.8, linestyle=":")


def _draw_costs(axes, costs):
    """Show in which part of the networks of a regime each assumption costs most."""
    share = costliest(costs).groupby(costs.regime).value_counts(normalize=True).unstack().fillna(0)
    share = share.reindex([name for name in REGIMES if name in share.index])
    left = np.zeros(len(share))
    for name in (name for name in RUNGS if name in share):
        axes.barh(range(len(share)), share[name], left=left, color=RUNGS[name])
        left += share[name].to_numpy()
    sizes = costs.regime.value_counts()
    labels = [f"{SHORT.get(name, name)}\n({sizes[name]})" for name in share.index]
    axes.set_yticks(range(len(share)), labels, fontsize="small")
    axes.set(xlim=(0, 1), xlabel="part of the networks")
