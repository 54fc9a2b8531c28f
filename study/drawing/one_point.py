"""The figure of one point: spikes, mean potentials, spectra, cross-correlations."""

import math
import warnings

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from brian2 import Hz, ms, mV

from analysis.lags import cross_correlation
from analysis.tables import NETWORK
from models.mass.model import diverged
from models.recording import after_transient
from study.drawing.style import EXCITATORY, INHIBITORY, logarithmic_bins, model_colours

with warnings.catch_warnings():  # brian2tools imports pkg_resources, which says it is deprecated
    warnings.simplefilter("ignore")
    from brian2tools import plot_raster, plot_rate

WINDOW_MS = 1000.0  # how much of the end of the record is shown in time
RASTER_NEURONS = 100
RATE_BIN_MS = 2.0


def draw(params, trial, summary, mean_power, file):
    """Draw the four panels of one point and save them as a PNG.

    Parameters
    ----------
    params : models.parameters.Parameters
    trial : study.trial.trial.Trial
        Its spikes, potentials and correlations are shown.
    summary : DataFrame
        `analysis.tables.summarise`.
    mean_power : DataFrame
        Spectra averaged over trials: model, frequency_Hz, power.
    file : path or binary file
    """
    colours = model_colours(summary.model)
    sns.set_theme(context="notebook", style="ticks")
    figure = plt.figure(figsize=(12, 9.5), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    raster, rate, potential = top.subplots(3, 1, sharex=True, height_ratios=(1.5, 0.8, 1.5))
    spectra, correlation = bottom.subplots(1, 2)
    shown = round(WINDOW_MS / trial.recording.dt_ms)  # of what was measured
    window = slice(max(trial.recording.steps - shown, params.transient_steps), None)
    _draw_raster(raster, trial.recording, window)
    _draw_rate(rate, trial.recording, window)
    _draw_potentials(potential, params, trial, window, colours)
    _draw_spectra(spectra, summary, mean_power, colours)
    _draw_correlations(correlation, params, trial, colours)
    figure.suptitle(_title(params, summary), fontsize="medium")
    for axes in (raster, rate, potential, spectra, correlation):
        sns.despine(ax=axes)
    figure.savefig(file, dpi=150, format="png")
    plt.close(figure)


def _title(params, summary):
    network = summary[summary.model == NETWORK].iloc[0]
    contrast = network.spike_contrast
    synchrony = "undefined" if math.isnan(contrast) else f"{contrast:.2f}"
    return (
        f"{params.N:,} neurons, p = {params.p:g}, λ = {params.lam:g}: {network.regime}, "
        f"{network.rate_Hz:.2f} Hz, Spike-contrast {synchrony}, {_trials(network.trials)}"
    )


def _trials(trials):
    return "1 trial" if trials == 1 else f"{trials} trials (mean spectra; all else: the first)"


def _draw_raster(axes, recording, window):
    """Show the spikes of a few neurons, the two types in the proportion of the network."""
    axes.set_ylabel("Neuron")
    if recording.neuron is None:
        axes.text(0.5, 0.5, "spikes not recorded", transform=axes.transAxes, ha="center")
        return
    first = np.searchsorted(recording.step, window.start)
    neuron, step = recording.neuron[first:].astype(np.int64), recording.step[first:]
    shown = min(RASTER_NEURONS, recording.N)
    shown_exc = round(shown * recording.N_exc / recording.N)
    for label, colour, start, count, offset in (
        ("excitatory", EXCITATORY, 0, shown_exc, 0),
        ("inhibitory", INHIBITORY, recording.N_exc, shown - shown_exc, shown_exc),
    ):
        if count == 0:
            continue
        mine = (neuron >= start) & (neuron < start + count)
        times = step[mine] * recording.dt_ms * ms
        rows = neuron[mine] - start + offset
        plot_raster(rows, times, axes=axes, color=colour, markersize=2)
        axes.plot([], [], ".", color=colour, label=label)
    axes.set(xlabel="", ylabel=f"Neuron\n({shown} of {recording.N:,})", ylim=(-1, shown))
    axes.legend(**_beside())


def _draw_rate(axes, recording, window):
    """Show the population rates of the two types."""
    bin_steps = max(round(RATE_BIN_MS / recording.dt_ms), 1)
    for label, colour, count, neurons in (
        ("excitatory", EXCITATORY, recording.count_exc, recording.N_exc),
        ("inhibitory", INHIBITORY, recording.count_inh, recording.N - recording.N_exc),
    ):
        if neurons == 0:
            continue
        count = count[window]
        bins = len(count) // bin_steps
        spikes = count[: bins * bin_steps].reshape(bins, bin_steps).sum(axis=1)
        rate = spikes / (neurons * bin_steps * recording.dt_ms * 1e-3)
        centre = (window.start + (np.arange(bins) + 0.5) * bin_steps) * recording.dt_ms
        plot_rate(centre * ms, rate * Hz, axes=axes, color=colour, label=label, linewidth=1)
    axes.set(xlabel="", ylabel="Rate (Hz)")
    axes.set_ylim(bottom=0)
    axes.legend(title=f"bins of {bin_steps * recording.dt_ms:g} ms", **_beside())


def _draw_potentials(axes, params, trial, window, colours):
    """Show the mean potentials; what leaves the view is clipped and named in the legend."""
    t_ms = trial.recording.t_ms[window]
    drawn, view_mV = [], _view_mV(params, trial.recording.V_mV[window])
    potentials = {NETWORK: trial.recording.V_mV, **trial.V_mV}
    for model in colours:
        series = potentials.get(model)
        gone = "failed" if series is None else "diverged"
        kept = series if model == NETWORK or series is None else after_transient(series, params)
        if series is None or (model != NETWORK and diverged(kept, params)):
            axes.plot([], [], color=colours[model], label=f"{model} ({gone})")
            continue
        series = series[window]
        low, high = series.min(), series.max()
        outside = low < view_mV[0] or high > view_mV[1]
        label = f"{model} (clipped: {low:.0f} … {high:.0f} mV)" if outside else model
        front = 3 if model == NETWORK else 2
        axes.plot(t_ms, series, color=colours[model], label=label, linewidth=1.2, zorder=front)
        drawn += [np.clip(low, *view_mV), np.clip(high, *view_mV)]
    margin = 0.05 * max(max(drawn) - min(drawn), 0.1)
    axes.set_ylim(min(drawn) - margin, max(drawn) + margin)
    axes.set(xlabel="Time (ms)", ylabel="Mean potential\n(mV)", xlim=(t_ms[0], t_ms[-1]))
    axes.legend(**_beside())


def _view_mV(params, network_mV):
    """Return the ends of the view; potentials beyond are clipped, and the legend says so."""
    lowest = min(params.v_rest, params.v_reset, params.v_rev_inh) / mV - 10
    highest = params.v_thres / mV + 20
    return min(lowest, network_mV.min()), max(highest, network_mV.max())


def _draw_spectra(axes, summary, mean_power, colours):
    """Show the spectra on logarithmic axes, averaged into bins that widen with the frequency."""
    medians = summary.set_index("model").median_frequency_Hz
    for model, spectrum in mean_power.groupby("model", sort=False):
        if not (spectrum.power > 0).any():
            axes.plot([], [], color=colours[model], label=f"{model}: constant, no power")
            continue
        frequency_Hz, power = logarithmic_bins(spectrum.frequency_Hz, spectrum.power)
        label = f"{model}: median {medians[model]:.1f} Hz"
        axes.loglog(frequency_Hz, power, color=colours[model], label=label, linewidth=1.2)
        axes.axvline(medians[model], color=colours[model], linestyle="--", linewidth=1)
    axes.set(xlabel="Frequency (Hz)", ylabel="Power density (mV²/Hz)")
    axes.legend(**_above(1))


def _draw_correlations(axes, params, trial, colours):
    """Show each mass model's cross-correlation with the network and mark its maximum."""
    network, reach_ms = after_transient(trial.recording.V_mV, params), trial.settings.max_lag_ms
    for model, series in trial.V_mV.items():
        series = after_transient(series, params)
        if diverged(series, params):
            axes.plot([], [], color=colours[model], label=f"{model}: diverged")
            continue
        lag_ms, rho = cross_correlation(series, network, trial.recording.dt_ms, reach_ms)
        if np.isnan(rho).any():
            axes.plot([], [], color=colours[model], label=f"{model}: constant, no correlation")
            continue
        best = np.argmax(rho)
        label = f"{model}: ρ = {rho[best]:.3f} at {lag_ms[best]:+.1f} ms"
        axes.plot(lag_ms, rho, color=colours[model], label=label, linewidth=1.2)
        axes.plot(lag_ms[best], rho[best], "o", color=colours[model], markersize=7)
    axes.axvline(0, color="0.7", linewidth=1, zorder=0)
    axes.set(xlabel="Lag τ (ms); positive: the mass model lags", ylabel="Correlation with LIF")
    axes.set_xlim(-reach_ms, reach_ms)
    axes.legend(**_above(1))


def _beside():
    """Place a legend to the right of its axes."""
    return {"loc": "upper left", "bbox_to_anchor": (1, 1), "fontsize": "small", "frameon": False}


def _above(columns):
    """Place a legend above its axes."""
    where = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    return {**where, "fontsize": "small", "frameon": False, "ncols": columns}
