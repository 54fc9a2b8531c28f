"""One point of the study: simulate the network, integrate the mass models, measure both."""

import time
from dataclasses import asdict, dataclass, field

import numpy as np
from brian2 import ms

from analysis.lags import lag
from analysis.measures import names
from analysis.settings import DEFAULT, Settings
from analysis.spectra import is_constant, median_frequency, power_spectrum
from analysis.synchrony import spike_contrast
from analysis.tables import LOCKSTEP, NETWORK, compare_spectra
from models.mass.cfm import cfm
from models.mass.integrators import diverged
from models.mass.mfm import mfm
from models.network.simulate import simulate
from models.parameters import ParameterError
from models.recording import Recording
from study.trial.error_budget import measure_budget

MASS_MODELS = {"CFM": cfm, "MFM": mfm}
SPIKE_MEASURES = names(network=True)
"""What describes the network's spikes and stands in every model's row."""


class ModelFailure(RuntimeError):
    """A mass model has no result on one record; the message, a line, says why."""


@dataclass(frozen=True)
class Trial:
    """One simulated network with its mass models, measured.

    Attributes
    ----------
    rows : list of dict
        One row per model, the network's first: the columns of trials.csv, and `message` where
        the model failed.
    frequency_Hz : array, shape (L,)
    power : dict of arrays, shape (L,)
        Power spectral density of each model's mean potential in mV^2/Hz.
    recording : Recording
    V_mV : dict of arrays, shape (K,)
        Mean potential of each mass model that did not fail.
    budget : list of dict
        The rows of its error budget, where that was asked for.
    seconds : dict
        Wall seconds per phase.
    settings : analysis.settings.Settings
        Of the measures.
    """

    rows: list
    frequency_Hz: np.ndarray
    power: dict
    recording: Recording
    V_mV: dict
    budget: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)
    settings: Settings = DEFAULT


def trial_seeds(root, trials):
    """Derive one 32-bit seed per trial: the root itself, then values hashed from (root, trial).

    All differ. Any one of them, given as root for a single trial, regenerates that trial alone.
    """
    return [root, *distinct_seeds(((root, k) for k in range(1, trials)), {root})]


def distinct_seeds(entropies, taken=()):
    """Hash each entropy into a 32-bit seed that none before it has.

    Each is the first word of the entropy's SeedSequence or, where an earlier one has that already,
    the first of the following words that is still free. So a seed depends on those before it, but
    not on how many come after.

    Parameters
    ----------
    entropies : iterable of tuple of int
    taken : set of int
        What no seed may be.
    """
    taken, seeds = set(taken), []
    for entropy in entropies:
        sequence, words = np.random.SeedSequence(entropy), 1
        while (seed := int(sequence.generate_state(words)[-1])) in taken:
            words += 1
        taken.add(seed)
        seeds.append(seed)
    return seeds


def check_measurable(params, settings=DEFAULT):
    """Raise ParameterError where the record is too short or too coarse for a measure."""
    kept_ms = (params.steps - params.transient_steps) * float(params.dt / ms)
    if kept_ms < settings.shortest_ms * (1 - 1e-9):
        raise too_short(params.transient, params.duration, settings)
    if params.dt / ms > settings.coarsest_ms:
        rule = f"must not exceed {settings.coarsest_ms:g} ms"
        reach = f"for spectra up to {settings.band_Hz:g} Hz"
        raise ParameterError("dt", f"{rule}, {reach}", params.dt)


def too_short(transient, duration, settings=DEFAULT):
    """Return the error of a record on which the largest lag cannot be measured."""
    rule = f"must exceed transient = {transient} by {settings.shortest_ms:g} ms or more"
    return ParameterError("duration", f"{rule}, twice the largest lag", duration)


def run_trial(
    params,
    seed,
    *,
    backend,
    integrator="euler",
    mass_models=MASS_MODELS,
    budget=False,
    progress=None,
    settings=DEFAULT,
):
    """Simulate one network, drive the mass models with its input and measure how far they are.

    Parameters
    ----------
    params : models.parameters.Parameters
    seed : int
    backend : {"dense", "synapses"}
    integrator : {"euler", "exact"}
        Of the mass models.
    mass_models : dict
        Name and function of each mass model. One that raises ModelFailure costs its own row alone.
    budget : bool
        Record the exact balance and measure the ladder of mass models, too.
    progress : callable, optional
        Called with the completed fraction of the simulation.
    settings : analysis.settings.Settings
        Of the measures.

    Returns
    -------
    Trial
    """
    seconds, started = {}, time.perf_counter()
    recording = simulate(params, seed, backend, progress=progress, record_balance=budget)
    seconds["simulate"] = time.perf_counter() - started
    started = time.perf_counter()
    V_mV, failed = {}, {}
    for name, model in mass_models.items():
        try:
            V_mV[name] = model(recording, params, integrator)
        except ModelFailure as error:
            failed[name] = str(error)
    seconds["mass_models"] = time.perf_counter() - started
    started = time.perf_counter()
    rows, frequency_Hz, power = measure(recording, V_mV, params, settings)
    for name, message in failed.items():
        place = 1 + list(mass_models).index(name)
        rows.insert(place, failed_row(rows[0], name, message))
    for row in rows:
        row["seed"] = seed
    seconds["measures"] = time.perf_counter() - started
    found = []
    if budget:
        started = time.perf_counter()
        found = measure_budget(recording, params, integrator, settings)
        seconds["budget"] = time.perf_counter() - started
    return Trial(rows, frequency_Hz, power, recording, V_mV, found, seconds, settings)


