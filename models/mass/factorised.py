"""The factorised model: Eq. 15 closed by <g_s v> = <g_s> V, each synapse its own time constant."""

from models.mass.inputs import kept_jump_mV, mean_conductance, pull
from models.mass.integrators import integrate_record


def factorised(recording, params, integrator="euler", kept=(), tau_syn=None):
    """Integrate Eqs 13 and 15 with <g_s v> = <g_s> V.

        tau_mem dV/dt   = v_rest - V - sum_s <g_s>/g_leak (V - v_rev_s)
        tau_s d<g_s>/dt = -<g_s> + g_hat_s tau_s Phi_s

    Assumptions
    -----------
    Conductance and potential of a neuron are uncorrelated over the population; no reset, no
    refractoriness, noise that averages out.

    Parameters
    ----------
    recording : models.recording.Recording
        Gives Phi_s and V(0).
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
    kept : sequence of {"noise", "clamp", "reset"}
        Terms of the exact balance to be taken from the record instead of being dropped.
    tau_syn : brian2.Quantity, optional
        One time constant for all synapses, see `common_synapse`.

    Returns
    -------
    V_mV : array, shape (K,)
        The model's mean potential at the start of each step, in mV.

    Raises
    ------
    ValueError
        An unknown integrator; a term to be kept that does not exist or was not recorded.
    """
    conductance = mean_conductance(recording, params, integrator, tau_syn)
    gain, pull_mV = pull(conductance, params)
    jump_mV = kept_jump_mV(recording, kept)
    return integrate_record(recording, params, integrator, pull_mV, gain, jump_mV)


def common_synapse(recording, params, integrator="euler", kept=()):
    """Integrate Eq. 16 with <g_s v> = <g_s> V: the factorised model with one tau_syn for all.

    Assumptions
    -----------
    Those of `factorised`, and tau_s = tau_syn, with the area g_hat_s tau_s of a spike's conductance
    kept. Parameters and return value are those of `factorised`.
    """
    return factorised(recording, params, integrator, kept, params.tau_syn)
