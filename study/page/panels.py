"""The plots of the page: empty Bokeh figures whose sources the page's script fills."""

from bokeh.embed import json_item
from bokeh.events import Tap
from bokeh.models import (
    BoxAnnotation,
    ColorBar,
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    HoverTool,
    Legend,
    LegendItem,
    LinearColorMapper,
    Range1d,
)
from bokeh.plotting import figure

from study.drawing.maps import HATCHES

LINE = ("#333333", "#ffffff")
INKS = ("#000000", "#ffffff")
"""Of hatches, whichever stands out."""
PATTERNS = {
    state: {"OO": "*", "....": ":"}.get(hatch, hatch[0]) for state, hatch in HATCHES.items()
}
"""What Bokeh calls the hatch of each state of a cell."""
OF_A_CELL = ("trials", "traces", "spectra", "correlation", "spikes", "budget")
"""The panels of a selected cell, in their order."""
MAPS, SLICES = ("map_a", "map_b", "map_d"), ("slice_x", "slice_y")
PINNED = "_pinned"


def items():
    """Return the JSON of every plot by its name, as Bokeh.embed.embed_item takes it."""
    plots = {name: _map(name) for name in MAPS}
    plots |= {name: _slice(name) for name in SLICES}
    for suffix in ("", PINNED):
        plots |= {f"{name}{suffix}": _of_a_cell(name, f"{name}{suffix}") for name in OF_A_CELL}
    return {name: json_item(plot, name) for name, plot in plots.items()}


def _plot(name, height=260, **options):
    """Make an empty figure without tools: the page has buttons of its own."""
    plot = figure(
        name=name, height=height, sizing_mode="stretch_width", toolbar_location=None, tools="",
        min_border_right=12, background_fill_color="#ffffff", border_fill_color="#ffffff",
        outline_line_color="#888888", **options,
    )  # fmt: skip
    plot.title.text_font_size = "12px"
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = axis.major_label_text_color = "#222222"
    plot.grid.grid_line_color = "#e5e5e5"
    return plot


def _ranges():
    return {"x_range": Range1d(0, 1), "y_range": Range1d(0, 1)}


def _source(name, *columns):
    return ColumnDataSource({column: [] for column in columns}, name=name)


def _map(name):
    """Make a map: cells, hatches, borders of regimes, the selected and the pinned cell."""
    plot = _plot(name, 300, **_ranges())
    plot.grid.visible = False
    box = ("x", "y", "width", "height")
    cells = _source(f"{name}.cells", *box, "colour", "label")
    drawn = plot.rect(*box, source=cells, fill_color="colour", line_color=None, dilate=True)
    for ink in INKS:  # one renderer each: a hatch of its own costs a cell milliseconds
        for pattern in PATTERNS.values():
            hatched = _source(f"{name}.hatched.{ink}{pattern}", *box)
            plot.rect(*box, source=hatched, fill_color=None, line_color=None, hatch_scale=9,
                hatch_pattern=pattern, hatch_color=ink, hatch_weight=1)  # fmt: skip
    lines = _source(f"{name}.borders", "x0", "y0", "x1", "y1")
    plot.segment("x0", "y0", "x1", "y1", source=lines, line_color="#000000", line_width=2)
    for mark, dash, colours in (
        ("pinned", "dashed", LINE), ("chosen", "solid", ("#000000", "#ffd400"))
    ):  # fmt: skip
        source = _source(f"{name}.{mark}", *box)
        for width, colour in ((5, colours[0]), (2, colours[1])):
            plot.rect(*box, source=source, fill_color=None, line_color=colour, line_width=width,
                line_dash=dash if width == 2 else "solid")  # fmt: skip
    plot.add_tools(HoverTool(renderers=[drawn], tooltips="@label", attachment="vertical"))
    palette = ["#ffffff", "#000000"]
    mapper = LinearColorMapper(palette=palette, low=0, high=1, name=f"{name}.colours")
    bar = ColorBar(
        color_mapper=mapper, ticker=FixedTicker(ticks=[], name=f"{name}.ticks"), width=12,
        name=f"{name}.bar", bar_line_color="#888888", major_label_text_color="#222222",
    )  # fmt: skip
    plot.add_layout(bar, "right")
    tell = CustomJS(args={"name": name}, code="window.explorer.tapped(name, cb_obj.x, cb_obj.y)")
    plot.js_on_event(Tap, tell)
    return plot


