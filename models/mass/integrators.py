"""Integrate a membrane, driven directly or through a synapse, one time step at a time.

    tau_mem dV/dt = U - V     (1)  the membrane, Eq. 15: U is what the currents pull V to
    tau_syn dU/dt = J - U     (2)  the synapse, Eqs 19, 20 and 24

together are [tau_mem d/dt + 1][tau_syn d/dt + 1] V = J. What pulls may depend on V:
J, or U where there is no (2), is drive - feedback V. All start at rest, U = V = V(0); the input of
step k is constant over step k. At the end of step k, V may jump by a given amount.
"""

import math

import numpy as np
from numba import njit

from models.mass.registry import INTEGRATORS


def integrate(
    drive_mV, feedback, V_0_mV, dt_ms, tau_mem_ms, tau_syn_ms, integrator="euler", jump_mV=None
):
    """Integrate [tau_mem d/dt + 1][tau_syn d/dt + 1] V = drive - feedback V.

    Parameters
    ----------
    drive_mV : array, shape (K,)
        The part of the right-hand side that does not depend on V, in mV.
    feedback : array, shape (K,)
        The factor of -V on the right-hand side, without unit.
    V_0_mV : float
        Start value in mV.
    dt_ms, tau_mem_ms, tau_syn_ms : float
        Time step and time constants in ms. tau_syn_ms = 0: [tau_mem d/dt + 1] V alone.
    integrator : {"euler", "exact"}
        Forward Euler, as in the paper; or the closed-form solution for input that is constant over
        each step, which is stable for any steady input.
    jump_mV : array, shape (K,), optional
        Added to V at the end of each step.

    Returns
    -------
    V_mV : array, shape (K,)
        V at the start of each step, in mV. Explicit Euler may diverge: see
        `models.mass.model.diverged`.

    Raises
    ------
    ValueError
        An unknown integrator.
    """
    if integrator not in INTEGRATORS:
        raise ValueError(f"integrator must be one of {', '.join(INTEGRATORS)}, got {integrator}")
    jump_mV = np.zeros(len(drive_mV)) if jump_mV is None else jump_mV
    if tau_syn_ms == 0:
        step = _euler_membrane if integrator == "euler" else _exact_membrane
        return step(drive_mV, feedback, V_0_mV, dt_ms / tau_mem_ms, jump_mV)
    step = _euler if integrator == "euler" else _exact
    return step(drive_mV, feedback, V_0_mV, dt_ms / tau_mem_ms, dt_ms / tau_syn_ms, jump_mV)


def _compiled(function):
    """Compile a function when it is called, and keep the code where there is a place for it."""
    try:
        return njit(cache=True)(function)
    except RuntimeError:  # a read-only installation and no home folder
        return njit(function)


@_compiled
def _euler_membrane(drive, feedback, V, dt_mem, jump):
    result = np.empty(len(drive))
    for k in range(len(drive)):
        result[k] = V
        V = V + dt_mem * (drive[k] - feedback[k] * V - V) + jump[k]
    return result


@_compiled
def _exact_membrane(drive, feedback, V, dt_mem, jump):
    result = np.empty(len(drive))
    for k in range(len(drive)):
        result[k] = V
        rest = drive[k] / (1.0 + feedback[k])
        V = rest + (V - rest) * math.exp(-dt_mem * (1.0 + feedback[k])) + jump[k]
    return result


@_compiled
def _euler(drive, feedback, V, dt_mem, dt_syn, jump):
    result = np.empty(len(drive))
    U = V
    for k in range(len(drive)):
        result[k] = V
        J = drive[k] - feedback[k] * V
        V, U = V + dt_mem * (U - V) + jump[k], U + dt_syn * (J - U)
    return result


@_compiled
def _exact(drive, feedback, V, dt_mem, dt_syn, jump):
    # With x = (V, U), per step: dx/dt = A x + b, A = [[-1/m, 1/m], [-f/s, -1/s]]. The fixed point
    # is V* = U* = drive/(1 + f), and exp(A) = e^a (C I + S (A - a I)), where a is half the trace
    # and C, S = cosh r, sinh(r)/r with r^2 = a^2 - det A (cos, sin where that is negative).
    result = np.empty(len(drive))
    U = V
    a = -0.5 * (dt_mem + dt_syn)
    for k in range(len(drive)):
        result[k] = V
        f = feedback[k]
        square = a * a - dt_mem * dt_syn * (1.0 + f)
        r = math.sqrt(abs(square))
        if r < 1e-6:
            C, S = 1.0 + square / 2, 1.0 + square / 6
        elif square > 0:
            C, S = math.cosh(r), math.sinh(r) / r
        else:
            C, S = math.cos(r), math.sin(r) / r
        e = math.exp(a)
        rest = drive[k] / (1.0 + f)
        x, y = V - rest, U - rest
        V = rest + e * (C * x + S * ((-dt_mem - a) * x + dt_mem * y)) + jump[k]
        U = rest + e * (C * y + S * (-f * dt_syn * x + (-dt_syn - a) * y))
    return result
