"""Small multiples: one measure over two axes, a panel for each value of the others and model."""

import matplotlib.pyplot as plt

from analysis.axes import point_label, shown_axes, varied
from analysis.measures import BY_NAME, NETWORK
from study.drawing.maps import draw_map, hatch_handles, label_levels, plane, shared_scale
from study.drawing.panels import PANEL
from study.drawing.style import map_colours

MOST_COLUMNS = 6
"""So many values of the other axes have a column; of more, evenly spaced ones."""


def draw_multiples(points, column):
    """Draw a measure over the first two axes that vary, for values of the others.

    Parameters
    ----------
    points : DataFrame
        Of a sweep with three axes or more.
    column : str
        A measure that has a map.

    Returns
    -------
    Figure
        A row per model that has the measure, a column per value of the other axes, or combination.
    """
    measure = BY_NAME[column]
    others = [name for name in varied(points) if name not in shown_axes(points)]
    groups = list(points.groupby(others, sort=True))
    step = -(-len(groups) // MOST_COLUMNS)
    groups = groups[::step]
    models = [m for m in points.model.unique() if points[column][points.model == m].notna().any()]
    models = models or [NETWORK]
    size = (0.7 * PANEL[0] * len(groups) + 1, 0.9 * PANEL[1] * len(models) + 1.6)
    figure = plt.figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(models), len(groups), squeeze=False, sharex=True, sharey=True)
    tables = {(r, c): plane(group, model, column)
        for r, model in enumerate(models) for c, (_, group) in enumerate(groups)}  # fmt: skip
    scale = shared_scale(list(tables.values()), measure.scale)
    for (row, across), table in tables.items():
        axes, group = grid[row, across], groups[across][1]
        status = plane(group, models[row], "status")
        mesh = draw_map(axes, table, status, scale, map_colours(measure), column)
        axes.set_title(f"{models[row]}, {point_label(group.iloc[0], others)}", loc="left",
            fontsize="small")  # fmt: skip
        axes.label_outer()
    bar = figure.colorbar(mesh, ax=grid.ravel().tolist(), location="bottom", aspect=40, pad=0.03,
        label=f"{measure.title}: {measure.label}")  # fmt: skip
    label_levels(bar, scale)
    if handles := hatch_handles(figure):
        figure.legend(handles=handles, loc="outside lower right", frameon=False, fontsize="small")
    return figure
