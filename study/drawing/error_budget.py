"""The figures of the error budget: bars for one point, bars and maps over two axes."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from analysis.axes import PLANE, axes_of, axis_label, point_label, shown_axes
from analysis.budget import chain, costliest, increments
from analysis.statuses import DIVERGED
from models.mass.ladder import ASSUMPTIONS, CHAINS, IN_WORDS, UPWARD, direction
from study.drawing.maps import (
    draw_borders,
    draw_cells,
    draw_map,
    hatch_handles,
    label_levels,
    shared_scale,
)
from study.drawing.panels import BORDER, regimes
from study.drawing.style import FROM_COUNTS, GOOD_IS_LOW, in_print
from study.drawing.style import RUNGS as COLOURS

TOO_SMALL = 1e-9
"""An error that is rounding."""
LINEAR = 1.0
"""Up to here the axis of stacked bars is linear, beyond it logarithmic: rows share it."""
ERROR = "NRMSE (1: as far as the time average)"


def draw_point(run, file):
    """Draw the budget of one point: where the error of MFM and CFM comes from, and what is better.

    Parameters
    ----------
    run : study.store.run_folder.Run
        With its budget.
    file : path or binary file
    """
    budget = run.budget
    sns.set_theme(context="notebook", style="ticks")
    figure = plt.figure(figsize=(12, 5.2), layout="constrained")
    bars, rungs = figure.subplots(1, 2, width_ratios=(1, 1.5))
    tables = [increments(budget, *each, ASSUMPTIONS.values()) for each in CHAINS]
    draw_bars(bars, np.arange(4), [table.iloc[0] for table in tables])
    names = [f"{model}\n{direction(order)}" for order, model in CHAINS]
    bars.set_xticks(np.arange(4), names)
    bars.set(ylabel=ERROR)
    bars.set_title("(a) what each assumption adds: it depends on those\nthat are made before it, "
        "hence two orders", loc="left", fontsize="medium")  # fmt: skip
    shown = budget[budget.order.isin(["forward", UPWARD])].iloc[::-1]
    colours = [COLOURS.get(a, "0.3") if o == "forward" else FROM_COUNTS
        for a, o in zip(shown.assumption, shown.order)]  # fmt: skip
    places = np.arange(len(shown))
    positive = shown.nrmse.where(shown.nrmse > 0)
    floor = positive[positive > TOO_SMALL].min() / 3
    rungs.barh(places, positive.clip(lower=floor).fillna(floor) - floor, left=floor, color=colours)
    for place, nrmse in zip(places, shown.nrmse):
        if np.isfinite(nrmse):
            end = max(nrmse, floor) * 1.1
            rungs.text(end, place, f"{nrmse:.2g}", va="center", fontsize="small")
    rungs.set_xscale("log")
    rungs.set_xlim(right=3 * positive.max())
    gaps = [DIVERGED if DIVERGED in status else "undefined" for status in shown.status]
    labels = [name if np.isfinite(nrmse) else f"{name} ({gap})"
        for name, nrmse, gap in zip(shown.model, shown.nrmse, gaps)]  # fmt: skip
    rungs.set_yticks(np.arange(len(shown)), labels)
    rungs.set(xlabel=ERROR)
    rungs.set_title("(b) error of each rung, and of what counts could give", loc="left",
        fontsize="medium")  # fmt: skip
    handles = [Patch(color=colour, label=in_print(name)) for name, colour in COLOURS.items()]
    handles.append(Patch(color=FROM_COUNTS, label="3r, 3c, 3rc: from population counts"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False,
        fontsize="small")  # fmt: skip
    figure.suptitle(point_label(budget.iloc[0], PLANE), fontsize="medium")
    sns.despine(figure)
    figure.savefig(file, dpi=150, format="png")
    plt.close(figure)


def draw_bars(axes, places, rows, width=0.8):
    """Stack what each assumption adds, positive parts up, negative ones down; a dot is the sum."""
    for place, row in zip(places, rows):
        if row.isna().any():  # of all, where the network's potential is constant
            told = "undefined" if row.isna().all() else DIVERGED
            axes.text(place, 0, told, rotation=90, ha="center", va="bottom", fontsize=7)
            continue
        up = down = 0.0
        for name, value in row.items():
            start = up if value >= 0 else down
            axes.bar(place, value, width, bottom=start, color=COLOURS[name], linewidth=0)
            up, down = (up + value, down) if value >= 0 else (up, down + value)
        axes.plot(place, row.sum(), "o", color="black", markersize=4, zorder=3)
    axes.axhline(0, color="black", linewidth=0.8)


def draw_stacks(budget, model="MFM", order="forward"):
    """Draw a stacked bar per point: one panel per value of the second axis, the first across."""
    x, y = shown_axes(budget)
    table = increments(budget, order, model, ASSUMPTIONS.values()).reset_index().set_index([y, x])
    table = table.drop(columns=[name for name in axes_of(budget) if name in table])
    rows = sorted(table.index.unique(y), reverse=True)
    figure, grid = plt.subplots(len(rows), 1, figsize=(11, 1.9 * len(rows) + 1.4), sharex=True,
        sharey=True, squeeze=False, layout="constrained")  # fmt: skip
    across = np.array(sorted(table.index.unique(x)))
    width = 0.8 * (np.diff(across).min() if len(across) > 1 else 0.05)
    for axes, value in zip(grid[:, 0], rows):
        mine = table.xs(value, level=y)
        draw_bars(axes, mine.index, [row for _, row in mine.iterrows()], width)
        axes.set_ylabel("NRMSE")
        axes.set_title(point_label({y: value}, [y]), loc="left", fontsize="medium")
    axes.set_yscale("symlog", linthresh=LINEAR)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel(axis_label(x))
    handles = [Patch(color=COLOURS[name], label=in_print(name)) for name in table]
    handles.append(plt.Line2D([], [], marker="o", color="black", linestyle="", markersize=4,
        label=f"error of the {model}: the sum"))  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    sns.despine(figure)
    return figure


def draw_costliest(budget, points):
    """Draw which assumption adds most to the error of MFM and of CFM, in both orders.

    The borders are those between the regimes of the network.
    """
    figure = plt.figure(figsize=(10, 7.2), layout="constrained")
    grid = figure.subplots(2, 2).ravel()
    codes, (x, y) = {name: code for code, name in enumerate(COLOURS)}, shown_axes(budget)
    colours, scale = ListedColormap(list(COLOURS.values())), Normalize(-0.5, len(codes) - 0.5)
    occur, labels = set(), regimes(points)
    for number, (axes, (order, model)) in enumerate(zip(grid, CHAINS)):
        table = increments(budget, order, model, ASSUMPTIONS.values())
        dearest = costliest(table).reindex(table.index)
        occur |= set(dearest.dropna())
        last = chain(budget, order, model)
        last = last[last.model == model].set_index([y, x]).status.unstack(x)
        found = dearest.map(codes.get, na_action="ignore").rename("code").reset_index()
        found = found.set_index([y, x]).code.unstack(x)
        draw_cells(axes, found, last.reindex_like(found), scale, colours, "nrmse")
        borders = draw_borders(axes, labels, **BORDER)
        title = f"({chr(97 + number)}) {model}, {IN_WORDS[direction(order)]}"
        axes.set_title(title, loc="left", fontsize="medium")
    handles = [Patch(facecolor=colour, label=in_print(name)) for name, colour in COLOURS.items()
        if name in occur]  # fmt: skip
    if borders:
        handles.append(plt.Line2D([], [], **BORDER, label="border between regimes"))
    figure.legend(handles=[*handles, *hatch_handles(figure)], loc="outside lower center", ncols=3,
        frameon=False, title="the assumption that costs most NRMSE")  # fmt: skip
    return figure


def draw_upward(budget):
    """Draw the NRMSE of MFM, factorised model, 3r, 3c and 3rc on one scale, and 3rc against MFM."""
    names = ("MFM", "factorised", "3r", "3c", "3rc")
    x, y = shown_axes(budget)
    rungs = budget[budget.order.isin(["forward", UPWARD])].set_index([y, x])
    tables = [rungs[rungs.model == name].nrmse.unstack(x) for name in names]
    statuses = [rungs[rungs.model == name].status.unstack(x) for name in names]
    figure = plt.figure(figsize=(13.5, 6.6), layout="constrained")
    grid = figure.subplots(2, 3).ravel()
    scale = shared_scale(tables, "log")
    for axes, table, status, name, letter in zip(grid, tables, statuses, names, "abcde"):
        mesh = draw_map(axes, table, status, scale, GOOD_IS_LOW, "nrmse")
        axes.set_title(f"({letter}) {name}", loc="left", fontsize="medium")
    bar = figure.colorbar(mesh, ax=list(grid[3:5]), location="bottom", label=ERROR, aspect=40)
    label_levels(bar, scale)
    ratio = tables[-1] / tables[0]
    scale = shared_scale([ratio], "log")
    mesh = draw_map(grid[5], ratio, statuses[0], scale, GOOD_IS_LOW, "nrmse")
    grid[5].set_title("(f) 3rc against MFM", loc="left", fontsize="medium")
    bar = figure.colorbar(mesh, ax=grid[5], location="bottom", label="NRMSE of 3rc by that of MFM")
    label_levels(bar, scale)
    figure.legend(handles=hatch_handles(figure), loc="outside lower right", frameon=False)
    figure.suptitle("3r: the factorised model with reset and refractoriness from population spike "
        "counts; 3c: with two populations; 3rc: both", fontsize="medium")  # fmt: skip
    return figure
