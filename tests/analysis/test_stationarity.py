"""Stationarity: what switches is called so, what fluctuates is not."""

import numpy as np
import pytest
from scipy.signal import lfilter

from analysis.stationarity import FEWEST, is_not_stationary, stationarity_pvalue


def counts(rate_Hz, rng, neurons=10_000):
    """Return the spikes of a population in steps of 1 ms."""
    return rng.poisson(np.asarray(rate_Hz) * neurons * 1e-3)


def slow(n, corner_Hz, depth, rng):
    """Return a factor of a rate: log-normal, mean 1, correlated as its corner frequency says."""
    a = np.exp(-2 * np.pi * corner_Hz * 1e-3)
    x = lfilter([np.sqrt(1 - a * a)], [1, -a], rng.standard_normal(n + 5000))[5000:]
    return np.exp(depth * x - depth**2 / 2)


@pytest.mark.parametrize("start_s, length_s", [(0, 2), (12, 2), (20, 7)])
def test_a_record_that_switches_is_not_stationary(start_s, length_s):
    rng = np.random.default_rng(1)
    rate = np.full(27_000, 67.0)
    rate[start_s * 1000 : (start_s + length_s) * 1000] = 4.0
    rate *= slow(rate.size, 10, 0.1, rng)
    assert is_not_stationary(counts(rate, rng), 1.0)


def test_one_that_goes_back_and_forth_is_not_stationary():
    rng = np.random.default_rng(2)
    rate = np.where(np.arange(27_000) // 3000 % 2, 4.0, 67.0)
    assert is_not_stationary(counts(rate, rng), 1.0)


def test_fluctuations_of_one_state_are_stationary():
    """Of 300 records that fluctuate by half with a corner at 2 Hz, at most six are called so."""
    called = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        called += is_not_stationary(counts(5 * slow(27_000, 2, 0.5, rng), rng), 1.0)
    assert called <= 6


def test_volleys_are_stationary():
    rng = np.random.default_rng(3)
    t = np.arange(27_000)
    for frequency in (3.3, 12.0, 120.0):
        rate = 10 * (1 + np.cos(2 * np.pi * frequency * t / 1000)) ** 4 / 4.375
        assert not is_not_stationary(counts(rate, rng), 1.0)


def test_a_small_drift_is_significant_and_no_change_of_state():
    rng = np.random.default_rng(4)
    drift = counts(10 * np.linspace(0.97, 1.03, 27_000), rng)
    pvalue, excess = stationarity_pvalue(drift, 1.0)
    assert pvalue < 1e-9 and 0 < excess < 0.1 and not is_not_stationary(drift, 1.0)


def test_independent_counts_have_the_level_that_is_told():
    """Of 2000 records of Poisson counts one in a hundred has p < 0.01, within 4 standard errors."""
    rng = np.random.default_rng(5)
    records = (counts(np.full(9000, 5.0), rng) for _ in range(2000))
    below = np.mean([stationarity_pvalue(record, 1.0)[0] < 0.01 for record in records])
    assert abs(below - 0.01) < 4 * np.sqrt(0.01 * 0.99 / 2000)


def test_short_and_silent_records_say_nothing():
    rng = np.random.default_rng(6)
    short = counts(np.full(1000 * FEWEST - 1, 5.0), rng)
    for record in (short, np.zeros(9000, int), np.zeros(0)):
        assert np.isnan(stationarity_pvalue(record, 1.0)[0])
        assert not is_not_stationary(record, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"), [(([[1.0]], 0.1), "count"), (([1.0, 2.0], 0), "dt_ms")]
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        stationarity_pvalue(*arguments)
