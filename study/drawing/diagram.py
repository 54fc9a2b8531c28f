"""The diagram of the set-up, after Fig. 6 of the paper: network, input, mass models, comparison."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from study.drawing.style import EXCITATORY, INHIBITORY, model_colours

NETWORK_AT, NETWORK_RADIUS = np.array([5.1, 3.6]), 2.1
NEURON_RADIUS = 0.2
TRAIN_X = 0.9


def draw_diagram(models):
    """Draw what is simulated and what is compared.

    Parameters
    ----------
    models : list of str
        Names of the mass models.

    Returns
    -------
    Figure
    """
    figure = plt.figure(figsize=(13, 5.8))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 17.4), ylim=(-0.4, 7.36), aspect="equal")
    axes.axis("off")
    excitatory = _draw_network(axes)
    _draw_input(axes, excitatory)
    _draw_comparison(axes, models)
    return figure


def _draw_network(axes):
    """Draw the random graph; return where the excitatory neurons are."""
    axes.add_patch(Circle(NETWORK_AT, NETWORK_RADIUS, facecolor="0.96", edgecolor="0.6"))
    angles = np.deg2rad(np.arange(8) * 45 + 12)
    ring = NETWORK_AT + 1.6 * np.column_stack([np.cos(angles), np.sin(angles)])
    angles = np.deg2rad(np.arange(4) * 90 + 50)
    core = NETWORK_AT + 0.72 * np.column_stack([np.cos(angles), np.sin(angles)])
    places = np.concatenate([ring, core])
    inhibitory = {0, 6, 8}
    rng = np.random.default_rng(12)
    for source, target in np.argwhere(rng.random((12, 12)) < 0.15):
        if source != target:
            colour = INHIBITORY if source in inhibitory else EXCITATORY
            _arrow(axes, places[source], places[target], colour, shrink=7.5, width=0.9, bend=0.12)
    for number, place in enumerate(places):
        colour = INHIBITORY if number in inhibitory else EXCITATORY
        axes.add_patch(Circle(place, NEURON_RADIUS, facecolor=colour, edgecolor="white", zorder=3))
    top, bottom = NETWORK_AT[1] + NETWORK_RADIUS, NETWORK_AT[1] - NETWORK_RADIUS
    axes.text(NETWORK_AT[0], top + 1, "network of N LIF neurons", ha="center", weight="bold")
    axes.text(NETWORK_AT[0], top + 0.55, "each pair connected with probability p,\n"
        "whatever the types", ha="center", fontsize="small", va="center")
    axes.text(NETWORK_AT[0], bottom - 0.5, "λN excitatory", color=EXCITATORY, ha="center")
    axes.text(NETWORK_AT[0], bottom - 0.95, "(1 − λ)N inhibitory", color=INHIBITORY, ha="center")
    return [place for number, place in enumerate(places) if number not in inhibitory]


def _draw_input(axes, excitatory):
    """Draw the external trains and their connections, to excitatory neurons only."""
    heights = NETWORK_AT[1] + np.linspace(-1.6, 1.6, 6)
    rng = np.random.default_rng(3)
    left = sorted(excitatory, key=lambda place: place[0])[:5]
    for height in heights:
        start = np.array([TRAIN_X + 0.75, height])
        axes.add_patch(Circle(start, 0.13, facecolor="black"))
        spikes = np.sort(rng.uniform(0.1, 0.95, 5)) + TRAIN_X - 0.6
        axes.vlines(spikes, height - 0.11, height + 0.11, color="black", linewidth=1.1)
    for train, target in ((0, 0), (1, 1), (2, 0), (2, 2), (3, 1), (4, 3), (5, 2), (5, 4)):
        ordered = sorted(left, key=lambda place: place[1])
        start = np.array([TRAIN_X + 0.88, heights[train]])
        _arrow(axes, start, ordered[target], "black", shrink=7.5, width=0.9)
    top, bottom = heights[-1], heights[0]
    centre, small = TRAIN_X + 0.25, {"ha": "center", "va": "center", "fontsize": "small"}
    heading = NETWORK_AT[1] + NETWORK_RADIUS + 1
    axes.text(centre, heading, "external input", ha="center", weight="bold")
    axes.text(centre, top + 0.75, "M Poisson trains\nof rate $ν_{ext}$", **small)
    connected = "to excitatory\nneurons only, with\nprobability $p_{ext}$"
    axes.text(centre, bottom - 0.95, connected, **small)


def _draw_comparison(axes, models):
    """Draw the flow from the network over the mass models to the comparison."""
    colours = model_colours(models)
    right = NETWORK_AT[0] + NETWORK_RADIUS
    _box(axes, (8.3, 4.75), 3.2, 1.5, "black", "mean potential\n"
        r"$V(t) = \langle v_n(t) \rangle_n$")
    _box(axes, (8.3, 0.95), 3.2, 1.5, "black", "population input\n"
        r"$Φ_{exc}(t),\ Φ_{inh}(t),\ Φ_{ext}(t)$")
    _arrow(axes, (right - 0.25, 4.75), (8.3, 5.5), "black", width=1.6)
    _arrow(axes, (right - 0.25, 2.45), (8.3, 1.7), "black", width=1.6)
    height = min(0.9, 3.2 / len(models) - 0.25)
    for number, model in enumerate(models):
        middle = 1.7 + (len(models) / 2 - 0.5 - number) * (height + 0.25)
        _box(axes, (12.2, middle - height / 2), 1.5, height, colours[model], model)
        _arrow(axes, (11.5, 1.7), (12.2, middle), "black", width=1.6)
        _arrow(axes, (13.7, middle), (14.5, middle), colours[model], width=1.6)
    axes.text(12.95, 4.05, "mass models", ha="center", weight="bold")
    axes.text(12.95, 3.6, "driven by the network's Φ", ha="center", fontsize="small")
    _arrow(axes, (11.5, 5.5), (14.5, 5.5), "black", width=1.6)
    bottom = min(0.95, 1.6 - len(models) / 2 * (height + 0.25))
    _box(axes, (14.5, bottom), 2.6, 6.25 - bottom, "black", "")
    for height, text, style in (
        (5.75, "comparison", {"weight": "bold"}),
        (4.75, "spectra", {"style": "italic"}),
        (3.75, "median frequency\nχ²\nspectral distance", {"fontsize": "small"}),
        (2.5, "time series", {"style": "italic"}),
        (1.75, r"lag $τ_{max}$" "\ncorrelation ρ\nNRMSE", {"fontsize": "small"}),
    ):
        axes.text(15.8, height, text, ha="center", va="center", linespacing=1.5, **style)


def _box(axes, corner, width, height, colour, text):
    """Draw a rounded box with a text in its middle."""
    style = "round,pad=0,rounding_size=0.15"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, facecolor="white",
        edgecolor=colour, linewidth=1.6))
    axes.text(corner[0] + width / 2, corner[1] + height / 2, text, ha="center", va="center",
        linespacing=1.6)


def _arrow(axes, start, end, colour, shrink=0, width=1.0, bend=0.0):
    """Draw an arrow; `shrink` in points keeps it off both ends."""
    axes.add_patch(FancyArrowPatch(tuple(start), tuple(end), mutation_scale=10, color=colour,
        arrowstyle="-|>,head_length=0.6,head_width=0.25", connectionstyle=f"arc3,rad={bend}",
        linewidth=width, shrinkA=shrink, shrinkB=shrink))
