"""The modified Freeman model, Eqs 21-24."""

from brian2 import ms, mV

from models.mass.inputs import synaptic_gain
from models.mass.model import Equation


def mfm(recording, params, integrator="euler"):
    """Write down the modified Freeman model (MFM), Eq. 24.

        [tau_mem d/dt + 1][tau_syn d/dt + 1] V = v_rest - sum_s a_s (V - v_rev_s) Phi_s

    with a_s = g_hat_s tau_s / g_leak (peak conductances, so g_hat becomes g_hat tau). Explicit
    Euler is unstable where dt^2/(tau_mem tau_syn) sum_s a_s Phi_s gets large.

    Assumptions
    -----------
    The membrane follows the synapse instantly (Eqs 21, 22); <phi_s v> = Phi_s V (Eq. 23), which
    holds for external spikes only; one synaptic time constant tau_syn on the left-hand side; no
    reset, no refractoriness, noise that averages out.
    """
    gain, pull_mV = synaptic_gain(recording, params)
    drive_mV = float(params.v_rest / mV) + pull_mV
    return Equation(drive_mV, gain, float(params.tau_syn / ms))
