"""The figure of example points: one of each regime, with potentials and spectra."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from pyarrow import parquet

from analysis.axes import PLANE, axes_of, point_label
from analysis.measures import NETWORK
from analysis.regimes import HIGH_FREQUENCY, REGIMES
from study.drawing.style import logarithmic_bins, model_colours

CLOSEST = "smallest distance"
WINDOW_MS, FAST_WINDOW_MS = 1000.0, 200.0  # of the potentials; the short one in fast synchrony
LINES = ("-", "-", (0, (4, 1.5)), (0, (1, 1)))  # of the network and the mass models
WIDEST_mV = 50.0  # the largest deviation from a mean that is drawn


def example_points(points):
    """Choose the points to show.

    Of each regime the one nearest to the middle of its points; then, where it is not among them,
    the one at which a mass model's spectrum comes closest to the network's.

    Returns
    -------
    list of (str, Series)
        Why it was chosen, and the network's row of `points`.
    """
    axes = axes_of(points)
    network = points[points.model == NETWORK].set_index(axes, drop=False)
    unit = {name: 1 if name in PLANE else np.ptp(points[name]) or 1 for name in axes}
    chosen = {}
    for regime in REGIMES:
        inside = network.loc[network.regime == regime, axes] / unit
        if len(inside):
            chosen[((inside - inside.mean()) ** 2).sum(axis=1).idxmin()] = regime
    if points.spectral_distance.notna().any():
        closest = points.loc[points.spectral_distance.idxmin()]
        chosen.setdefault(tuple(closest[axes]), f"{closest.regime}, {CLOSEST}")
    return [(reason, network.loc[point]) for point, reason in chosen.items()]


def read_examples(path, chosen):
    """Read the rows of a long table that belong to the chosen points."""
    axes = axes_of(pd.DataFrame(columns=parquet.read_schema(path).names))
    wanted = [[(name, "==", row[name]) for name in axes] for _, row in chosen]
    return pd.read_parquet(path, filters=wanted or None)


def draw_examples(points, chosen, spectra, potentials):
    """Draw potentials and spectra of the chosen points.

    Parameters
    ----------
    points : DataFrame
    chosen : list
        `example_points`.
    spectra : DataFrame
        Columns p, lam, model, frequency_Hz, power.
    potentials : DataFrame or None
        Columns p, lam, model, t_ms, V_mV.

    Returns
    -------
    Figure
    """
    models = list(points.model.unique())
    colours = model_colours(models)
    rows = max(len(chosen), 1)
    figure = plt.figure(figsize=(12, 2.5 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, 2, width_ratios=(1.7, 1), squeeze=False)
    for number, (axes, (reason, point)) in enumerate(zip(grid, chosen)):
        mine = _at(points, point).set_index("model")
        title = f"({chr(97 + number)}) {reason}, {point_label(point, axes_of(points))}"
        window_ms = FAST_WINDOW_MS if point.regime == HIGH_FREQUENCY else WINDOW_MS
        title += f", {point.rate_Hz:.3g} Hz; {window_ms:g} ms"
        axes[0].set_title(title, loc="left", fontsize="small")
        _draw_potentials(axes[0], mine, _by_model(potentials, point), colours, window_ms)
        _draw_spectra(axes[1], mine, _by_model(spectra, point), colours)
    for axes in grid.ravel()[2 * len(chosen):]:
        axes.text(0.5, 0.5, "no point of this sweep has a regime", ha="center")
    grid[-1, 0].set_xlabel("Time (ms), the end of one trial")
    grid[-1, 1].set_xlabel("Frequency (Hz)")
    handles = [plt.Line2D([], [], color=colours[model], label=model) for model in models]
    handles.append(plt.Line2D([], [], color="0.4", linestyle="--", label="median frequency"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    sns.despine(figure)
    return figure


def _at(table, point):
    """Return the rows of one point."""
    axes = axes_of(table)
    return table[(table[axes] == point[axes].astype(float)).all(axis=1)]


def _by_model(table, point):
    """Return the rows of one point by model, none where there is no table."""
    return {} if table is None else dict(list(_at(table, point).groupby("model", sort=False)))


def _draw_potentials(axes, rows, potentials, colours, window_ms):
    """Show the potentials less their means, which are told; name what is not shown."""
    axes.set_ylabel("Deviation from\nthe mean (mV)")
    if not potentials:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "the potentials of this point were not kept", ha="center",
            va="center", transform=axes.transAxes)
        return
    notes, shown = [], {}
    for model in rows.index:
        series = potentials.get(model)
        if series is None or not np.isfinite(series.V_mV).all():
            notes.append(f"{model}: {rows.status[model]}")
        else:
            shown[model] = series[series.t_ms >= series.t_ms.max() - window_ms]
    values = {model: series.V_mV.to_numpy() for model, series in shown.items()}
    if values:
        means = {model: V.mean() for model, V in values.items()}
        told = ", ".join(f"{model} {mean:.3g}" for model, mean in means.items())
        notes.insert(0, f"less the means: {told} mV")
        values = {model: V - means[model] for model, V in values.items()}
        notes += [f"{model}: clipped" for model, V in values.items() if np.ptp(V) > 2 * WIDEST_mV]
        values = {model: V.clip(-WIDEST_mV, WIDEST_mV) for model, V in values.items()}
    for number, (model, V) in enumerate(values.items()):
        front = 3 if model == NETWORK else 2
        dashes = LINES[number % len(LINES)]  # so that equal potentials are seen to be two
        look = {"color": colours[model], "linewidth": 1.1, "zorder": front, "linestyle": dashes}
        axes.plot(shown[model].t_ms, V, **look)
        axes.set_xlim(shown[model].t_ms.min(), shown[model].t_ms.max())
    if values:
        low, high = (f([f(V) for V in values.values()]) for f in (min, max))
        margin = 0.05 * max(high - low, 0.1)
        axes.set_ylim(low - margin, high + margin * (1 + 4 * len(notes)))
    if notes:
        axes.text(0.995, 0.97, "\n".join(notes), transform=axes.transAxes, ha="right", va="top",
            fontsize="small")


def _draw_spectra(axes, rows, spectra, colours):
    """Show the spectra, their median frequencies and how far each is from the network's."""
    for model in rows.index:
        found = spectra.get(model)
        if found is None or not (found.power > 0).any():
            continue
        frequency_Hz, power = logarithmic_bins(found.frequency_Hz, found.power)
        front = 3 if model == NETWORK else 2
        axes.loglog(frequency_Hz, power, color=colours[model], linewidth=1.1, zorder=front)
        axes.axvline(rows.median_frequency_Hz[model], color=colours[model], linewidth=1,
            zorder=front, linestyle=(3 * list(rows.index).index(model), (3, 6)))
    distances = rows.spectral_distance.dropna()
    title = ", ".join(f"{model} {distance:.2g}" for model, distance in distances.items())
    axes.set_title(f"distance: {title}" if title else "", loc="left", fontsize="small")
    axes.set_ylabel("Power density\n(mV²/Hz)")
