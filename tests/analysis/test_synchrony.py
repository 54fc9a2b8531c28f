"""Spike-contrast: exact values, two independent implementations, invariances, full size."""

import itertools
import math
import resource
import sys
import warnings

import numpy as np
import pytest

from analysis.synchrony import spike_contrast


def flat(trains):
    """Turn a list of trains of steps into (neuron, step), in order of time."""
    neuron = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    step = np.concatenate([np.asarray(train, dtype=np.int64) for train in trains])
    order = np.argsort(step, kind="stable")
    return neuron[order], step[order]


def random_trains(rng, twice_in_a_step=False):
    """Draw trains of unequal rates, some with common events, and the length of their record."""
    n_neurons, n_steps = int(rng.integers(2, 10)), int(rng.integers(200, 12_000))
    probability = 10 ** rng.uniform(-3, -0.7) * rng.random((n_neurons, 1))
    spikes = rng.random((n_neurons, n_steps)) < probability
    if rng.random() < 0.5:
        spikes |= (rng.random(n_steps) < 0.02) & (rng.random((n_neurons, n_steps)) < 0.7)
    trains = [np.flatnonzero(train) for train in spikes]
    if twice_in_a_step:
        trains = [np.sort(np.append(train, train[:2])) for train in trains]
    return trains, n_steps


def literal_spike_contrast(trains, n_steps, dt_ms, floor_ms):
    """Transcribe the definition in plain Python: sets of trains, one bin after the other."""
    times = [[step * dt_ms for step in train] for train in trains]
    duration = n_steps * dt_ms
    isi_min = min(b - a for train in times for a, b in itertools.pairwise(train))
    n_spikes = sum(len(train) for train in times)
    size, scores = duration / 2, []
    while size >= max(isi_min / 2, floor_ms):
        theta, n = [], []
        n_edges = math.ceil((duration + 2 * isi_min + size / 2) / (size / 2) - 1e-9)
        for k in range(n_edges - 2):
            start = -isi_min + k * (size / 2)
            stop = -isi_min + (k + 2) * (size / 2)
            inside = [sum(start <= t < stop for t in train) for train in times]
            theta.append(sum(inside))
            n.append(sum(count > 0 for count in inside))
        active = sum(a * b for a, b in zip(n, theta)) / sum(theta)
        contrast = sum(abs(b - a) for a, b in itertools.pairwise(theta)) / (2 * n_spikes)
        scores.append(contrast * (active - 1) / (len(trains) - 1))
        size *= 0.9
    return max(scores)


