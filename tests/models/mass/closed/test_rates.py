"""Siegert's rate, the sigmoid, moments of a membrane: limits, quadrature, simulated neurons."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms
from scipy.integrate import quad
from scipy.special import erfcx

from models.mass.closed.siegert import LARGEST, antiderivative, siegert_Hz, sigmoid_Hz
from models.mass.closed.transfer import integral, moments, neuron, rate_per_ms
from models.parameters import TABLE_1


def integrand(x):
    return erfcx(-x) if x < 0 else 2 * np.exp(x**2) - erfcx(x)


@pytest.mark.parametrize("x", [-1000.0, -30.0, -20.0, -3.3, -0.1, 0.0, 0.4, 2.0, 4.9])
def test_the_integral(x):
    expected = quad(integrand, 0, x, epsabs=0, epsrel=1e-10, limit=200)[0]
    assert antiderivative(x) == pytest.approx(expected, rel=1e-7)
    assert integral(x, neuron(TABLE_1).table) == pytest.approx(expected, rel=2e-3, abs=2e-3)


def test_a_strong_drive_fires_once_per_refractory_period():
    assert siegert_Hz(1e4, 2.0, 20.0, TABLE_1) == pytest.approx(200, rel=0.02)
    without = replace(TABLE_1, tau_ref=0 * ms)
    ramp_ms = 20 * np.log((0 + 60) / (0 + 50))  # from reset to threshold, towards 0 mV
    assert siegert_Hz(0.0, 0.01, 20.0, without) == pytest.approx(1e3 / ramp_ms, rel=0.02)


def test_a_weak_one_does_not():
    assert siegert_Hz(-200.0, 2.0, 20.0, TABLE_1) == 0
    assert siegert_Hz(-60.0, 1e-9, 20.0, TABLE_1) == 0
    assert LARGEST**2 < np.log(np.finfo(float).max)
    rates = siegert_Hz(np.linspace(-80, 0, 400), 2.2, 20.0, TABLE_1)
    assert (np.diff(rates) >= 0).all() and np.isfinite(rates).all()


def test_the_fast_rate_is_the_same():
    of = neuron(TABLE_1)
    for mean in (-62.0, -58.0, -52.0, -40.0):
        for std in (0.7, 2.2, 6.0):
            for tau in (3.0, 20.0):
                expected = siegert_Hz(mean, std, tau, TABLE_1)
                found = 1e3 * rate_per_ms(mean, std, tau, of)
                assert found == pytest.approx(expected, rel=5e-3, abs=1e-9)


def test_the_sigmoid():
    assert sigmoid_Hz(-50.0, 1.5, TABLE_1) == pytest.approx(100)
    assert sigmoid_Hz([-1e5, 1e5], 1.5, TABLE_1) == pytest.approx([0, 200])


def test_moments_of_the_membrane():
    """Without conductances the noise's own; with shot noise against 4,000 simulated membranes."""
    of = neuron(TABLE_1)
    assert moments(np.zeros(3), np.zeros(3), of) == pytest.approx((-70, np.sqrt(5), 20))
    rng, dt, rate, g_hat = np.random.default_rng(1), 0.1, 5.0, 0.002  # ms, 1/ms, of g_leak
    v, g, seen = np.full(4000, -55.0), np.zeros(4000), []
    for step in range(4000):
        noise = np.sqrt(of.Q * dt) * rng.normal(size=4000)
        v += dt / 20 * (-70 - v - g * (v - 0)) + noise
        g += -dt / 3 * g + g_hat * rng.poisson(rate * dt, 4000)
        if step > 2000 and step % 200 == 0:
            seen.append(v.copy())
    mean = np.array([g_hat * rate * 3, 0, 0])
    variance = np.array([g_hat**2 * rate * 3 / 2, 0, 0])
    expected = moments(mean, variance, of)
    assert np.mean(seen) == pytest.approx(expected[0], abs=0.15)
    assert np.std(seen) == pytest.approx(expected[1], rel=0.03)
