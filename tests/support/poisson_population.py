"""A closed model whose answers are known: independent neurons that fire at one rate."""

import numpy as np
from brian2 import mV
from scipy.signal import lfilter

from models.mass.model import MassSeries

RATE_HZ = 8.0


def poisson_population(params, seed, events_ext=None, noise=True):
    """Fire at RATE_HZ; the potential is the smoothed input where that is given, else noise."""
    rng = np.random.default_rng(seed)
    dt_s = float(params.dt)
    V_mV = float(params.v_rest / mV) + rng.normal(0, 0.5, params.steps)
    if events_ext is not None:
        decay = 1 - float(params.dt / params.tau_mem)
        events = np.asarray(events_ext, float)
        V_mV = float(params.v_rest / mV) + lfilter([1e-3], [1, -decay], events)
    rates = {}
    for kind, neurons in (("exc", params.N_exc), ("inh", params.N_inh)):
        counts = rng.binomial(neurons, RATE_HZ * dt_s, params.steps) if noise else None
        rates[kind] = np.full(params.steps, RATE_HZ) if counts is None else (
            counts / max(neurons, 1) / dt_s)  # fmt: skip
    exc, inh = (rates[k] if n else None for k, n in (("exc", params.N_exc), ("inh", params.N_inh)))
    return MassSeries(V_mV, exc, inh)