@pytest.fixture(scope="module")
def elephant():
    """Elephant's measure on trains of steps, in ms, at the floor of our choice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        neo = pytest.importorskip("neo")
        ms = pytest.importorskip("quantities").ms
        module = pytest.importorskip("elephant.spike_train_synchrony")

    def measure(trains, n_steps, dt_ms, floor_ms):
        spiketrains = [
            neo.SpikeTrain(np.asarray(train) * dt_ms, units=ms, t_stop=n_steps * dt_ms)
            for train in trains
        ]
        return module.spike_contrast(spiketrains, min_bin=floor_ms * ms)

    return measure


@pytest.mark.parametrize(
    ("trains", "expected"),
    [
        (([1, 2, 3, 9], [1, 2, 3, 9], [1, 2, 2.5, 9]), 7 / 8),
        (([1, 2, 3, 9], [1, 2, 3, 9], [1, 2, 2.5]), 95 / 121),
        (([1, 2, 3, 9], [1, 2, 3, 9]), 1),
        (([1, 2, 5, 9], [1, 3, 8, 10], [1, 1.5, 6, 9]), 19 / 36),
    ],
)
@pytest.mark.parametrize("dt_ms", [500, 100, 12.5])
@pytest.mark.parametrize("floor_ms", [1, 10])
def test_published_values(trains, expected, dt_ms, floor_ms):
    steps = [[round(1000 * t / dt_ms) for t in train] for train in trains]
    score = spike_contrast(*flat(steps), len(trains), round(11_000 / dt_ms), dt_ms, floor_ms)
    assert score == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dt_ms", [0.1, 0.25, 0.0917, 1.0])
@pytest.mark.parametrize("floor_ms", [0.5, 1.0, 10.0])
def test_equals_elephant(elephant, dt_ms, floor_ms):
    rng = np.random.default_rng(int(1000 * dt_ms + floor_ms))
    for k in range(6):
        trains, n_steps = random_trains(rng, twice_in_a_step=k == 5)
        score = spike_contrast(*flat(trains), len(trains), n_steps, dt_ms, floor_ms)
        assert score == pytest.approx(elephant(trains, n_steps, dt_ms, floor_ms), abs=1e-12)


@pytest.mark.parametrize("isi", [3, 6, 7, 13])
def test_equals_elephant_where_spikes_lie_on_edges_to_rounding(elephant, isi):
    rng = np.random.default_rng(isi)
    on_edges = np.array([1000, 2000, 3000]) - isi  # of the largest bins, a quarter record apart
    for _ in range(3):
        start = rng.integers(0, 3900)
        others = [np.unique(rng.integers(0, 200, 5) * 20 + 5) for _ in range(3)]
        trains = [on_edges, on_edges[:2], np.array([start, start + isi]), *others]
        expected = elephant(trains, 4000, 0.1, 1.0)
        score = spike_contrast(*flat(trains), len(trains), 4000, 0.1)
        assert score == pytest.approx(expected, abs=1e-12)


def test_equals_elephant_with_empty_and_single_spike_trains(elephant):
    trains = [[3, 40, 77], [], [41], [5, 39, 80, 99], []]
    expected = elephant(trains, 100, 1.0, 1.0)
    assert 0 < expected < 1
    assert spike_contrast(*flat(trains), 5, 100, 1.0) == pytest.approx(expected, abs=1e-12)


def test_equals_the_literal_transcription():
    rng = np.random.default_rng(1)
    for _ in range(4):
        trains, n_steps = random_trains(rng)
        n_steps = n_steps % 600 + 200
        trains = [train[train < n_steps] for train in trains]
        trains[0] = np.array([5, 50, 150])
        # times and edges that never coincide: where they do, rounding decides
        dt_ms = 0.5 + rng.random() / 10
        expected = literal_spike_contrast(trains, n_steps, dt_ms, 2.0)
        score = spike_contrast(*flat(trains), len(trains), n_steps, dt_ms, 2.0)
        assert score == pytest.approx(expected, abs=1e-12)


def test_identical_trains_score_one():
    train = np.arange(50, 10_000, 83)
    assert spike_contrast(*flat([train] * 7), 7, 10_000, 0.1) == 1


def test_volleys_at_125_hz_need_the_low_floor():
    volleys = flat([np.arange(40, 270_000, 80)] * 20)
    assert spike_contrast(*volleys, 20, 270_000, 0.1) == 1
    hidden = spike_contrast(*volleys, 20, 270_000, 0.1, floor_ms=10)
    assert hidden == pytest.approx(0.47, abs=0.005)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_independent_trains_score_an_eighth(seed):
    rng = np.random.default_rng(seed)
    n_neurons, n_steps = 1000, 100_000
    gaps = rng.geometric(1e-3, (n_neurons, 200))  # 10 Hz at 0.1 ms; 100 spikes on average
    steps = np.cumsum(gaps, axis=1) - 1
    trains = [train[train < n_steps] for train in steps]
    # 100,000 spikes: chance adds 0.002 +- 0.001 to the contrast of 1/8
    score = spike_contrast(*flat(trains), n_neurons, n_steps, 0.1)
    assert score == pytest.approx(0.127, abs=0.005)


def test_more_jitter_scores_less():
    rng = np.random.default_rng(4)
    volleys = np.arange(200, 19_800, 1000)
    scores = []
    for jitter in (0, 20, 100, 300):
        trains = [np.sort(volleys + rng.integers(-jitter, jitter + 1, 20)) for _ in range(60)]
        trains = [np.clip(train, 0, 19_999) for train in trains]
        scores.append(spike_contrast(*flat(trains), 60, 20_000, 0.1))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert scores[-1] < 0.7


@pytest.mark.parametrize("seed", range(5))
def test_the_names_of_the_trains_and_the_order_within_a_step_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    trains, n_steps = random_trains(rng)
    neuron, step = flat(trains)
    n_neurons = len(trains)
    expected = spike_contrast(neuron, step, n_neurons, n_steps, 0.1)
    assert (
        spike_contrast(rng.permutation(n_neurons)[neuron], step, n_neurons, n_steps, 0.1)
        == expected
    )
    order = rng.permutation(step.size)
    assert spike_contrast(neuron[order], step[order], n_neurons, n_steps, 0.1) == expected


@pytest.mark.parametrize("seed", range(5))
def test_the_unit_of_time_does_not_matter(seed):
    trains, n_steps = random_trains(np.random.default_rng(seed))
    spikes = flat(trains)
    expected = spike_contrast(*spikes, len(trains), n_steps, 0.125, 1.0)
    assert spike_contrast(*spikes, len(trains), n_steps, 0.5, 4.0) == expected


@pytest.mark.parametrize("neuron_type", [np.uint16, np.int32, np.uint32, np.int64])
@pytest.mark.parametrize("step_type", [np.int32, np.int64])
def test_every_type_of_integer_gives_the_same(neuron_type, step_type):
    neuron, step = flat([[3, 40, 77], [4, 41, 70], [9]])
    neuron, step = neuron.astype(neuron_type), step.astype(step_type)
    neuron.flags.writeable = step.flags.writeable = False
    before = neuron.copy(), step.copy()
    score = spike_contrast(neuron, step, 3, 100, 1.0)
    assert score == spike_contrast(*flat([[3, 40, 77], [4, 41, 70], [9]]), 3, 100, 1.0)
    assert np.array_equal(neuron, before[0])
    assert np.array_equal(step, before[1])


def test_empty_trains_count():
    trains = [np.arange(50, 10_000, 83)] * 4
    spikes = flat(trains)
    assert spike_contrast(*spikes, 4, 10_000, 0.1) == 1
    assert spike_contrast(*spikes, 7, 10_000, 0.1) == pytest.approx(3 / 6)


@pytest.mark.parametrize("trains", [[[], []], [[5], []], [[5], [7], [7]]])
def test_without_two_spikes_in_a_train_it_is_undefined(trains):
    assert math.isnan(spike_contrast(*flat(trains), len(trains), 100, 0.1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [5], 1, 100, 0.1), "n_neurons must be at least 2, got 1"),
        (([0], [5], 2.0, 100, 0.1), "n_neurons must be a whole number, got 2.0"),
        (([0], [5], 2, 1e3, 0.1), "n_steps must be a whole number, got 1000.0"),
        (([0], [5], 2, 0, 0.1), r"n_steps must lie in \[1, 2\^31 - 2\], got 0"),
        (([0, 2], [5, 6], 2, 100, 0.1), r"neuron must lie in \[0, 1\], got 2"),
        (([0, -1], [5, 6], 2, 100, 0.1), r"neuron must lie in \[0, 1\], got -1"),
        (([0, 1], [5, 100], 2, 100, 0.1), r"step must lie in \[0, 99\], got 100"),
        (([0, 1], [-5, 6], 2, 100, 0.1), r"step must lie in \[0, 99\], got -5"),
        (([0, 1], [5.0, 6.0], 2, 100, 0.1), "step must be of integers, got float64"),
        (([0.0, 1.0], [5, 6], 2, 100, 0.1), "neuron must be of integers, got float64"),
        (([0, 1], [5], 2, 100, 0.1), r"of the same length, got shapes \(2,\) and \(1,\)"),
        (([[0]], [[5]], 2, 100, 0.1), r"one-dimensional and of the same length, got shapes \(1, "),
        (([0], [5], 2, 100, -1), "dt_ms must be positive, got -1"),
        (([0], [5], 2, 100, 0.1, 0), "floor_ms must be positive, got 0"),
        (([0], [5], 2, 100, 0.1, 6), "floor_ms must not exceed half the record, 5 ms, got 6"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        spike_contrast(*arguments)


@pytest.mark.slow
def test_fifty_million_spikes_of_ten_thousand_trains_fit_into_three_gigabytes():
    rng = np.random.default_rng(5)
    n_neurons, n_steps, per_step = 10_000, 300_000, 166
    step = np.repeat(np.arange(n_steps, dtype=np.int32), per_step)
    neuron = rng.integers(0, n_neurons, step.size, dtype=np.uint16)
    score = spike_contrast(neuron, step, n_neurons, n_steps, 0.1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in KiB; in bytes on macOS
    assert peak < 3e9 / (1 if sys.platform == "darwin" else 1024)
    # Drawn with replacement, so ISI_min = 0 and no bin reaches past the end of the record
    assert score < 0.125
