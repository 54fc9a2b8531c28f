"""An exact account of the mean potential, recorded by Brian2 statements that both backends share.

From the start of step k to the start of step k + 1 the state update, the threshold and the reset of
`models.network.lif` change the population mean V = <v> by

    V(k+1) - V(k) = dt/tau_mem [ v_rest - V - sum_s (<g_s v> - <g_s> v_rev_s)/g_leak ]
                    + clamp(k) + noise(k) + reset(k)

    clamp = -dt/tau_mem <(1 - a) D>         refractory neurons (a = 0) do not follow their drift D
    noise = sqrt(Q) <a xi>, xi ~ N(0, dt)   what is left of the noise in the mean
    reset = 1/N sum_spiking (v_reset - v')  v' the potential that crossed the threshold

which is Eq. 11 of Deschle et al. (2021), in discrete time, averaged over neurons; nothing is left
out. The conductances obey <g_s>(k+1) = (1 - dt/tau_s) <g_s>(k) + g_hat_s Phi_s(k) dt.
"""

from models.network.lif import euler
from models.recording import TYPES

STATEMENTS = {
    **{f"mean_g_{s}": f"g_{s}" for s in TYPES},
    **{f"mean_g_{s}_v": f"g_{s}*v" for s in TYPES},
    "noise": "xi*int(not_refractory)*sqrt(Q)",
    "reached": "_v",
}
"""One value per neuron and step, whose means over all neurons are recorded."""
UNITS = {
    **{f"mean_g_{s}": "siemens" for s in TYPES},
    **{f"mean_g_{s}_v": "siemens*volt" for s in TYPES},
    "noise": "volt",
    "reached": "volt",
}
RESET_JUMP = "v_reset - v"
"""One value per spike, between threshold and reset."""


def recorded_euler(equations, variables, method_options=None):
    """The state updater of the network, with STATEMENTS evaluated before anything changes.

    One of Brian2's state updaters. In a statement `_v` is what v is about to become and `xi` the
    step's increment sqrt(dt) randn().
    """
    lines = euler(equations, variables, method_options).split("\n")
    first_change = next(k for k, line in enumerate(lines) if line.split(" = ")[1][0] == "_")
    statements = [f"{name} = {expression}" for name, expression in STATEMENTS.items()]
    return "\n".join(lines[:first_change] + statements + lines[first_change:])


def drift_mV(V_mV, g_nS, g_v, params):
    """Return v_rest - V - sum_s (<g_s v> - <g_s> v_rev_s)/g_leak in mV.

    Parameters
    ----------
    V_mV : array or float
    g_nS, g_v : dict
        <g_s> in nS and <g_s v> in nS mV of each type.
    params : models.parameters.Parameters
    """
    si = params.si()
    drift = 1e3 * si["v_rest"] - V_mV
    for s in TYPES:
        drift = drift - (g_v[s] - g_nS[s] * (1e3 * si[f"v_rev_{s}"])) / (1e9 * si["g_leak"])
    return drift


def terms(means, reset, V_mV, params):
    """Turn what was recorded into the terms of the balance.

    Parameters
    ----------
    means : dict of arrays, shape (K,)
        The population mean of each of STATEMENTS, in SI units.
    reset : array, shape (K,)
        The sum of RESET_JUMP over the spikes of each step by N, in V.
    V_mV : array, shape (K,)
    params : models.parameters.Parameters

    Returns
    -------
    dict
        As `models.recording.Recording.balance`. The clamp is what the neurons moved less than the
        drift and the noise tell.
    """
    g_nS = {s: 1e9 * means[f"mean_g_{s}"] for s in TYPES}
    g_v = {s: 1e12 * means[f"mean_g_{s}_v"] for s in TYPES}
    noise, moved = 1e3 * means["noise"], 1e3 * means["reached"] - V_mV
    step = params.si()["dt"] / params.si()["tau_mem"]
    return {
        **{f"g_{s}": g_nS[s] for s in TYPES},
        **{f"g_{s}_v": g_v[s] for s in TYPES},
        "clamp": moved - noise - step * drift_mV(V_mV, g_nS, g_v, params),
        "noise": noise,
        "reset": 1e3 * reset,
    }
