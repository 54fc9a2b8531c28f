"""The conventional Freeman model, Eqs 17-20 (Rodrigues et al. 2010)."""

from brian2 import ms, mV

from models.mass.inputs import synaptic_gain
from models.mass.model import Equation
from models.recording import after_transient


def cfm(recording, params, integrator="euler"):
    """Write down the conventional Freeman model (CFM), Eq. 20.

        [tau_mem d/dt + 1][tau_syn d/dt + 1] V = v_rest - sum_s a_s (V_bar - v_rev_s) Phi_s

    with a_s = g_hat_s tau_s / g_leak (peak conductances, so g_hat becomes g_hat tau) and V_bar the
    time average of the network's mean potential over [T0, T].

    Assumptions
    -----------
    <g_s v> = <g_s> V_bar (Eq. 17); one synaptic time constant tau_syn on the left-hand side; no
    reset, no refractoriness, noise that averages out.
    """
    V_bar_mV = after_transient(recording.V_mV, params).mean()
    gain, pull_mV = synaptic_gain(recording, params)
    drive_mV = float(params.v_rest / mV) + pull_mV - gain * V_bar_mV
    return Equation(drive_mV, tau_syn_ms=float(params.tau_syn / ms))
