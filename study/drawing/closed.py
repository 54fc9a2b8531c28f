"""The figures of closed models: predicted against network, over the plane and in cuts along p."""


import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.axes import axis_label, point_label, shown_axes
from analysis.measures import NETWORK
from study.drawing.maps import draw_borders, draw_cells, hatch_handles, plane
from study.drawing.panels import BORDER, PANEL
from study.drawing.pictures import png
from study.drawing.style import EXCITATORY, INHIBITORY, logarithmic_bins, model_colours

RATIOS = {
    "rate_ratio": "rate",
    "frequency_ratio": "median frequency",
    "std_ratio": "s.d. of V",
}
WIDEST = 2.0
"""The largest power of two of a ratio that has a colour of its own."""
AROUND = 15.0
"""How far around what the network does a cut reaches, as a factor."""
EXAMPLE_MS = 500.0
"""How much of the end of an example is shown."""
WINDOW_MS, SMOOTH_STEPS = 1000.0, 20
"""How much of the end of a prediction is shown, and over how many steps its rates are averaged."""
CUT = {
    "rate_Hz": "rate (Hz)",
    "median_frequency_Hz": "median frequency (Hz)",
    "std_mV": "s.d. of V (mV)",
}
THEIR_BORDER = {**BORDER, "color": "#d7000f", "linestyle": (0, (3, 1.5))}


def draw_closed(table, points, shown):
    """Draw all figures of closed models.

    Parameters
    ----------
    table : DataFrame
        `study.predict.compared`.
    points : DataFrame
        Of the study that is the judge.
    shown : list of (str, dict)
        Title of each example, and by model its times in ms and its potential in mV.

    Returns
    -------
    dict of bytes
        The content of each file, by its name.
    """
    sns.set_theme(context="notebook", style="ticks", rc={"axes.titlesize": "medium"})
    files = {}
    for name, figure in (
        ("closed_ratios.png", draw_ratios(table, points)),
        ("closed_cuts.png", draw_cuts(table, points)),
        ("closed_examples.png", draw_examples(shown)),
    ):
        files[name] = png(figure)
    return files


def draw_ratios(table, points):
    """Draw predicted over measured, a row per model, with the borders of both's regimes."""
    models = list(table.model.unique())
    size = (PANEL[0] * len(RATIOS), PANEL[1] * len(models) + 1.7)
    figure = plt.figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(models), len(RATIOS), squeeze=False)
    scale = Normalize(-WIDEST, WIDEST)
    network = plane(points, NETWORK, "regime")
    for row, model in zip(grid, models):
        own = plane(table, model, "regime").reindex_like(network)
        status = plane(table, model, "status").reindex_like(network)
        for axes, (column, title) in zip(row, RATIOS.items()):
            with np.errstate(divide="ignore"):  # a model that is silent
                values = np.log2(plane(table, model, column).astype(float).reindex_like(network))
            mesh = draw_cells(axes, values.clip(-WIDEST, WIDEST), status, scale, "RdBu_r")
            draw_borders(axes, network, **BORDER)
            draw_borders(axes, own, **THEIR_BORDER)
            axes.set_title(f"{model}: {title}", loc="left")
    bar = figure.colorbar(mesh, ax=list(grid[-1]), location="bottom", aspect=60, pad=0.03,
        extend="both", label="predicted / network")  # fmt: skip
    ticks = np.arange(-WIDEST, WIDEST + 0.5)
    bar.set_ticks(ticks, labels=[f"{2.0**tick:g}" for tick in ticks])
    handles = [
        plt.Line2D([], [], **BORDER, label="border between regimes: network"),
        plt.Line2D([], [], **THEIR_BORDER, label="model"),
    ]
    figure.legend(handles=[*handles, *hatch_handles(figure)], loc="outside lower left", ncols=4,
        frameon=False, fontsize="small")  # fmt: skip
    return figure


