"""The factorised model: Eq. 15 closed by <g_s v> = <g_s> V, each synapse its own time constant."""

from models.mass.inputs import mean_conductance, pull
from models.mass.model import Equation


def factorised(recording, params, integrator="euler"):
    """Write down Eqs 13 and 15 with <g_s v> = <g_s> V.

        tau_mem dV/dt   = v_rest - V - sum_s <g_s>/g_leak (V - v_rev_s)
        tau_s d<g_s>/dt = -<g_s> + g_hat_s tau_s Phi_s

    Assumptions
    -----------
    Conductance and potential of a neuron are uncorrelated over the population; no reset, no
    refractoriness, noise that averages out.
    """
    gain, pull_mV = pull(mean_conductance(recording, params, integrator), params)
    return Equation(pull_mV, gain)


def common_synapse(recording, params, integrator="euler"):
    """Write down Eq. 16 with <g_s v> = <g_s> V: the factorised model with one tau_syn for all.

    Assumptions
    -----------
    Those of `factorised`, and tau_s = tau_syn, with the area g_hat_s tau_s of a spike's conductance
    kept.
    """
    conductance = mean_conductance(recording, params, integrator, params.tau_syn)
    gain, pull_mV = pull(conductance, params)
    return Equation(pull_mV, gain)
