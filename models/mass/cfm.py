"""The conventional Freeman model, Eqs 17-20 (Rodrigues et al. 2010)."""

from brian2 import ms, mV

from models.mass.inputs import kept_jump_mV, synaptic_gain
from models.mass.integrators import integrate_record


def cfm(recording, params, integrator="euler", kept=()):
    """Integrate the conventional Freeman model (CFM), Eq. 20.

        [tau_mem d/dt + 1][tau_syn d/dt + 1] V = v_rest - sum_s a_s (V_bar - v_rev_s) Phi_s

    with a_s = g_hat_s tau_s / g_leak (peak conductances, so g_hat becomes g_hat tau) and V_bar the
    time average of the network's mean potential over [T0, T].

    Assumptions
    -----------
    <g_s v> = <g_s> V_bar (Eq. 17); one synaptic time constant tau_syn on the left-hand side; no
    reset, no refractoriness, noise that averages out.

    Parameters
    ----------
    recording : models.recording.Recording
        Gives Phi_s, V(0) and V_bar.
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
    kept : sequence of {"noise", "clamp", "reset"}
        Terms of the exact balance to be taken from the record instead of being dropped.

    Returns
    -------
    V_mV : array, shape (K,)
        The model's mean potential at the start of each step, in mV.

    Raises
    ------
    ValueError
        An unknown integrator; a term to be kept that does not exist or was not recorded.
    """
    V_bar_mV = recording.V_mV[params.transient_steps :].mean()
    gain, pull_mV = synaptic_gain(recording, params)
    return integrate_record(
        recording,
        params,
        integrator,
        float(params.v_rest / mV) + pull_mV - gain * V_bar_mV,
        0 * gain,
        kept_jump_mV(recording, kept),
        float(params.tau_syn / ms),
    )
