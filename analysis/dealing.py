"""Spike counts of a population dealt to its neurons, so that models of counts have spike trains."""

import numpy as np
from numba import njit


def whole_counts(rate_Hz, neurons, dt_ms):
    """Turn a rate into whole numbers of spikes per step whose sum follows it to one spike.

    Parameters
    ----------
    rate_Hz : array, shape (K,)
        Spikes per neuron and second.
    neurons : int
    dt_ms : float

    Returns
    -------
    int64 array, shape (K,)
    """
    total = np.cumsum(np.asarray(rate_Hz, float) * (neurons * dt_ms * 1e-3))
    return np.diff(np.floor(total + 0.5).astype(np.int64), prepend=0)


def dealt(counts, neurons, refractory_steps, seed):
    """Deal spikes to neurons at random, each at rest for its refractory period.

    Parameters
    ----------
    counts : integer array, shape (K,)
        Spikes in each step.
    neurons : int
    refractory_steps : int
        So many steps after a spike a neuron is dealt none. Where a step has more spikes than
        neurons that are ready, the others are dealt the rest, the ones that have waited longest
        first.
    seed : int

    Returns
    -------
    neuron, step : integer arrays, shape (S,)
        Sorted by step.

    Notes
    -----
    **Assumptions.** All neurons of a population are alike: no neuron fires more than another but by
    chance. A network with quenched in-degrees is less even, which Spike-contrast hardly sees.
    """
    counts = np.minimum(np.ascontiguousarray(counts, dtype=np.int64), neurons)
    neuron = _deal(counts, neurons, max(int(refractory_steps), 0), seed)
    return neuron, np.repeat(np.arange(len(counts), dtype=np.int64), counts)


@njit(cache=True)
def _deal(counts, neurons, rest, seed):
    """Keep who is ready in front of an order of all neurons, who rests behind, as a ring."""
    np.random.seed(seed)  # noqa: NPY002 - numba's own generator
    ready = np.random.permutation(neurons)  # noqa: NPY002
    number = neurons
    resting, freed = np.empty(neurons, np.int64), np.empty(neurons, np.int64)
    first, last = 0, 0  # of the ring of those that rest
    given = np.empty(counts.sum(), np.int64)
    place = 0
    for step in range(len(counts)):
        while last > first and freed[first % neurons] <= step:
            ready[number] = resting[first % neurons]
            number += 1
            first += 1
        for _ in range(counts[step]):
            if number == 0:
                ready[0] = resting[first % neurons]
                number, first = 1, first + 1
            chosen = np.random.randint(number)  # noqa: NPY002
            spiking = ready[chosen]
            number -= 1
            ready[chosen] = ready[number]
            given[place] = spiking
            place += 1
            resting[last % neurons], freed[last % neurons] = spiking, step + 1 + rest
            last += 1
    return given
