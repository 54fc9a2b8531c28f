"""The factorised model with reset and refractoriness estimated from the spike counts."""

from brian2 import mV

from models.mass.inputs import mean_conductance, pull, refractory_share
from models.mass.integrators import integrate_record


def factorised_reset(recording, params, integrator="euler"):
    """Integrate the factorised model with the spikes put back in.

        tau_mem dV/dt = F(V) - r F(v_reset) + tau_mem S (v_reset - v_thres)
        F(V)          = v_rest - V - sum_s <g_s>/g_leak (V - v_rev_s)

    S is the spikes per neuron and second, r the share of the population that is refractory: it sits
    at v_reset, where its drift is taken away. Eq. 15 has neither.

    Assumptions
    -----------
    <g_s v> = <g_s> V; a spike takes a neuron from v_thres, exactly, to v_reset; refractory neurons
    have the mean conductance; noise that averages out.

    Parameters
    ----------
    recording : models.recording.Recording
        Gives Phi_s, spike counts and V(0).
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}

    Returns
    -------
    V_mV : array, shape (K,)
        The model's mean potential at the start of each step, in mV.
    """
    count = recording.count_exc + recording.count_inh
    gain, pull_mV = pull(mean_conductance(recording, params, integrator), params)
    return integrate_with_spikes(gain, pull_mV, count, recording.N, recording, params, integrator)


def integrate_with_spikes(gain, pull_mV, count, neurons, recording, params, integrator):
    """Integrate a population's membrane equation with its resets and its refractory share.

    Parameters
    ----------
    gain, pull_mV : arrays, shape (K,)
        sum_s g_s/g_leak, and v_rest + sum_s g_s/g_leak v_rev_s in mV.
    count : array, shape (K,)
        The population's spikes in each step.
    neurons : int
        Its size.
    recording, params, integrator
        As for a mass model.

    Returns
    -------
    V_mV : array, shape (K,)
        The population's mean potential at the start of each step, in mV.
    """
    v_reset_mV, v_thres_mV = float(params.v_reset / mV), float(params.v_thres / mV)
    share = refractory_share(count, neurons, params)
    held_mV = share * (pull_mV - (1 + gain) * v_reset_mV)
    jump_mV = count / neurons * (v_reset_mV - v_thres_mV)
    return integrate_record(recording, params, integrator, pull_mV - held_mV, gain, jump_mV)
