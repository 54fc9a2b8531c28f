"""The figures that are made of maps: regimes, frequencies, distances, lags, overview."""

import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from analysis.axes import fixed_label
from analysis.measures import BY_NAME, NETWORK
from analysis.regimes import REGIMES
from study.drawing.maps import (
    draw_borders,
    draw_cells,
    draw_map,
    hatch_handles,
    label_levels,
    plane,
    shared_scale,
)
from study.drawing.style import REGIMES as REGIME_COLOURS
from study.drawing.style import map_colours

ALPHA = 0.01
HALO = [withStroke(linewidth=3.4, foreground="white")]
BOUNDARIES = (
    {"color": "#d7000f", "linestyle": (0, (3, 1.5)), "linewidth": 2, "path_effects": HALO},
    {"color": "#d7000f", "linestyle": (0, (1, 1)), "linewidth": 2, "path_effects": HALO},
)
"""Of the first and of the second test of a measure."""
BORDER = {"color": "black", "linewidth": 1.8, "path_effects": HALO}
PANEL = (4.4, 2.6)  # width and height of a map in inches


def model_names(points):
    """Return the names of the mass models, in the order of the table."""
    return [model for model in points.model.unique() if model != NETWORK]


def regimes(points):
    """Arrange the labels of the regimes over the grid."""
    return plane(points, NETWORK, "regime")


def draw_regimes(points):
    """Draw regime, Spike-contrast and rate of the network."""
    figure = _figure(1, 3)
    grid = figure.subplots(1, 3)
    _draw_network(figure, grid, points, ("spike_contrast", "rate_Hz"))
    _legends(figure, _border_handles(points))
    return figure


