"""The figure of one point: spikes, mean potentials, spectra, cross-correlations."""

import math
import warnings

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from analysis.lags import peak, wider_correlation
from analysis.measures import NETWORK
from analysis.regimes import HIGH_FREQUENCY
from analysis.statuses import DIVERGED, FAILED, NOT_RECORDED
from study.drawing.style import EXCITATORY, INHIBITORY, logarithmic_bins, model_colours
from study.store.run_folder import shown_neurons

WINDOW_MS = 1000.0  # how much of the end of the record is shown in time at most
PERIODS = 20  # and of a rhythm; half as many to either side in the correlations
RATE_BIN_MS = 2.0
WIDEST_mV = 60.0  # the largest deviation from a mean that is drawn


def draw(run, file):
    """Draw the four panels of one point and save them as a PNG.

    Parameters
    ----------
    run : study.store.run_folder.Run
    file : path or binary file
    """
    figure = draw_panels(run)
    figure.savefig(file, dpi=150, format="png")
    plt.close(figure)


def draw_panels(run):
    """Draw the four panels of one point; return the figure."""
    traces, colours = run.traces, model_colours(run.summary.model)
    dt_ms, transient = run.parameters["dt"]["value"], _transient_steps(run)
    sns.set_theme(context="notebook", style="ticks")
    figure = plt.figure(figsize=(12, 9.5), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    raster, rate, potential = top.subplots(3, 1, sharex=True, height_ratios=(1.5, 0.8, 1.5))
    spectra, correlation = bottom.subplots(1, 2)
    rhythm_Hz = _rhythm_Hz(run)
    shown = round(min(WINDOW_MS, PERIODS * 1000 / rhythm_Hz) / dt_ms)  # of what was measured
    window = slice(max(len(traces.t_ms) - shown, transient), None)
    _draw_raster(raster, run, window, dt_ms)
    _draw_rate(rate, traces, window, dt_ms)
    _draw_potentials(potential, run, window, colours)
    _draw_spectra(spectra, run.summary, run.mean_power, colours)
    reach_ms = min(run.max_lag_ms, PERIODS / 2 * 1000 / rhythm_Hz)
    _draw_correlations(correlation, run, slice(transient, None), dt_ms, colours, reach_ms)
    figure.suptitle(_title(run), fontsize="medium")
    for axes in (raster, rate, potential, spectra, correlation):
        sns.despine(ax=axes)
    return figure


def _rhythm_Hz(run):
    """Return the network's rhythm where it is fast, else one that limits nothing."""
    network = run.summary[run.summary.model == NETWORK].iloc[0]
    rhythm_Hz = getattr(network, "rhythm_Hz", math.nan)
    return rhythm_Hz if network.regime == HIGH_FREQUENCY and rhythm_Hz > 0 else 1.0


def _transient_steps(run):
    return round(run.parameters["transient"]["si"] / run.parameters["dt"]["si"])


def _title(run):
    network = run.summary[run.summary.model == NETWORK].iloc[0]
    N, p, lam = (run.parameters[name]["value"] for name in ("N", "p", "lam"))
    contrast = network.spike_contrast
    synchrony = "undefined" if math.isnan(contrast) else f"{contrast:.2f}"
    duration, transient = (run.parameters[name]["value"] for name in ("duration", "transient"))
    label = network.regime if isinstance(network.regime, str) else network.status
    seed = f"seed {run.trials.seed.iloc[0]}" if run.trials is not None else ""
    parts = (_trials(network.trials), f"{duration:g} s, {transient:g} s dropped", seed)
    return (
        f"{N:,} neurons, p = {p:g}, λ = {lam:g}: {label}, {network.rate_Hz:.2f} Hz, "
        f"Spike-contrast {synchrony}\n{', '.join(filter(None, parts))}"
    )


def _trials(trials):
    return "1 trial" if trials == 1 else f"{trials} trials (mean spectra; all else: the first)"


def _brian2tools():
    """Import brian2tools, which imports pkg_resources, which says that it is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import brian2tools
    return brian2tools


def _draw_raster(axes, run, window, dt_ms):
    """Show the spikes of a few neurons, the two types in the proportion of the network."""
    axes.set_ylabel("Neuron")
    if NOT_RECORDED in run.statuses[NETWORK]:
        axes.text(0.5, 0.5, NOT_RECORDED, transform=axes.transAxes, ha="center")
        return
    from brian2 import ms  # with brian2tools, the only ones here that take long to import

    traces = run.traces
    first = np.searchsorted(traces.step, window.start)
    neuron, step = traces.neuron[first:].astype(np.int64), traces.step[first:]
    shown_exc, shown_inh = shown_neurons(traces.N, traces.N_exc)
    for label, colour, start, count, offset in (
        ("excitatory", EXCITATORY, 0, shown_exc, 0),
        ("inhibitory", INHIBITORY, traces.N_exc, shown_inh, shown_exc),
    ):
        if count == 0:
            continue
        mine = (neuron >= start) & (neuron < start + count)
        times = step[mine] * dt_ms * ms
        rows = neuron[mine] - start + offset
        _brian2tools().plot_raster(rows, times, axes=axes, color=colour, markersize=2)
        axes.plot([], [], ".", color=colour, label=label)
    if not len(step):
        axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center", va="center")
        axes.set(xlim=(window.start * dt_ms, len(traces.t_ms) * dt_ms))
    axes.set(xlabel="", ylim=(-1, shown_exc + shown_inh))
    axes.set_ylabel(f"Neuron\n({shown_exc + shown_inh} of {traces.N:,})")
    axes.legend(**_beside())


def _draw_rate(axes, traces, window, dt_ms):
    """Show the population rates of the two types."""
    from brian2 import Hz, ms

    if not (traces.count_exc[window].any() or traces.count_inh[window].any()):
        axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center", va="center")
        axes.set(xlabel="", ylabel="Rate (Hz)", yticks=[0], ylim=(0, 1))
        return
    bin_steps = max(round(RATE_BIN_MS / dt_ms), 1)
    for label, colour, count, neurons in (
        ("excitatory", EXCITATORY, traces.count_exc, traces.N_exc),
        ("inhibitory", INHIBITORY, traces.count_inh, traces.N - traces.N_exc),
    ):
        if neurons == 0:
            continue
        count = count[window]
        bins = len(count) // bin_steps
        spikes = count[: bins * bin_steps].reshape(bins, bin_steps).sum(axis=1)
        rate = spikes / (neurons * bin_steps * dt_ms * 1e-3)
        centre = (window.start + (np.arange(bins) + 0.5) * bin_steps) * dt_ms
        look = {"color": colour, "label": label, "linewidth": 1}
        _brian2tools().plot_rate(centre * ms, rate * Hz, axes=axes, **look)
    axes.set(xlabel="", ylabel="Rate (Hz)")
    axes.set_ylim(bottom=0)
    axes.legend(title=f"bins of {bin_steps * dt_ms:g} ms", **_beside())


def _draw_potentials(axes, run, window, colours):
    """Show the mean potentials; where one is out of view, all less their means, which are told."""
    potentials, t_ms = run.traces.V_mV, run.traces.t_ms[window]
    view_mV = _view_mV(run.parameters, potentials[NETWORK][window])
    shown = {
        model: potentials[model][window]
        for model in colours
        if potentials.get(model) is not None and DIVERGED not in run.statuses[model]
    }
    away = any(V.min() < view_mV[0] or V.max() > view_mV[1] for V in shown.values())
    ends = []
    for model, colour in colours.items():
        if model not in shown:
            gone = FAILED if potentials.get(model) is None else DIVERGED
            axes.plot([], [], color=colour, label=f"{model} ({gone})")
            continue
        V, label = shown[model], model
        if away:
            V = V - V.mean()
            label = f"{model} (mean {shown[model].mean():.0f} mV)"
            if np.abs(V).max() > WIDEST_mV:
                low, high = shown[model].min(), shown[model].max()
                label = f"{model} (clipped: {low:.0f} … {high:.0f} mV)"
            V = V.clip(-WIDEST_mV, WIDEST_mV)
        front = 3 if model == NETWORK else 2
        axes.plot(t_ms, V, color=colour, label=label, linewidth=1.2, zorder=front)
        ends += [V.min(), V.max()]
    margin = 0.05 * max(max(ends) - min(ends), 0.1)
    axes.set_ylim(min(ends) - margin, max(ends) + margin)
    label = "Deviation from\nthe mean (mV)" if away else "Mean potential\n(mV)"
    axes.set(xlabel="Time (ms)", ylabel=label, xlim=(t_ms[0], t_ms[-1]))
    axes.legend(**_beside())


def _view_mV(parameters, network_mV):
    """Return the ends of the view: what a neuron's potential reaches, and a little more."""
    lowest = min(parameters[name]["value"] for name in ("v_rest", "v_reset", "v_rev_inh")) - 10
    highest = parameters["v_thres"]["value"] + 20
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
        dashes = (3 * list(colours).index(model), (3, 6))  # equal ones stand side by side
        axes.axvline(medians[model], color=colours[model], linestyle=dashes, linewidth=1.2)
    axes.set(xlabel="Frequency (Hz)", ylabel="Power density (mV²/Hz)")
    axes.legend(**_above(1))


def _draw_correlations(axes, run, measured, dt_ms, colours, reach_ms):
    """Show each mass model's cross-correlation with the network and mark its maximum."""
    potentials = run.traces.V_mV
    for model in (model for model in potentials if model != NETWORK):
        if DIVERGED in run.statuses[model]:
            axes.plot([], [], color=colours[model], label=f"{model}: diverged")
            continue
        series, network = potentials[model][measured], potentials[NETWORK][measured]
        lag_ms, rho = wider_correlation(series, network, dt_ms, run.max_lag_ms)
        if np.isnan(rho).any():
            axes.plot([], [], color=colours[model], label=f"{model}: constant, no correlation")
            continue
        best, at_edge = peak(lag_ms, rho, run.max_lag_ms)
        label = f"{model}: ρ = {rho[best]:.3f} at {lag_ms[best]:+.1f} ms"
        label = f"{model}: no maximum within {run.max_lag_ms:g} ms" if at_edge else label
        axes.plot(lag_ms, rho, color=colours[model], label=label, linewidth=1.2)
        if not at_edge:
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