def draw_cuts(table, points):
    """Draw measures along the first axis, a row per value of the second: network and models."""
    x, y = shown_axes(points)
    rows, models = sorted(points[y].unique(), reverse=True), list(table.model.unique())
    colours = model_colours([NETWORK, *models])
    figure = plt.figure(figsize=(4.6 * len(CUT), 2 * len(rows) + 1), layout="constrained")
    grid = figure.subplots(len(rows), len(CUT), squeeze=False, sharex=True, sharey="col")
    for row, value in zip(grid, rows):
        network = points[(points.model == NETWORK) & (points[y] == value)].sort_values(x)
        for axes, column in zip(row, CUT):
            for model in models:
                mine = table[(table.model == model) & (table[y] == value)].sort_values(x)
                axes.plot(mine[x], mine[column], color=colours[model], linewidth=1.4)
            low, high = (network.get(f"{column}_{end}") for end in ("low", "high"))
            if low is not None:
                axes.vlines(network[x], low, high, color=colours[NETWORK], linewidth=1)
            axes.plot(network[x], network[column], "o", color=colours[NETWORK], markersize=3.5)
            axes.set_yscale("log")
            measured = points[column][(points.model == NETWORK) & (points[column] > 0)]
            if len(measured):
                axes.set_ylim(measured.min() / AROUND, measured.max() * AROUND)
            axes.yaxis.set_major_locator(LogLocator(numticks=12))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.set_title(point_label({y: value}, [y]), loc="left", fontsize="small")
            axes.set_ylabel(CUT[column])
    for axes in grid[-1]:
        axes.set_xlabel(axis_label(x))
    handles = [plt.Line2D([], [], color=colours[m], label=m) for m in models]
    handles.insert(0, plt.Line2D([], [], color=colours[NETWORK], marker="o", linestyle="",
        markersize=4, label="network, with the interval over trials"))  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    sns.despine(figure)
    return figure


def draw_examples(shown):
    """Draw the end of the potentials of some points: network above, each model below.

    The noise of network and models is not the same: what is to be compared is the kind of movement.
    """
    rows = len(shown)
    figure = plt.figure(figsize=(11, 2.3 * rows + 0.8), layout="constrained")
    grid = figure.subplots(rows, 1, squeeze=False)[:, 0]
    for axes, (title, potentials) in zip(grid, shown):
        colours = model_colours(potentials)
        for model, (t_ms, V_mV) in potentials.items():
            axes.plot(t_ms - t_ms[-1], V_mV, color=colours[model], linewidth=1.1)
        axes.set_title(title, loc="left", fontsize="small")
        axes.set(ylabel="Mean potential (mV)", xlim=(-EXAMPLE_MS, 0))
    grid[-1].set_xlabel("Time before the end (ms)")
    handles = [plt.Line2D([], [], color=colours[m], label=m) for m in potentials]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    sns.despine(figure)
    return figure


def draw_prediction(arrays):
    """Draw what a closed model says of one point.

    Parameters
    ----------
    arrays : xarray.Dataset
        `study.results.Prediction.to_xarray`.
    """
    figure = plt.figure(figsize=(11, 6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.7, 1))
    potential, rate = left.subplots(2, 1, sharex=True)
    late = arrays.isel(time=arrays.time > arrays.time[-1] - WINDOW_MS)
    potential.plot(late.time, late.V, color="black", linewidth=1.1)
    potential.set(ylabel="Mean potential (mV)")
    for kind, colour in (("exc", EXCITATORY), ("inh", INHIBITORY)):
        if (name := f"rate_{kind}") in late:
            smooth = late[name].rolling(time=SMOOTH_STEPS, center=True, min_periods=1).mean()
            rate.plot(late.time, smooth, color=colour, linewidth=1.1, label=kind)
    rate.set(xlabel="Time (ms), the end", ylabel="Rate (Hz)")
    rate.legend(frameon=False)
    spectrum = right.subplots()
    if "power" in arrays:
        spectrum.loglog(*logarithmic_bins(arrays.frequency.values, arrays.power.values),
            color="black", linewidth=1.1)  # fmt: skip
    spectrum.set(xlabel="Frequency (Hz)", ylabel="Power density (mV²/Hz)")
    figure.suptitle(arrays.attrs["model"], fontsize="medium")
    sns.despine(figure)
    return figure
