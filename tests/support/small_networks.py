"""Networks that take a second, and a record without any: parameters that several tests share."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import nS, second, volt

from models.parameters import TABLE_1
from models.recording import Recording

SLOW_STOCK = ["dense", pytest.param("synapses", marks=pytest.mark.slow)]
"""Both backends; stock Brian2 has to be compiled for each network, which is for the slow tests."""

FIFTY = replace(
    TABLE_1,
    N=50,
    M=100,
    p=0.3,
    g_hat_exc=0.8 * nS,
    g_hat_inh=1.8 * nS,
    g_hat_ext=12 * nS,
    Q=0 * volt**2 / second,
    duration=0.3 * second,
    transient=0.05 * second,
)
# At N = 1,000 the weights are ten times the default ones: the regimes of the plane are kept.
THOUSAND = replace(
    TABLE_1,
    N=1000,
    M=1000,
    g_hat_exc=0.08 * nS,
    g_hat_inh=0.18 * nS,
    g_hat_ext=1.05 * nS,
)
POINTS = {
    "silent": {"p": 0.1, "lam": 0.8, "Q": 0 * volt**2 / second, "g_hat_ext": 0.3 * nS},
    "asynchronous": {"p": 0.02, "lam": 0.8},
    "low-frequency synchrony": {"p": 0.6, "lam": 0.8},
    "high-frequency synchrony": {"p": 1.0, "lam": 1.0},
}
"""One point of each regime, as changes to THOUSAND."""

COMMAND = (
    "--p 0.6 --lam 0.8 --n 1000 --set M=1000 --set g_hat_exc=0.08*nS --set g_hat_inh=0.18*nS "
    "--set g_hat_ext=1.05*nS --duration 1.5 --transient 0.5 --quiet"
).split()
"""THOUSAND on the command line of study.run."""


def made_up(steps=3000, N=1000, N_exc=800, spikes=2.0):
    """A record with Poisson spikes and input, without a simulation."""
    rng = np.random.default_rng(2)
    counts = [rng.poisson(spikes * share, steps) for share in (0.8, 0.2)]
    events = [rng.poisson(mean, steps) for mean in (800, 300, 500)]
    return Recording(N, N_exc, 0.1, np.full(steps, -62.0), *counts, *events)
