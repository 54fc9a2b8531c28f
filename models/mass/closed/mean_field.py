"""A mean field of two populations with conductance synapses, as the field publishes them.

    T dr_x/dt = F(moments of the conductances of x) - r_x,          x in {exc, inh}
    tau_s dg_s/dt = -g_s + g_hat_s tau_s p N_s r_s                   (ext: p_ext S/dt, exc alone)
    var(g_s) = g_hat_s^2 tau_s/2 x (spikes per second that a neuron receives)

after El Boustani & Destexhe (2009), Zerlaut et al. (2018) and di Volo et al. (2019), with
Siegert's rate for the transfer function in the place of one that is fitted to simulated neurons:
nothing here is fitted. V is the mean over both populations of the free potential, held at the reset
for r tau_ref.

**Assumptions.** (1) A population is its rate, which relaxes to the stationary one with T =
tau_mem/G, the effective membrane time constant; (2) inputs are independent Poisson trains: var(g)
has no shared part, which the mean carries; (3) finite size enters by binomial counts in the place
of the published equations for covariances.
"""

import numpy as np
from brian2 import ms
from numba import njit

from models.mass.closed.external import received_events
from models.mass.closed.transfer import moments, neuron, rate_per_ms
from models.mass.model import MassSeries


def mean_field(params, seed, events_ext=None, noise=True):
    """Predict with rates of two populations.

    Parameters
    ----------
    params : models.parameters.Parameters
    seed : int
    events_ext : integer array, shape (K,), optional
        External events of a recorded network, delivered in each step to all its neurons.
    noise : bool

    Returns
    -------
    MassSeries
    """
    si, rng = params.si(), np.random.default_rng(seed)
    g_hat = np.array([si[f"g_hat_{s}"] for s in ("exc", "inh", "ext")]) / si["g_leak"]
    received = received_events(params, rng, events_ext, noise)
    trains = params.M * si["nu_ext"] * si["dt"]
    dt_ms, sizes = float(params.dt / ms), np.array([params.N_exc, params.N_inh])
    V_mV, counts = _integrate(rng, noise, received, neuron(params), g_hat, float(params.p), sizes,
        trains * params.p_ext / dt_ms, dt_ms)  # fmt: skip
    return MassSeries.of_counts(V_mV, counts, params)


@njit(cache=True)
def _integrate(rng, noise, received, of, g_hat, p, sizes, ext_per_ms, dt_ms):
    """Return V in mV, shape (K,), and spikes of both populations, shape (2, K)."""
    steps, size = len(received), sizes.sum()
    V_mV, counts = np.zeros(steps), np.zeros((2, steps))
    g, var, r = np.zeros(3), np.zeros(3), np.zeros(2)
    for step in range(steps):
        for x in range(2):
            if sizes[x] == 0:
                continue
            own, spread = g.copy(), var.copy()
            spread[2] = g_hat[2] ** 2 * of.tau[2] / 2 * ext_per_ms
            if x == 1:
                own[2] = spread[2] = 0.0
            mean, std, tau = moments(own, spread, of)
            resting = min(r[x] * of.tau_ref, 1.0)
            V_mV[step] += sizes[x] / size * ((1 - resting) * mean + resting * of.reset)
            target = min(rate_per_ms(mean, std, tau, of), 1 / dt_ms)
            r[x] += min(dt_ms / tau, 1.0) * (target - r[x])
            chance = min(max(r[x] * dt_ms, 0.0), 1.0)
            counts[x, step] = rng.binomial(sizes[x], chance) if noise else sizes[x] * chance
        for s in range(2):
            n = counts[s, step]
            g[s] += -dt_ms / of.tau[s] * g[s] + g_hat[s] * p * n
            wanted = g_hat[s] ** 2 * of.tau[s] / 2 * p * sizes[s] * r[s]
            var[s] += dt_ms / of.tau[s] * (wanted - var[s])
        g[2] += -dt_ms / of.tau[2] * g[2] + g_hat[2] * received[step]
    return V_mV, counts
