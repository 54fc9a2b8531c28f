"""What the mass models take from the record: population input, and what is left of the neurons."""

import numpy as np
from brian2 import mV
from scipy.signal import lfilter

from models.mass.ladder import RECORDED
from models.recording import TYPES


def synaptic_gain(recording, params):
    """Return sum_s a_s Phi_s and sum_s a_s Phi_s v_rev_s, a_s = g_hat_s tau_s / g_leak (Eq. 20).

    g_hat_s tau_s is the area under one spike's conductance: the network uses peak conductances.

    Returns
    -------
    gain : array, shape (K,)
        Synaptic conductance that the input of each step would sustain, in units of g_leak.
    pull_mV : array, shape (K,)
        The same, each type times its reversal potential, in mV.
    """
    gain, pull_mV = 0.0, 0.0
    for s in TYPES:
        area_s = params.si()[f"g_hat_{s}"] * params.si()[f"tau_{s}"] / params.si()["g_leak"]
        driven = area_s * recording.phi_Hz(s)
        gain = gain + driven
        pull_mV = pull_mV + driven * float(getattr(params, f"v_rev_{s}") / mV)
    return gain, pull_mV


def mean_conductance(recording, params, integrator="euler", tau_syn=None):
    """Integrate tau_s d<g_s>/dt = -<g_s> + g_hat_s tau_s Phi_s (Eq. 13), from <g_s> = 0.

    Parameters
    ----------
    recording, params, integrator
        As for a mass model.
    tau_syn : brian2.Quantity, optional
        One time constant for all types, with the area g_hat_s tau_s of each kept.

    Returns
    -------
    dict of arrays, shape (K,)
        <g_s> in units of g_leak at the start of each step; the events of step k act from step
        k + 1 on, as in the network. Steady input Phi_s ends at g_hat_s tau_s Phi_s / g_leak with
        either integrator.
    """
    si, dt, conductance = params.si(), recording.dt_ms * 1e-3, {}
    for s in TYPES:
        tau = si[f"tau_{s}"] if tau_syn is None else float(tau_syn)
        decay = 1 - dt / tau if integrator == "euler" else np.exp(-dt / tau)
        sustained = si[f"g_hat_{s}"] * si[f"tau_{s}"] / si["g_leak"] * recording.phi_Hz(s)
        conductance[s] = lfilter([0.0, 1 - decay], [1.0, -decay], sustained)
    return conductance


def pull(conductance, params):
    """Return sum_s g_s and v_rest + sum_s g_s v_rev_s of conductances in units of g_leak.

    Returns
    -------
    gain : array, shape (K,)
    pull_mV : array, shape (K,)
    """
    gain = sum(conductance.values())
    reversed_mV = (g * float(getattr(params, f"v_rev_{s}") / mV) for s, g in conductance.items())
    return gain, float(params.v_rest / mV) + sum(reversed_mV)


def kept_jump_mV(recording, kept):
    """Return the sum of the recorded terms that a rung of the ladder keeps, per step, in mV.

    Parameters
    ----------
    recording : models.recording.Recording
    kept : sequence of {"noise", "clamp", "reset"}

    Returns
    -------
    array, shape (K,)

    Raises
    ------
    ValueError
        There are no such terms, or the record lacks them.
    """
    if unknown := set(kept) - set(RECORDED):
        raise ValueError(f"kept must be among {', '.join(RECORDED)}, got {', '.join(unknown)}")
    total = np.zeros(recording.steps)
    for name in kept:
        total += required_balance(recording)[name]
    return total


def required_balance(recording):
    """Return recording.balance, or raise ValueError where it was not recorded."""
    if recording.balance is None:
        raise ValueError("the record lacks the balance: simulate with record_balance=True")
    return recording.balance


def refractory_share(count, neurons, params):
    """Return which share of a population is refractory in each step, from its spike counts.

    A neuron that spikes in step k does not move in steps k + 1 ... k + tau_ref/dt - 1; for nobody
    starts refractory.

    Parameters
    ----------
    count : array, shape (K,)
        Spikes per step.
    neurons : int
    params : models.parameters.Parameters

    Returns
    -------
    array, shape (K,)
        0 ... 1.
    """
    si = params.si()
    held = max(int((si["tau_ref"] + 1e-3 * si["dt"]) / si["dt"]) - 1, 0)
    spikes = np.concatenate([[0], np.cumsum(count)])
    before = np.arange(len(count))
    return (spikes[before] - spikes[np.maximum(before - held, 0)]) / neurons
