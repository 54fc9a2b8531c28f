"""One point of the study: simulate the network, integrate the mass models, measure both."""

import time
from dataclasses import dataclass, field

import numpy as np
from brian2 import ms

from analysis.arguments import ROUNDING
from analysis.settings import DEFAULT, Settings
from models.mass import registry
from models.mass.model import solve
from models.mass.registry import SECOND
from models.network.simulate import simulate
from models.parameters import ParameterError
from models.recording import Recording
from study.trial.ceiling import SecondNetwork, external_input
from study.trial.contained import ModelFailure
from study.trial.error_budget import measure_budget
from study.trial.measure import failed_row, measure


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
    lag_ms : array, shape (m,)
    correlation : dict of arrays, shape (m,)
        Of each mass model with the network, see `study.trial.measure.Measured`.
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
    lag_ms: np.ndarray
    correlation: dict
    budget: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)
    settings: Settings = DEFAULT


def compared_models():
    """Return the function of each of the project's models that has a row in every table."""
    return {name: registry.function(name) for name in registry.named("compared")}


def check_measurable(params, settings=DEFAULT):
    """Raise ParameterError where the record is too short or too coarse for a measure."""
    kept_ms = (params.steps - params.transient_steps) * float(params.dt / ms)
    if kept_ms < settings.shortest_ms * (1 - ROUNDING):
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
    mass_models=None,
    budget=False,
    precision="double",
    threads=1,
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
    mass_models : dict, optional
        Name and function of each mass model (the project's own, `compared_models`). One that raises
        ModelFailure costs its own row alone; one that has `seeded` is given the trial's seed.
    budget : bool
        Record the exact balance and measure the ladder of mass models, too.
    precision : {"double", "single"}
        Of the network's state variables; the balance needs double.
    threads : int
        That share the simulation; the backend `synapses` has one.
    progress : callable, optional
        Called with the completed fraction of the simulation.
    settings : analysis.settings.Settings
        Of the measures.

    Returns
    -------
    Trial
    """
    started = time.perf_counter()
    options = {"progress": progress, "record_balance": budget, "precision": precision}
    if threads > 1:
        options["threads"] = threads
    if SECOND in (mass_models or ()):
        options["external"] = external_input(params, seed)
        second = SecondNetwork(options["external"], backend, seed, precision)
        mass_models = {**mass_models, SECOND: second}
    recording = simulate(params, seed, backend, **options)
    seconds = {"simulate": time.perf_counter() - started}
    return measure_trial(
        recording, params, seed, integrator, mass_models, budget, settings, seconds
    )


def measure_trial(
    recording,
    params,
    seed,
    integrator="euler",
    mass_models=None,
    budget=False,
    settings=DEFAULT,
    seconds=(),
):
    """Drive the mass models with a network's input and measure how far they are from it.

    Parameters
    ----------
    recording : models.recording.Recording
        With its balance, where there is to be a budget.
    seconds : dict
        What the phases before took.
    params, seed, integrator, mass_models, budget, settings
        As in `run_trial`.

    Returns
    -------
    Trial
    """
    mass_models = compared_models() if mass_models is None else mass_models
    seconds, started = dict(seconds), time.perf_counter()
    series, failed = {}, {}
    for name, model in mass_models.items():
        try:
            of_trial = model.seeded(seed) if hasattr(model, "seeded") else model
            series[name] = solve(of_trial, recording, params, integrator)
        except ModelFailure as error:
            failed[name] = str(error)
    seconds["mass_models"] = time.perf_counter() - started
    started = time.perf_counter()
    rows, frequency_Hz, power, *of_lags = measure(recording, series, params, settings)
    for name, message in failed.items():
        place = 1 + list(mass_models).index(name)
        rows.insert(place, failed_row(rows[0], name, message))
    for row in rows:
        row["seed"] = seed
    seconds["measures"] = time.perf_counter() - started
    rungs = []
    if budget:
        started = time.perf_counter()
        rungs = measure_budget(recording, params, integrator, settings)
        seconds["budget"] = time.perf_counter() - started
    V_mV = {name: of_model.V_mV for name, of_model in series.items()}
    measured = rows, frequency_Hz, power, recording, V_mV, *of_lags
    return Trial(*measured, rungs, seconds, settings)