def measure(recording, V_mV, params, settings=DEFAULT):
    """Compare every mass model with the network it was driven by, transient dropped.

    Returns
    -------
    rows : list of dict
        The network's first.
    frequency_Hz : array, shape (L,)
    power : dict of arrays, shape (L,)
    """
    kept = slice(params.transient_steps, None)
    network_mV = recording.V_mV[kept]
    shared, network_status = _network_measures(recording, params, settings)
    rows, power = [], {}
    for name, series_mV in {NETWORK: recording.V_mV, **V_mV}.items():
        series_mV = series_mV[kept]
        row = {"p": float(params.p), "lam": float(params.lam), "model": name, **shared}
        if name != NETWORK and diverged(series_mV, params):
            rows.append({**row, "status": "diverged"})
            continue
        constant = is_constant(series_mV)
        row["status"] = "+".join(network_status + ["constant"] * constant) or "ok"
        row["mean_mV"], row["std_mV"] = series_mV.mean(), series_mV.std()
        frequency_Hz, power[name] = power_spectrum(series_mV, recording.dt_ms, settings.band_Hz)
        row["median_frequency_Hz"] = median_frequency(frequency_Hz, power[name])
        if name != NETWORK:
            row |= compare_spectra(power[NETWORK], power[name], trials=1)
            found = lag(series_mV, network_mV, recording.dt_ms, settings.max_lag_ms)
            row |= {
                "tau_max_ms": found.tau_max_ms,
                "rho": found.rho,
                "rho_n_eff": found.n_eff,
                "rho_pvalue": found.pvalue,
                "rho_pvalue_nominal": found.pvalue_nominal,
            }
        rows.append(row)
    return rows, frequency_Hz, power


def failed_row(network_row, model, message):
    """Return the row of a mass model that failed: what it shares with the network's, and why."""
    shared = {name: network_row[name] for name in ("p", "lam", *SPIKE_MEASURES)}
    return {**shared, "model": model, "status": "failed", "message": message}


def _network_measures(recording, params, settings):
    """Return the measures of the spikes, and what is undefined or degenerate about them."""
    start = params.transient_steps
    kept_s = (recording.steps - start) * recording.dt_ms * 1e-3
    spikes_exc, spikes_inh = (
        int(count[start:].sum()) for count in (recording.count_exc, recording.count_inh)
    )
    spikes = spikes_exc + spikes_inh

    def rate_Hz(count, neurons):
        return count / (neurons * kept_s) if neurons else float("nan")

    measures = {
        "rate_Hz": rate_Hz(spikes, params.N),
        "rate_exc_Hz": rate_Hz(spikes_exc, params.N_exc),
        "rate_inh_Hz": rate_Hz(spikes_inh, params.N_inh),
        "spike_contrast": float("nan"),
    }
    if spikes < 2:
        return measures, ["silent" if spikes == 0 else "single spike"]
    statuses = [LOCKSTEP] * is_lockstep(recording, start)
    if recording.neuron is None:
        return measures, ["spikes not recorded", *statuses]
    first = np.searchsorted(recording.step, start)
    measures["spike_contrast"] = spike_contrast(
        recording.neuron[first:],
        recording.step[first:] - start,
        params.N,
        recording.steps - start,
        recording.dt_ms,
        settings.spike_contrast_floor_ms,
    )
    undefined = np.isnan(measures["spike_contrast"])
    return measures, ["no neuron spikes twice"] * bool(undefined) + statuses


def is_lockstep(recording, start=0):
    """Tell whether the neurons are one: whenever one spikes, all do, in the same step, repeatedly.

    Two such steps or more, from `start` on; one alone would say nothing about the next.
    """
    spikes = recording.count_exc[start:].astype(np.int64) + recording.count_inh[start:]
    volleys = spikes[spikes > 0]
    return len(volleys) > 1 and bool((volleys == recording.N).all())


def settings_record(trial):
    """Return the settings of the measures, and what follows from them, for the record."""
    bins = len(trial.frequency_Hz)
    return {**asdict(trial.settings), "bins_in_band": bins, "chi2_total_per_trial": bins}
