"""Maps over two axes, p and lambda by default: coloured cells, boundaries, hatches."""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize, SymLogNorm
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from analysis.arguments import ROUNDING
from analysis.axes import axis_label, shown_axes
from analysis.measures import BY_NAME, CORRELATIONS
from analysis.statuses import (
    AT_EDGE,
    CONSTANT,
    DIVERGED,
    FAILED,
    LOCKSTEP,
    MISSING,
    NOT_STATIONARY,
    SILENT,
    TWO_LAGS,
    UNPHYSICAL,
)
from study.drawing.style import NEUTRAL

LOG_FROM = 10.0  # a range of more than this factor gets a logarithmic scale
DECADES = 4.0  # the most that a logarithmic scale shows; what is smaller has the lowest colour
SYMLOG_FROM = 5.0  # largest over median lag from which the scale is linear around zero only
ALONE = 0.05  # from a single grid value to the edges of its cell
FEW = 7  # up to so many grid values each has its own tick
CONTOURED = 9  # a map with fewer rows or columns has no contours: they would be invented

HATCHES = {
    "missing or failed": "////",
    DIVERGED: "xxxx",
    NOT_STATIONARY: "\\\\\\\\",
    UNPHYSICAL: "++++",
    AT_EDGE: "----",
    TWO_LAGS: "||||",
    LOCKSTEP: "oo",
    CONSTANT: "OO",
    SILENT: "..",
    "undefined": "....",
}
"""Of each state of a cell, the first that holds."""
OF_LAGS = (AT_EDGE, TWO_LAGS)
"""States that say nothing of other measures than lag and correlation."""
GAP = "0.93"  # the colour of a cell without a value, under its hatch


def plane(points, model, column):
    """Arrange a column of one model over the two axes that vary: a table, the first one across."""
    x, y = shown_axes(points)
    mine = points[points.model == model].set_index([y, x])[column]
    across, down = (pd.Index(np.sort(points[name].unique()), name=name) for name in (x, y))
    return mine.unstack(x).reindex(index=down, columns=across)


def cell_edges(centres):
    """Return the edges of the cells around grid values: midway, and the grid's own ends.

    So a map ends where the grid does. Around a single value they are `ALONE` off.
    """
    centres = np.asarray(centres, float)
    if centres.size == 1:
        return centres[0] + np.array([-ALONE, ALONE])
    return np.concatenate([centres[:1], (centres[1:] + centres[:-1]) / 2, centres[-1:]])


def shared_scale(tables, kind):
    """Choose the colour scale that several maps share.

    Parameters
    ----------
    tables : list of DataFrame
    kind : {"linear", "unit", "log", "centred"}
        From the smallest to the largest value; from 0 (or below) to 1; logarithmic where the
        values span more than a factor `LOG_FROM`; symmetric around 0, and logarithmic away from
        it where the largest is far from the usual.

    Returns
    -------
    matplotlib.colors.Normalize
    """
    values = np.concatenate([np.asarray(table, float).ravel() for table in tables])
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Normalize(-1, 1) if kind == "centred" else Normalize(0, 1)
    low, high = values.min(), values.max()
    if kind == "unit":
        return Normalize(min(low, 0), max(high, 1))
    if kind == "centred":
        size = np.abs(values)
        limit = size.max() or 1.0
        usual = max(np.median(size), 1.0)
        if limit > SYMLOG_FROM * usual:
            return SymLogNorm(usual, vmin=-limit, vmax=limit, base=10)
        return Normalize(-limit, limit)
    if kind == "log" and high > 0:
        low_positive = max(values[values > 0].min(), high / 10**DECADES)
        if high > LOG_FROM * low_positive:
            return LogNorm(low_positive, high)
    return Normalize(low, high if high > low else low + 1)


def label_levels(bar, scale):
    """Put the ticks of a colour bar at the levels of its scale, as plain numbers."""
    bar.set_ticks(levels(scale), labels=[f"{level:,g}" for level in levels(scale)])
    bar.minorticks_off()


def levels(scale):
    """Return round values inside a scale, for contours and for the ticks of its colour bar."""
    if isinstance(scale, LogNorm | SymLogNorm):
        decades = 10.0 ** np.arange(-6, 7)
        wide = np.log10(scale.vmax / scale.vmin) > 2.5 if isinstance(scale, LogNorm) else True
        found = np.outer(decades, (1, 3) if wide else (1, 2, 5)).ravel()
        if isinstance(scale, SymLogNorm):
            found = found[found >= scale.linthresh]
            found = np.concatenate([-found[::-1], [0], found])
    else:
        found = MaxNLocator(6).tick_values(scale.vmin, scale.vmax)
    margin = ROUNDING * (scale.vmax - scale.vmin)
    return found[(found >= scale.vmin - margin) & (found <= scale.vmax + margin)]


