"""The factorised model for excitatory and inhibitory neurons apart: only the former are driven."""

import numpy as np

from models.mass.factorised_reset import with_spikes
from models.mass.inputs import mean_conductance


def two_populations(recording, params, integrator="euler"):
    """Write down the factorised model for each population; V = lam V_exc + (1 - lam) V_inh.

        tau_mem dV_x/dt = v_rest - V_x - sum_s <g_s>_x/g_leak (V_x - v_rev_s),  x in {exc, inh}

    <g_ext>_exc is <g_ext> N/N_exc and <g_ext>_inh is zero; V_exc(0) = V_inh(0) = V(0).

    Assumptions
    -----------
    Both populations receive the same recurrent input, which holds on average over graphs;
    <g_s v> = <g_s> V within each population; no reset, no refractoriness, noise that averages out.
    """
    nobody = np.zeros(recording.steps)
    return _both(recording, params, integrator, {"exc": nobody, "inh": nobody})


def two_populations_reset(recording, params, integrator="euler"):
    """Write down both populations with their resets and refractory shares, from their spike counts.

    Assumptions
    -----------
    <g_s v> = <g_s> V within each population; a spike takes a neuron from v_thres, exactly, to
    v_reset; refractory neurons have the mean conductance of their population; noise that averages
    out.
    """
    counts = {"exc": recording.count_exc, "inh": recording.count_inh}
    return _both(recording, params, integrator, counts)


def _both(recording, params, integrator, counts):
    """Write down the equation of each population that there is."""
    conductance = mean_conductance(recording, params, integrator)
    N, equations = recording.N, []
    for x, neurons in (("exc", recording.N_exc), ("inh", N - recording.N_exc)):
        if neurons:
            external = conductance["ext"] * (N / neurons if x == "exc" else 0.0)
            own = {**conductance, "ext": external}
            equations.append(with_spikes(own, counts[x], neurons, params, neurons / N))
    return tuple(equations)
