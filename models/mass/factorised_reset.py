"""The factorised model with reset and refractoriness estimated from the spike counts."""

from brian2 import mV

from models.mass.inputs import mean_conductance, pull, refractory_share
from models.mass.model import Equation


def factorised_reset(recording, params, integrator="euler"):
    """Write down the factorised model with the spikes put back in.

        tau_mem dV/dt = F(V) - r F(v_reset) + tau_mem S (v_reset - v_thres)
        F(V)          = v_rest - V - sum_s <g_s>/g_leak (V - v_rev_s)

    S is the spikes per neuron and second, r the share of the population that is refractory: it sits
    at v_reset, where its drift is taken away. Eq. 15 has neither.

    Assumptions
    -----------
    <g_s v> = <g_s> V; a spike takes a neuron from v_thres, exactly, to v_reset; refractory neurons
    have the mean conductance; noise that averages out.
    """
    count = recording.count_exc + recording.count_inh
    conductance = mean_conductance(recording, params, integrator)
    return with_spikes(conductance, count, recording.N, params)


def with_spikes(conductance, count, neurons, params, share=1.0):
    """Write down a population's membrane equation with its resets and its refractory share.

    Parameters
    ----------
    conductance : dict of arrays, shape (K,)
        <g_s> of each type in units of g_leak.
    count : array, shape (K,)
        The population's spikes in each step.
    neurons : int
        Its size.
    params : models.parameters.Parameters
    share : float
        Of all neurons.

    Returns
    -------
    Equation
    """
    gain, pull_mV = pull(conductance, params)
    v_reset_mV, v_thres_mV = float(params.v_reset / mV), float(params.v_thres / mV)
    refractory = refractory_share(count, neurons, params)
    held_mV = refractory * (pull_mV - (1 + gain) * v_reset_mV)
    jump_mV = count / neurons * (v_reset_mV - v_thres_mV)
    return Equation(pull_mV - held_mV, gain, jump_mV=jump_mV, share=share)
