"""Closed models in a trial: what they are given, and the measures of the spikes that they make."""

from dataclasses import dataclass, replace
from importlib import import_module
from inspect import signature

import numpy as np
from brian2 import ms

from analysis.dealing import dealt, whole_counts
from analysis.synchrony import spike_contrast
from models.mass.registry import CLOSED
from models.parameters import ParameterError
from models.recording import after_transient
from study.trial.contained import ModelFailure, told

DRIVEN = "_driven"
"""At the end of the name of a closed model that is given the network's external events."""
DEALT_SEED = 1
"""Of the random numbers that deal counts to neurons: the same for every model and trial."""


@dataclass(frozen=True)
class ClosedModel:
    """A closed model called like an open one, of whose record it gets the external events at most.

    Attributes
    ----------
    name : str
        A key of `models.mass.registry.CLOSED`, with DRIVEN at the end or without.
    seed : int
        Of its random numbers.
    """

    name: str
    seed: int = 0

    def seeded(self, seed):
        """Return the model of one trial."""
        return replace(self, seed=seed)

    def __call__(self, recording, params, integrator="euler"):
        events_ext = recording.events_ext if self.name.endswith(DRIVEN) else None
        try:
            return closed_function(self.name)(params, self.seed, events_ext=events_ext)
        except ParameterError as error:
            raise ModelFailure(f"{self.name}: {told(error)}") from None


def closed_function(name):
    """Return the function of a closed model by its name, DRIVEN or not."""
    module, _, attribute = CLOSED[name.removesuffix(DRIVEN)].partition(":")
    return getattr(import_module(module), attribute)


def closed_names():
    """Return the names of all closed models."""
    return [name + ending for name in CLOSED for ending in ("", DRIVEN)]


def is_closed(function):
    """Tell a closed model from an open one by its signature: its first argument is `params`."""
    try:
        return next(iter(signature(function).parameters), "") == "params"
    except (TypeError, ValueError):
        return False


def rates_of(series, params):
    """Return the rates that a mass model makes itself, over time and over both populations.

    `rate_Hz` is there where every population that has neurons has one.
    """
    sizes = {k: n for k, n in (("exc", params.N_exc), ("inh", params.N_inh)) if n}
    rates_Hz = {}
    for kind in sizes:
        rate_Hz = getattr(series, f"rate_{kind}_Hz")
        if rate_Hz is not None:
            rates_Hz[kind] = float(after_transient(rate_Hz, params).mean())
    measures = {f"rate_{kind}_Hz": rate_Hz for kind, rate_Hz in rates_Hz.items()}
    if rates_Hz.keys() == sizes.keys():
        spikes_Hz = sum(sizes[kind] * rate_Hz for kind, rate_Hz in rates_Hz.items())
        measures["rate_Hz"] = spikes_Hz / params.N
    return measures


def spikes_of(series, params):
    """Return the expected number of spikes per step of a model that makes its rates, shape (K,)."""
    sizes = {k: n for k, n in (("exc", params.N_exc), ("inh", params.N_inh)) if n}
    rates = (n * after_transient(getattr(series, f"rate_{k}_Hz"), params) for k, n in sizes.items())
    return sum(rates) * float(params.dt / ms) * 1e-3


def dealt_contrast(series, params, settings):
    """Return the Spike-contrast of a model's counts, dealt to neurons; NaN where undefined.

    Parameters
    ----------
    series : models.mass.model.MassSeries
        With the rates of both populations.
    params : models.parameters.Parameters
    settings : analysis.settings.Settings
    """
    dt_ms, rest = float(params.dt / ms), int(np.ceil(params.tau_ref / params.dt))
    neurons, steps, start = [], [], 0
    for kind, number in (("exc", params.N_exc), ("inh", params.N_inh)):
        if number:
            rate_Hz = after_transient(getattr(series, f"rate_{kind}_Hz"), params)
            neuron, step = dealt(whole_counts(rate_Hz, number, dt_ms), number, rest, DEALT_SEED)
            neurons.append(neuron + start)
            steps.append(step)
        start += number
    neuron, step = np.concatenate(neurons), np.concatenate(steps)
    if len(neuron) < 2:
        return float("nan")
    order = np.argsort(step, kind="stable")
    kept = params.steps - params.transient_steps
    return spike_contrast(
        neuron[order], step[order], params.N, kept, dt_ms, settings.spike_contrast_floor_ms
    )