def draw_medians(points):
    """Draw the median frequency of the network and of every mass model, on one colour scale."""
    models = [NETWORK, *model_names(points)]
    columns = min(len(models), 3)
    rows = -(-len(models) // columns)
    figure = _figure(rows, columns)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for unused in grid[len(models):]:
        unused.remove()
    grid = grid[: len(models)]
    _draw_panels(figure, grid, points, models, "median_frequency_Hz", columns)
    _number(grid, models)
    _legends(figure)
    return figure


def draw_compared(points, columns):
    """Draw measures of how far each mass model is from the network: one row per model.

    Where a measure has p-values, the cells on their two sides are parted by red lines.
    """
    models = model_names(points)
    figure = _figure(len(models), len(columns), width=1.25)
    grid = figure.subplots(len(models), len(columns), squeeze=False)
    _legends(figure, _draw_models(figure, grid, points, columns))
    return figure


def draw_overview(points):
    """Draw the page that shows the most: the network above, the mass models below."""
    models = model_names(points)
    columns = ("spectral_distance", "rho", "nrmse")
    figure = _figure(len(models) + 1.4, 3)
    grid = figure.subplots(len(models) + 1, 3)
    _draw_network(figure, grid[0], points, ("rate_Hz", "rhythm_Hz"))
    drawn = _draw_models(figure, grid[1:], points, columns, first=3)
    _legends(figure, [*_border_handles(points), *drawn])
    return figure


def draw_one(points, column, model):
    """Draw one measure of one model over the plane."""
    figure = _figure(1, 1, width=1.4)
    axes = figure.subplots()
    drawn = _draw_panels(figure, [axes], points, [model], column)
    where = fixed_label(points)
    title = f"{model}: {BY_NAME[column].title}" + f", {where}" * bool(where)
    axes.set_title(title, loc="left")
    _legends(figure, drawn)
    return figure


def _figure(rows, columns, width=1.0):
    """Open a figure with room for so many maps, their colour bars and legends."""
    size = (PANEL[0] * columns * width, PANEL[1] * rows + 1.7)
    return plt.figure(figsize=size, layout="constrained")


def _number(panels, titles, first=0):
    """Give each panel its letter and title."""
    for number, (axes, title) in enumerate(zip(panels, titles)):
        axes.set_title(f"({chr(97 + first + number)}) {title}", loc="left")


def _draw_network(figure, panels, points, columns):
    """Draw the regime map, then measures of the network with the borders of the regimes."""
    draw_regime_map(panels[0], points)
    for axes, column in zip(panels[1:], columns):
        _draw_panels(figure, [axes], points, [NETWORK], column)
        draw_borders(axes, regimes(points), **BORDER)
    titles = ("regime", *(BY_NAME[column].title for column in columns))
    _number(panels, [f"{NETWORK}: {title}" for title in titles])


def _draw_models(figure, grid, points, columns, first=0):
    """Draw one row of maps per mass model, one column and colour bar per measure.

    Returns the legend handles of the boundaries that were drawn.
    """
    models, handles = model_names(points), []
    for axes, column in zip(grid.T, columns):
        handles += _draw_panels(figure, axes, points, models, column)
    titles = [f"{model}: {BY_NAME[column].title}" for model in models for column in columns]
    _number(grid.ravel(), titles, first)
    return handles


def _draw_panels(figure, panels, points, models, column, across=1):
    """Draw one measure of several models on one colour scale, with a bar below `across` columns.

    Returns the legend handles of the boundaries that were drawn.
    """
    measure = BY_NAME[column]
    tables = [plane(points, model, column) for model in models]
    scale, drawn = shared_scale(tables, measure.scale), {}
    for axes, model, table in zip(panels, models, tables):
        status = plane(points, model, "status")
        mesh = draw_map(axes, table, status, scale, map_colours(measure), column)
        for test, style in zip(measure.tested_by, BOUNDARIES):
            pvalues = plane(points, model, test)
            if column == "rho":  # a negative maximum is no agreement, however significant
                pvalues = pvalues.mask(table <= 0, 1.0)
            if draw_boundary(axes, pvalues, style, test == measure.tested_by[0]):
                told = BY_NAME[test]
                label = f"α = {ALPHA:g}, {told.label.removesuffix(': p')}; {told.beyond}"
                drawn[test] = plt.Line2D([], [], **style, label=label)
    label = measure.label
    if column == "spectral_distance" and (trials := points.trials.max()) > 0:
        label += f"\ntwo independent networks: {1 / (2 * trials + 1):.2g}"
    below = any((table < scale.vmin).any(axis=None) for table in tables)
    bar = figure.colorbar(mesh, ax=list(panels), location="bottom", label=label,
        extend="min" if below else "neither", pad=0.03, aspect=30 * across)
    label_levels(bar, scale)
    return list(drawn.values())


def draw_boundary(axes, pvalues, style=BOUNDARIES[0], noted=True):
    """Part the cells with p < ALPHA from the others by a line; note on the map if there is none.

    Returns whether there is one.
    """
    pvalues = pvalues.astype(float)
    labels = (pvalues < ALPHA).astype(float).where(pvalues.notna())
    if draw_borders(axes, labels, **style):
        return True
    if pvalues.isna().all(axis=None):
        note = "p not available"
    else:
        sign = "<" if (labels == 1).any(axis=None) else "≥"
        note = f"p {sign} {ALPHA:g} everywhere"
    if noted:
        axes.text(0.985, 0.95, note, transform=axes.transAxes, ha="right", va="top", zorder=5,
            fontsize="small", color=style["color"],
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2})
    return False


def draw_regime_map(axes, points):
    """Draw the regime of every point, with a legend of the names below."""
    labels, status = regimes(points), plane(points, NETWORK, "status")
    codes = labels.map({name: code for code, name in enumerate(REGIMES)}.get, na_action="ignore")
    colours = ListedColormap(list(REGIME_COLOURS.values()))
    draw_cells(axes, codes, status, Normalize(-0.5, len(REGIMES) - 0.5), colours)
    draw_borders(axes, labels, **BORDER)
    handles = [
        Patch(facecolor=colour, edgecolor="black", linewidth=0.8, label=name)
        for name, colour in REGIME_COLOURS.items()
        if (labels == name).any(axis=None)
    ]
    names = axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), frameon=False,
        fontsize="small", borderaxespad=4, handlelength=1.2, labelspacing=0.2)
    names.set_in_layout(False)  # it takes the place that the colour bars of the row leave


def _border_handles(points):
    """Return the legend handle of the borders between regimes, if there are any."""
    several = regimes(points).stack().nunique() > 1
    return [plt.Line2D([], [], **BORDER, label="border between regimes")] * several


def _legends(figure, lines=()):
    """Put the legends below a figure: of lines to the left, of hatches to the right."""
    for handles, side in ((lines, "left"), (hatch_handles(figure), "right")):
        if handles:
            figure.legend(handles=handles, loc=f"outside lower {side}", frameon=False,
                fontsize="small", labelspacing=0.3)
