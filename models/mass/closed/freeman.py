"""The Freeman models as they are used: CFM and MFM that make their own input.

    [tau_mem d/dt + 1][tau_syn d/dt + 1] V = v_rest - sum_s a_s (X - v_rev_s) Phi_s
    Phi_exc = p N_exc r,   Phi_inh = p N_inh r,   Phi_ext = p_ext S N_exc/(N dt),   r = F(V)

with a_s = g_hat_s tau_s/g_leak, X = V (MFM, Eq. 24) or V_bar (CFM, Eq. 20), S the external spikes
of a step, M nu_ext dt in the mean, and F Siegert's rate or the sigmoid.

**Assumptions.** All of the open models', and (1) all neurons of both populations fire at one rate
that follows the mean potential at once; (2) F is that of a stationary membrane with noise and
external shot noise (`transfer`); the sigmoid's slope is that of a logistic distribution of the same
s.d. at the resting conductance; (3) V_bar of the CFM is the lowest fixed point of the equations
without noise: its own time average as long as it stays there.

References: Freeman (1975) Mass Action in the Nervous System; Rodrigues et al. (2010).
"""

import numpy as np
from brian2 import ms, mV
from numba import njit

from models.mass.closed.external import received_events
from models.mass.closed.transfer import moments, neuron, rate_per_ms
from models.mass.model import MassSeries

FIXED_POINT_STEP_MV = 0.01


def cfm_closed(params, seed, events_ext=None, noise=True):
    """Predict with the conventional model and Siegert's rate."""
    return _closed(params, seed, events_ext, noise, conventional=True, slope_mV=0.0)


def mfm_closed(params, seed, events_ext=None, noise=True):
    """Predict with the modified model and Siegert's rate."""
    return _closed(params, seed, events_ext, noise, conventional=False, slope_mV=0.0)


def mfm_sigmoid(params, seed, events_ext=None, noise=True):
    """Predict with the modified model and the customary sigmoid."""
    of, g, var = neuron(params), _external(params), _external_variance(params)
    _, std_mV, _ = moments(g, var, of)
    slope_mV = max(std_mV, 1e-3) * np.sqrt(3) / np.pi
    return _closed(params, seed, events_ext, noise, conventional=False, slope_mV=slope_mV)


def _external(params):
    """Return the mean conductances that the external input alone sustains, in units of g_leak."""
    si = params.si()
    g_ext = si["g_hat_ext"] / si["g_leak"] * params.M * si["nu_ext"] * si["tau_ext"] * params.p_ext
    return np.array([0.0, 0.0, g_ext * params.N_exc / params.N])


def _external_variance(params):
    si = params.si()
    spikes = params.M * si["nu_ext"] * params.p_ext
    return np.array([0.0, 0.0, (si["g_hat_ext"] / si["g_leak"]) ** 2 * spikes * si["tau_ext"] / 2])


def _closed(params, seed, events_ext, noise, conventional, slope_mV):
    """Integrate one of the models by forward Euler with the network's dt."""
    si, rng = params.si(), np.random.default_rng(seed)
    area_ms = np.array([si[f"g_hat_{s}"] * si[f"tau_{s}"] for s in ("exc", "inh", "ext")])
    area_ms *= 1e3 / si["g_leak"]
    dt_ms = float(params.dt / ms)
    sizes = np.array([params.N_exc, params.N_inh])
    constants = (
        *(neuron(params), area_ms, _external_variance(params), float(params.p), sizes),
        *(slope_mV, float(params.v_thres / mV), dt_ms, float(params.tau_syn / ms)),
    )
    per_event = params.N_exc / (params.N * dt_ms)  # of an excitatory neuron: Phi_ext
    V_bar = np.nan
    if conventional:
        mean = params.M * si["nu_ext"] * si["dt"] * params.p_ext
        V_bar = _fixed_point(mean * per_event, *constants[:-1])
    phi_ext = received_events(params, rng, events_ext, noise) * per_event
    V_mV, counts = _integrate(rng, noise, phi_ext, V_bar, *constants)
    return MassSeries.of_counts(V_mV, counts, params)


@njit(cache=True)
def _rate(V, g, var, slope, v_thres, dt_ms, of):
    """Return F(V) in 1/ms, at most one spike per step."""
    if slope > 0:
        largest = 1.0 / max(of.tau_ref, dt_ms)
        return largest / (1 + np.exp(min(max(-(V - v_thres) / slope, -700.0), 700.0)))
    _, std, tau = moments(g, var, of)
    return min(rate_per_ms(V, std, tau, of), 1.0 / dt_ms)


@njit(cache=True)
def _balance(V, phi_ext, of, area, var, p, sizes, slope, v_thres, dt_ms):
    """Return sum_s a_s Phi_s and sum_s a_s Phi_s v_rev_s where the rate is that of V at rest."""
    g = np.array([0.0, 0.0, area[2] * phi_ext])
    r = _rate(V, g, var, slope, v_thres, dt_ms, of)
    for _ in range(20):
        g[0], g[1] = area[0] * p * sizes[0] * r, area[1] * p * sizes[1] * r
        r = 0.5 * (r + _rate(V, g, var, slope, v_thres, dt_ms, of))
    return g.sum(), (g * of.E).sum()


@njit(cache=True)
def _fixed_point(phi_ext, of, area, var, p, sizes, slope, v_thres, dt_ms):
    """Return the lowest V in mV at which the equations without noise stand still."""
    V = min(of.rest, of.E.min())
    while V < of.E.max():
        gain, pull = _balance(V, phi_ext, of, area, var, p, sizes, slope, v_thres, dt_ms)
        if of.rest + pull - gain * V - V <= 0:
            return V
        V += FIXED_POINT_STEP_MV
    return V


@njit(cache=True)
def _integrate(rng, noise, phi_ext, V_bar, of, area, var, p, sizes, slope, v_thres, dt_ms, tau_syn):
    """Return V in mV, shape (K,), and spikes of both populations, shape (2, K)."""
    steps = len(phi_ext)
    V_mV, counts = np.zeros(steps), np.zeros((2, steps))
    V = (of.rest + v_thres) / 2  # the network's V(0), uniform in between
    U = V
    g = np.array([0.0, 0.0, area[2] * phi_ext.mean()])
    for step in range(steps):
        V_mV[step] = V
        r = _rate(V, g, var, slope, v_thres, dt_ms, of)
        for x in range(2):
            mean = sizes[x] * r * dt_ms
            if noise:
                counts[x, step] = rng.binomial(sizes[x], min(r * dt_ms, 1.0))
            else:
                counts[x, step] = mean
        gain = pull = 0.0
        for s in range(3):
            phi = phi_ext[step] if s == 2 else p * counts[s, step] / dt_ms
            driven = area[s] * phi
            g[s] += dt_ms / of.tau[s] * (driven - g[s])
            gain, pull = gain + driven, pull + driven * of.E[s]
        X = V if np.isnan(V_bar) else V_bar
        drive = of.rest + pull - gain * X
        V, U = V + dt_ms / of.tau_mem * (U - V), U + dt_ms / tau_syn * (drive - U)
        if not abs(V) < 1e12:
            V_mV[step:] = np.nan
            break
    return V_mV, counts
