"""The stationary rate of a leaky integrate-and-fire neuron: Siegert's formula, and the sigmoid.

    1/r = tau_ref + tau sqrt(pi) int_a^b exp(x^2) (1 + erf(x)) dx,
    a = (v_reset - mean)/(sqrt(2) std),   b = (v_thres + 0.5826 sqrt(Q dt) - mean)/(sqrt(2) std)

with mean, standard deviation and time constant of the free membrane potential. The threshold is
raised by what steps of dt miss of a continuous path (Broadie, Glasserman & Kou 1997). The formula
is exact for white noise (Siegert 1951; Ricciardi 1977); of coloured noise it sees the variance.
"""

from itertools import pairwise

import numpy as np
from brian2 import ms, mV
from numpy.polynomial.legendre import leggauss
from scipy.special import erfcx

SHIFT = 0.5826
"""-zeta(1/2)/sqrt(2 pi), of Broadie, Glasserman & Kou (1997) Math. Finance 7:325."""
NODES = 60
LARGEST = 26.0
"""exp(x^2) is a number up to here; beyond, the neuron is silent."""
_X, _W = leggauss(NODES)


def siegert_Hz(mean_mV, std_mV, tau_ms, params):
    """Return the rate of a neuron with a free membrane potential of mean and s.d., in Hz.

    Parameters
    ----------
    mean_mV, std_mV, tau_ms : array_like, of one shape
    params : models.parameters.Parameters
        Threshold, reset, refractory period, and the noise of one step.

    Returns
    -------
    float or array
    """
    mean_mV, std_mV, tau_ms = np.broadcast_arrays(mean_mV, std_mV, tau_ms)
    step_mV = 1e3 * np.sqrt(params.si()["Q"] * params.si()["dt"])
    top = float(params.v_thres / mV) + SHIFT * step_mV
    scale = np.sqrt(2) * np.maximum(std_mV, 1e-9)
    a = np.clip((float(params.v_reset / mV) - mean_mV) / scale, -1e4, LARGEST)
    b = np.clip((top - mean_mV) / scale, -1e4, LARGEST)
    time_ms = float(params.tau_ref / ms) + tau_ms * np.sqrt(np.pi) * _integral(a, b)
    return np.where(b >= LARGEST, 0.0, 1e3 / np.maximum(time_ms, 1e-12))[()]


def antiderivative(x):
    """Return the integral of exp(x^2) (1 + erf(x)) from 0 to x, an array up to LARGEST."""
    x = np.asarray(x, float)
    return np.where(x < 0, -_integral(np.minimum(x, 0), 0 * x), _integral(0 * x, np.maximum(x, 0)))


def _integral(a, b):
    """Integrate exp(x^2) (1 + erf(x)) from a to b.

    erfcx(-x) below 0, where it is at most 1; above, 2 exp(x^2) - erfcx(x), whose first part is
    Dawson-like and is integrated as exp(b^2) times what decays from there.
    """
    low = np.minimum(b, 0.0)
    below = _quadrature(lambda x: erfcx(-x), np.minimum(a, low), low)
    start = np.maximum(a, 0.0)
    end = np.maximum(b, start)
    above = _quadrature(lambda x: 2 * np.exp(x**2) - erfcx(x), start, end)
    return below + above


def _quadrature(function, a, b):
    """Integrate over panels that halve towards b, where the integrand grows fastest."""
    a, b = (np.asarray(end, float)[..., None] for end in (a, b))
    total, width = 0.0, b - a
    edges = [0.0, *(1 - 0.5 ** np.arange(1, 8)), 1.0]
    for left, right in pairwise(edges):
        middle, half = a + width * (left + right) / 2, width * (right - left) / 2
        total = total + (function(middle + half * _X) * _W).sum(axis=-1) * half[..., 0]
    return total


def sigmoid_Hz(V_mV, slope_mV, params):
    """Return the customary rate of mass models, (1/tau_ref)/(1 + exp(-(V - v_thres)/slope)).

    Parameters
    ----------
    V_mV : array_like
        Mean potential.
    slope_mV : float
    params : models.parameters.Parameters
    """
    largest_Hz = 1e3 / max(float(params.tau_ref / ms), float(params.dt / ms))
    x = np.clip((np.asarray(V_mV) - float(params.v_thres / mV)) / slope_mV, -700, 700)
    return largest_Hz / (1 + np.exp(-x))
