"""The operator on the left of Eqs 19, 20 and 24, one time step at a time.

    [tau_mem d/dt + 1] [tau_syn d/dt + 1] V = J

as two first-order equations, with W = [tau_syn d/dt + 1] V:

    tau_mem dW/dt = J - W,        tau_syn dV/dt = W - V.

The right-hand side is J = drive - feedback V: `feedback` is zero in a linear model such as the CFM.
Both integrators start at rest, V = W = V(0), and take the input of step k as constant over step k.
"""

import math

import numpy as np
from numba import njit

INTEGRATORS = ("euler", "exact")


def integrate(drive_mV, feedback, V_0_mV, dt_ms, tau_mem_ms, tau_syn_ms, integrator="euler"):
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
        Time step and time constants in ms.
    integrator : {"euler", "exact"}
        Forward Euler, as in the paper; or the closed-form solution for input that is constant over
        each step, which is stable for any steady input.

    Returns
    -------
    V_mV : array, shape (K,)
        V at the start of each step, in mV. Explicit Euler may diverge: see `diverged`.

    Raises
    ------
    ValueError
        An unknown integrator.
    """
    if integrator not in INTEGRATORS:
        raise ValueError(f"integrator must be one of {', '.join(INTEGRATORS)}, got {integrator}")
    step = _euler if integrator == "euler" else _exact
    return step(drive_mV, feedback, V_0_mV, dt_ms / tau_mem_ms, dt_ms / tau_syn_ms)


def diverged(V_mV, params):
    """Tell whether a mass model has left every bound.

    No potential can lie further from rest than the largest driving force of its synapses; a linear
    mass model may overshoot that in a volley, but not a thousandfold.
    """
    ends = (params.v_rev_exc, params.v_rev_inh, params.v_rev_ext, params.v_thres)
    force = max(abs(v - params.v_rest) for v in ends)
    bound_mV = 1e3 * float(force * 1e3)
    return not (np.isfinite(V_mV).all() and np.abs(V_mV).max() < bound_mV)


@njit(cache=True)
def _euler(drive, feedback, V, dt_mem, dt_syn):
    result = np.empty(len(drive))
    W = V
    for k in range(len(drive)):
        result[k] = V
        J = drive[k] - feedback[k] * V
        V, W = V + dt_syn * (W - V), W + dt_mem * (J - W)
    return result


@njit(cache=True)
def _exact(drive, feedback, V, dt_mem, dt_syn):
    # With x = (V, W), per step: dx/dt = A x + b, A = [[-1/s, 1/s], [-f/m, -1/m]]. The fixed point
    # is V* = W* = drive/(1 + f), and exp(A) = e^a (C I + S (A - a I)), where a is half the trace
    # and C, S = cosh r, sinh(r)/r with r^2 = a^2 - det A (cos, sin where that is negative).
    result = np.empty(len(drive))
    W = V
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
        x, y = V - rest, W - rest
        V = rest + e * (C * x + S * ((-dt_syn - a) * x + dt_syn * y))
        W = rest + e * (C * y + S * (-f * dt_mem * x + (-dt_mem - a) * y))
    return result