def _lines(plot, name, source="lines"):
    """Add lines of several models with a legend above them."""
    lines = _source(f"{name}.{source}", "xs", "ys", "colour", "dash", "model")
    drawn = plot.multi_line("xs", "ys", source=lines, line_color="colour", line_dash="dash",
        line_width=1.5)  # fmt: skip
    item = LegendItem(label={"field": "model"}, renderers=[drawn])
    legend = Legend(items=[item], orientation="horizontal", name=f"{name}.legend", padding=2,
        margin=0, border_line_color=None, label_text_font_size="11px", glyph_width=16,
        spacing=8, ncols=3)  # fmt: skip
    plot.add_layout(legend, "above")


def _upright(plot, name):
    """Add vertical lines from the bottom to the top, as segments of a source."""
    marks = _source(f"{name}.marks", "x", "y0", "y1", "colour")
    plot.segment("x", "y0", "x", "y1", source=marks, line_color="colour", line_width=1,
        line_dash="dashed")  # fmt: skip


def _slice(name):
    """Make the panel of a measure along one axis, every model with its interval."""
    plot = _plot(name, 240, **_ranges())
    _lines(plot, name)
    intervals = _source(f"{name}.intervals", "x", "low", "high", "colour")
    plot.segment("x", "low", "x", "high", source=intervals, line_color="colour", line_width=2)
    dots = _source(f"{name}.dots", "x", "y", "colour")
    plot.scatter("x", "y", source=dots, color="colour", size=5)
    _upright(plot, name)
    return plot


def _of_a_cell(kind, name):
    """Make one of the panels of a selected cell."""
    if kind == "spectra":
        plot = _plot(name, x_axis_type="log", y_axis_type="log", **_ranges())
        plot.axis[0].axis_label, plot.axis[1].axis_label = "frequency (Hz)", "power (mV²/Hz)"
        _lines(plot, name)
        return plot
    plot = _plot(name, **_ranges())
    if kind == "traces":
        plot.axis[0].axis_label, plot.axis[1].axis_label = "time (ms)", "mean potential (mV)"
        _lines(plot, name)
    elif kind == "correlation":
        plot.axis[0].axis_label, plot.axis[1].axis_label = "lag (ms)", "correlation with LIF"
        _lines(plot, name)
        _upright(plot, name)
    elif kind == "trials":
        intervals = _source(f"{name}.intervals", "x", "low", "high", "colour")
        plot.segment("x", "low", "x", "high", source=intervals, line_color="colour", line_width=3)
        dots = _source(f"{name}.dots", "x", "y", "colour", "label")
        drawn = plot.scatter("x", "y", source=dots, color="colour", fill_alpha=0.35, size=7)
        means = _source(f"{name}.means", "x", "y", "colour")
        plot.scatter("x", "y", source=means, color="colour", marker="dash", size=24, line_width=3)
        plot.add_tools(HoverTool(renderers=[drawn], tooltips="@label"))
        plot.xaxis.ticker = FixedTicker(ticks=[], name=f"{name}.ticks")
        plot.xaxis.name = f"{name}.models"
        plot.xgrid.visible = False
    elif kind == "spikes":
        plot.axis[0].axis_label, plot.axis[1].axis_label = "time (ms)", "neuron"
        _lines(plot, name)
        dots = _source(f"{name}.dots", "x", "y", "colour")
        plot.scatter("x", "y", source=dots, color="colour", size=2.5)
    else:
        plot.axis[0].axis_label, plot.axis[1].axis_label = "", "assumption, see the table"
        bars = _source(f"{name}.bars", "y", "left", "right", "colour", "label")
        drawn = plot.hbar("y", 0.7, "right", left="left", source=bars, color="colour",
            line_color="#333333", line_width=0.5)  # fmt: skip
        plot.add_tools(HoverTool(renderers=[drawn], tooltips="@label"))
        plot.add_layout(BoxAnnotation(fill_color="#eef2f6", fill_alpha=1, level="underlay",
            name=f"{name}.second"))  # fmt: skip
        plot.yaxis.ticker = FixedTicker(ticks=[], name=f"{name}.ticks")
        plot.yaxis.name = f"{name}.steps"
        plot.ygrid.visible = False
    return plot
