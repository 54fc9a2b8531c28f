"""The rhythm of a population: known periods, harmonics, noise without one."""

import numpy as np
import pytest
from scipy.signal import lfilter

from analysis.rhythm import rhythm


def volleys(period_ms, width_ms, jitter_ms, rng, duration_ms=20_000, dt_ms=0.1, spikes=300):
    """Return counts of volleys of so many spikes, with intervals that scatter by `jitter_ms`."""
    starts = np.cumsum(rng.normal(period_ms, jitter_ms, int(1.2 * duration_ms / period_ms)))
    times = (starts[:, None] + rng.normal(0, width_ms, (len(starts), spikes))).ravel()
    times = times[(times >= 0) & (times < duration_ms)]
    return np.bincount((times / dt_ms).astype(int), minlength=int(duration_ms / dt_ms))


@pytest.mark.parametrize("period_ms", [7.25, 16.3, 83.0, 400.0])
def test_the_period_of_volleys_is_found(period_ms):
    rng = np.random.default_rng(1)
    frequency, strength = rhythm(volleys(period_ms, period_ms / 20, period_ms / 50, rng), 0.1)
    assert frequency == pytest.approx(1000 / period_ms, rel=0.02)
    assert 0.3 < strength <= 1


def test_narrow_volleys_have_their_rate_and_not_a_harmonic():
    """Most of the power of 2 ms wide volleys at 12 Hz lies in harmonics."""
    rng = np.random.default_rng(2)
    counts = volleys(1000 / 12, 2, 1, rng)
    assert rhythm(counts, 0.1)[0] == pytest.approx(12, rel=0.01)
    twice = counts + np.roll(counts // 2, 250)  # a smaller volley after a third of a period
    assert rhythm(twice, 0.1)[0] == pytest.approx(12, rel=0.01)


def test_exact_volleys_are_exact():
    counts = np.zeros(100_000, int)
    counts[::73] = 10_000  # lockstep, every 7.3 ms
    frequency, strength = rhythm(counts, 0.1)
    assert frequency == pytest.approx(1000 / 7.3, rel=1e-4) and strength > 0.9


def test_the_time_step_is_a_unit():
    counts = volleys(50, 3, 2, np.random.default_rng(3))
    coarse = counts.reshape(-1, 5).sum(axis=1)
    assert rhythm(coarse, 0.5)[0] == pytest.approx(rhythm(counts, 0.1)[0], rel=0.02)


@pytest.mark.parametrize("corner_Hz", [None, 2, 10])
def test_noise_has_no_rhythm(corner_Hz):
    """At most two of 200 records of noise, white or with a slow rate, are called rhythmic."""
    found, n = 0, 7000
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rate = np.full(n, 50.0)
        if corner_Hz:
            a = np.exp(-2 * np.pi * corner_Hz * 1e-3)
            slow = lfilter([np.sqrt(1 - a * a)], [1, -a], rng.standard_normal(n + 3000))[3000:]
            rate = 50 * np.exp(0.3 * slow - 0.045)
        frequency, strength = rhythm(rng.poisson(rate), 1.0)
        assert np.isnan(frequency) == (strength == 0)
        found += np.isfinite(frequency)
    assert found <= 2


def test_what_has_no_variance_has_no_rhythm():
    for counts in (np.zeros(5000), np.full(5000, 7)):
        assert np.isnan(rhythm(counts, 0.1)).all()
    assert np.isnan(rhythm(np.ones(3), 0.1)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(([[1.0]], 0.1), "count"), (([1.0, np.nan], 0.1), "count"), (([1.0, 2.0], 0), "dt_ms")],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        rhythm(*arguments)
