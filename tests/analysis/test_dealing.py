"""Counts dealt to neurons: none is lost, nobody spikes while at rest, all get their share."""

import numpy as np
import pytest

from analysis.dealing import dealt, whole_counts
from analysis.synchrony import spike_contrast


def test_whole_counts_follow_the_rate_to_one_spike():
    rng = np.random.default_rng(1)
    rate_Hz = rng.exponential(5, 10_000)
    counts = whole_counts(rate_Hz, 137, 0.1)
    wanted = np.cumsum(rate_Hz * 137 * 1e-4)
    assert counts.min() >= 0 and np.abs(np.cumsum(counts) - wanted).max() <= 0.5 + 1e-9
    binomial = rng.binomial(137, 0.01, 10_000)
    assert np.array_equal(whole_counts(binomial / 137 / 1e-4, 137, 0.1), binomial)


@pytest.mark.parametrize("rest", [0, 1, 50])
def test_every_spike_is_dealt_and_nobody_spikes_at_rest(rest):
    rng = np.random.default_rng(2)
    counts = rng.binomial(100, 0.01, 20_000) * (rng.random(20_000) < 0.5)
    neuron, step = dealt(counts, 100, rest, seed=3)
    assert np.array_equal(np.bincount(step, minlength=20_000), counts)
    order = np.lexsort((step, neuron))
    same = np.diff(neuron[order]) == 0
    assert np.diff(step[order])[same].min() > rest
    per_neuron = np.bincount(neuron, minlength=100)
    expected = counts.sum() / 100
    assert np.abs(per_neuron - expected).max() < 6 * np.sqrt(expected)  # 1 in 5e8 for each
    again = dealt(counts, 100, rest, seed=3)
    assert np.array_equal(again[0], neuron)
    assert not np.array_equal(dealt(counts, 100, rest, seed=4)[0], neuron)


def test_more_spikes_than_neurons_that_are_ready():
    neuron, step = dealt([10, 10, 3], 10, 5, seed=1)
    assert len(neuron) == 23
    for k in range(3):
        assert len(set(neuron[step == k])) == (step == k).sum()
    assert set(neuron[step == 2]) <= set(range(10))
    assert len(dealt([7], 3, 0, seed=1)[0]) == 3  # a neuron spikes once in a step


def test_volleys_and_independent_trains_score_as_they_should():
    counts = np.zeros(20_000, int)
    counts[::1000] = 200
    neuron, step = dealt(counts, 200, 50, seed=1)
    assert spike_contrast(neuron, step, 200, 20_000, 0.1) == pytest.approx(1, abs=0.01)
    counts = np.random.default_rng(5).binomial(200, 1e-3, 20_000)
    neuron, step = dealt(counts, 200, 50, seed=1)
    assert spike_contrast(neuron, step, 200, 20_000, 0.1) < 0.2