def draw_map(axes, values, status, scale, colours=NEUTRAL, column=""):
    """Draw one measure over the plane: cells, hatches, contours on a fine grid.

    Parameters
    ----------
    axes : Axes
    values, status : DataFrame
        `plane` of the measure and of `status`.
    scale : matplotlib.colors.Normalize
    colours : str
        Name of the colour map.
    column : str
        The measure: statuses that do not concern it are not hatched.

    Returns
    -------
    QuadMesh
    """
    mesh = draw_cells(axes, values, status, scale, colours, column)
    found = np.ma.masked_invalid(np.asarray(values, float))
    if min(values.shape) >= CONTOURED and found.count():
        inside = levels(scale)
        inside = inside[(inside > found.min()) & (inside < found.max())]
        if inside.size:
            axes.contour(values.columns, values.index, found, levels=inside, colors="0.35",
                linestyles="solid", linewidths=0.7)
    return mesh


def draw_cells(axes, values, status, scale, colours, column=""):
    """Draw the coloured and the hatched cells of a map and label its axes."""
    x, y = cell_edges(values.columns), cell_edges(values.index)
    found = np.ma.masked_invalid(np.asarray(values, float))
    shown = np.ma.maximum(found, scale.vmin)  # a logarithm has no colour for zero
    mesh = axes.pcolormesh(x, y, shown, norm=scale, cmap=colours)
    mesh.set_edgecolor("face")  # no hairlines between the cells of an SVG
    _hatch(axes, x, y, found, status, mesh, column)
    across, down = (axis_label(index.name) for index in (values.columns, values.index))
    axes.set(xlabel=across, ylabel=down, xlim=x[[0, -1]], ylim=y[[0, -1]])
    for axis, grid in ((axes.xaxis, values.columns), (axes.yaxis, values.index)):
        if len(grid) <= FEW:
            axis.set_major_locator(FixedLocator(np.asarray(grid, float)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return mesh


def cell_state(value, status, column=""):
    """Say what is to be known of a cell: a key of HATCHES, or None.

    Parameters
    ----------
    value : float
        NaN or masked where there is none.
    status : str
        Empty or NaN where the point has no row.
    column : str
        The measure.
    """
    words = status if isinstance(status, str) and status else MISSING
    if MISSING in words or FAILED in words:
        return "missing or failed"
    lagged = not column or BY_NAME[column].over_trials == CORRELATIONS
    empty = np.ma.is_masked(value) or pd.isna(value)
    for state in list(HATCHES)[1:-1]:
        silent = state in (SILENT, CONSTANT) and not empty
        if state in words and not silent and (lagged or state not in OF_LAGS):
            return state
    return "undefined" if empty else None


def _hatch(axes, x, y, found, status, mesh, column):
    """Hatch the cells without a value, and those where it means something else."""
    for row, across in np.ndindex(found.shape):
        value = found[row, across]
        words = status.iat[row, across]
        state = cell_state(value, words, column)
        if state is None:
            continue
        empty = value is np.ma.masked
        some = f"{state} (" in str(words) or not (empty or state in str(words))
        edge = "0.35"
        if not empty:
            red, green, blue, _ = mesh.to_rgba(value)
            edge = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.45 else "white"
        axes.add_patch(
            Rectangle(
                (x[across], y[row]), x[across + 1] - x[across], y[row + 1] - y[row],
                facecolor=GAP if empty else "none", edgecolor=edge, linewidth=0,
                hatch=HATCHES[state], label=f"{state} in some trials" if some else state,
            )
        )


def hatch_handles(figure):
    """Return one legend handle for each kind of hatched cell in a figure."""
    handles = {}
    for axes in figure.get_axes():
        for patch in axes.patches:
            if patch.get_hatch():
                label = patch.get_label()
                colour = GAP if patch.get_facecolor()[3] else "white"
                handles[label] = Patch(facecolor=colour, edgecolor="0.2", linewidth=0,
                    hatch=patch.get_hatch(), label=label)
    return [handles[label] for label in sorted(handles)]


def draw_borders(axes, labels, **style):
    """Draw lines along the edges between neighbouring cells with different labels.

    Cells without a label (NaN, None) have no border: nothing is known there.

    Returns
    -------
    int
        The number of straight lines.
    """
    x, y = cell_edges(labels.columns), cell_edges(labels.index)
    codes = pd.factorize(np.asarray(labels, object).ravel())[0].reshape(labels.shape)
    lines = [[(x[c], y[a]), (x[c], y[b])] for c, a, b in _runs(codes)]
    lines += [[(x[a], y[r]), (x[b], y[r])] for r, a, b in _runs(codes.T)]
    axes.add_collection(LineCollection(lines, zorder=4, **style))
    return len(lines)


def _runs(codes):
    """Yield (column, first row, last row + 1) of each run of borders left of a column."""
    for column in range(1, codes.shape[1]):
        left, right = codes[:, column - 1], codes[:, column]
        border = (left != right) & (left >= 0) & (right >= 0)
        steps = np.flatnonzero(np.diff(np.concatenate([[0], border.astype(int), [0]])))
        for first, last in steps.reshape(-1, 2):
            yield column, first, last
