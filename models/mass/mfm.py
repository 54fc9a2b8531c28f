"""The modified Freeman model, Eqs 21-24."""

from brian2 import ms, mV

from models.mass.inputs import kept_jump_mV, synaptic_gain
from models.mass.integrators import integrate_record


def mfm(recording, params, integrator="euler", kept=()):
    """Integrate the modified Freeman model (MFM), Eq. 24.

        [tau_mem d/dt + 1][tau_syn d/dt + 1] V = v_rest - sum_s a_s (V - v_rev_s) Phi_s

    with a_s = g_hat_s tau_s / g_leak (peak conductances, so g_hat becomes g_hat tau).

    Assumptions
    -----------
    The membrane follows the synapse instantly (Eqs 21, 22); <phi_s v> = Phi_s V (Eq. 23), which
    holds for external spikes only; one synaptic time constant tau_syn on the left-hand side; no
    reset, no refractoriness, noise that averages out.

    Parameters
    ----------
    recording : models.recording.Recording
        Gives Phi_s and V(0).
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
        Explicit Euler is unstable where dt^2/(tau_mem tau_syn) sum_s a_s Phi_s gets large.
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
    gain, pull_mV = synaptic_gain(recording, params)
    return integrate_record(
        recording,
        params,
        integrator,
        float(params.v_rest / mV) + pull_mV,
        gain,
        kept_jump_mV(recording, kept),
        float(params.tau_syn / ms),
    )
