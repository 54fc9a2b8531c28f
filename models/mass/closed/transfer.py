"""The rate of a neuron from moments of its conductances, fast enough for every step.

The potential of a free membrane with conductances g_s (in units of g_leak) has

    G = 1 + sum_s g_s,   tau = tau_mem/G,   mean = (v_rest + sum_s g_s E_s)/G
    std^2 = Q tau/2 + sum_s var(g_s) (E_s - mean)^2/G^2 tau_s/(tau_s + tau)

(Kuhn, Aertsen & Rotter 2004; El Boustani & Destexhe 2009), and the rate is Siegert's, whose
integral is a difference of two values of one function, tabulated here.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from brian2 import ms, mV
from numba import njit

from models.mass.closed.siegert import SHIFT, antiderivative

LOW, HIGH, PER_UNIT = -20.0, 6.0, 400
"""Where the table begins and ends; a threshold further off than HIGH is never reached."""


class Neuron(NamedTuple):
    """What the rate of a neuron needs, in mV and ms.

    Attributes
    ----------
    top, reset, rest : float
        Threshold as steps of dt see it, reset, leak reversal.
    tau_mem, tau_ref, Q : float
        Q in mV^2/ms.
    E, tau : arrays, shape (3,)
        Reversal potentials and decay times, exc, inh, ext.
    table : array
        Of the antiderivative.
    """

    top: float
    reset: float
    rest: float
    tau_mem: float
    tau_ref: float
    Q: float
    E: np.ndarray
    tau: np.ndarray
    table: np.ndarray


@cache
def _table():
    return antiderivative(np.linspace(LOW, HIGH, round((HIGH - LOW) * PER_UNIT) + 1))


def neuron(params):
    """Take from Parameters what `rate_per_ms` needs."""
    si = params.si()
    kinds = ("exc", "inh", "ext")
    step_mV = 1e3 * np.sqrt(si["Q"] * si["dt"])
    return Neuron(
        *(float(params.v_thres / mV) + SHIFT * step_mV, float(params.v_reset / mV)),
        *(float(params.v_rest / mV), float(params.tau_mem / ms), float(params.tau_ref / ms)),
        1e3 * si["Q"],
        np.array([float(getattr(params, f"v_rev_{s}") / mV) for s in kinds]),
        np.array([float(getattr(params, f"tau_{s}") / ms) for s in kinds]),
        _table(),
    )


@njit(cache=True)
def integral(x, table):
    """Return the antiderivative of exp(x^2) (1 + erf(x)) at x, from the table."""
    if x < LOW:  # there the integrand is 1/(sqrt(pi) |x|)
        return table[0] - np.log(x / LOW) / np.sqrt(np.pi)
    place = (min(x, HIGH) - LOW) * PER_UNIT
    at = min(int(place), len(table) - 2)
    return table[at] + (place - at) * (table[at + 1] - table[at])


@njit(cache=True)
def rate_per_ms(mean, std, tau, of):
    """Return Siegert's rate in 1/ms for mean and s.d. in mV and a time constant in ms."""
    scale = np.sqrt(2.0) * max(std, 1e-6)
    b = (of.top - mean) / scale
    if b >= HIGH:
        return 0.0
    a = (of.reset - mean) / scale
    between = integral(b, of.table) - integral(a, of.table)
    return 1.0 / max(of.tau_ref + tau * np.sqrt(np.pi) * between, 1e-6)


@njit(cache=True)
def moments(g, var, of):
    """Return mean and s.d. of the free potential in mV, and its time constant in ms.

    Parameters
    ----------
    g, var : arrays, shape (3,)
        Means and variances of the conductances, in units of g_leak.
    of : Neuron
    """
    G = 1.0 + g.sum()
    tau = of.tau_mem / G
    mean = (of.rest + (g * of.E).sum()) / G
    variance = of.Q * tau / 2
    for s in range(3):
        variance += var[s] * ((of.E[s] - mean) / G) ** 2 * of.tau[s] / (of.tau[s] + tau)
    return mean, np.sqrt(variance), tau
