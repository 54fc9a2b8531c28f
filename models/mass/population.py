"""The population input as the mass models take it."""

from brian2 import mV

from models.recording import TYPES


def synaptic_gain(recording, params):
    """Return sum_s a_s Phi_s and sum_s a_s Phi_s v_rev_s, a_s = g_hat_s tau_s / g_leak.

    g_hat_s tau_s is the area under one spike's conductance: the network uses peak conductances.

    Returns
    -------
    gain : array, shape (K,)
        Synaptic conductance that the input of each step would sustain, in units of g_leak.
    pull_mV : array, shape (K,)
        The same, each type times its reversal potential, in mV.
    """
    gain, pull_mV = 0.0, 0.0
    for s in TYPES:
        area_s = params.si()[f"g_hat_{s}"] * params.si()[f"tau_{s}"] / params.si()["g_leak"]
        driven = area_s * recording.phi_Hz(s)
        gain = gain + driven
        pull_mV = pull_mV + driven * float(getattr(params, f"v_rev_{s}") / mV)
    return gain, pull_mV
