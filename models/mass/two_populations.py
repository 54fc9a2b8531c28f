"""The factorised model for excitatory and inhibitory neurons apart: only the former are driven."""

import numpy as np

from models.mass.factorised_reset import integrate_with_spikes
from models.mass.inputs import mean_conductance, pull


def two_populations(recording, params, integrator="euler"):
    """Integrate the factorised model for each population; V = lam V_exc + (1 - lam) V_inh.

        tau_mem dV_x/dt = v_rest - V_x - sum_s <g_s>_x/g_leak (V_x - v_rev_s),  x in {exc, inh}

    <g_ext>_exc is <g_ext> N/N_exc and <g_ext>_inh is zero; V_exc(0) = V_inh(0) = V(0).

    Assumptions
    -----------
    Both populations receive the same recurrent input, which holds on average over graphs;
    <g_s v> = <g_s> V within each population; no reset, no refractoriness, noise that averages out.

    Parameters
    ----------
    recording : models.recording.Recording
        Gives Phi_s and V(0).
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}

    Returns
    -------
    V_mV : array, shape (K,)
        The model's mean potential at the start of each step, in mV.
    """
    nobody = np.zeros(recording.steps)
    return _weighted(recording, params, integrator, {"exc": nobody, "inh": nobody})


def two_populations_reset(recording, params, integrator="euler"):
    """Integrate both populations with their resets and refractory shares, from population counts.

    Assumptions
    -----------
    <g_s v> = <g_s> V within each population; a spike takes a neuron from v_thres, exactly, to
    v_reset; refractory neurons have the mean conductance of their population; noise that averages
    out. Parameters and return value are those of `two_populations`.
    """
    counts = {"exc": recording.count_exc, "inh": recording.count_inh}
    return _weighted(recording, params, integrator, counts)


def _weighted(recording, params, integrator, counts):
    """Integrate both populations, where there are any, and weigh them by their sizes."""
    conductance = mean_conductance(recording, params, integrator)
    N, V_mV = recording.N, 0.0
    for x, neurons in (("exc", recording.N_exc), ("inh", N - recording.N_exc)):
        if neurons:
            external = conductance["ext"] * (N / neurons if x == "exc" else 0.0)
            gain, pull_mV = pull({**conductance, "ext": external}, params)
            V_x = integrate_with_spikes(
                gain, pull_mV, counts[x], neurons, recording, params, integrator
            )
            V_mV = V_mV + neurons / N * V_x
    return V_mV
