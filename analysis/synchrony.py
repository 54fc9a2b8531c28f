"""Spike-contrast, the time-scale independent synchrony of many spike trains."""

import numpy as np
from numba import njit

from analysis.arguments import require_positive

SHRINK = 0.9  # each bin size is this fraction of the one before (Ciba et al. 2018)


def spike_contrast(neuron, step, n_neurons, n_steps, dt_ms, floor_ms=1.0):
    """Measure the synchrony of a population of spike trains by Spike-contrast.

    For bin sizes b from T/2 down by a factor 0.9 while b >= max(ISI_min/2, floor), the record,
    widened by ISI_min on both sides, is cut into bins that overlap by one half. With theta_k
    spikes of n_k different trains in bin k,

        ActiveST = (sum_k n_k theta_k / sum_k theta_k - 1) / (N - 1)
        Contrast = sum_k |theta_{k+1} - theta_k| / (2 * number of spikes)
        S        = max over b of Contrast * ActiveST

    Parameters
    ----------
    neuron : array_like of int, shape (n_spikes,)
        The train of each spike, from 0 to n_neurons - 1.
    step : array_like of int, shape (n_spikes,)
        The step of each spike, from 0 to n_steps - 1; its time is step * dt. Spikes that are
        not in order of time are sorted first, which costs time and memory.
    n_neurons : int
        N, the number of trains; empty trains count.
    n_steps : int
        Length of the record in steps: T = n_steps * dt.
    dt_ms : float
        Length of a step in ms.
    floor_ms : float
        The smallest bin size in ms. A floor above the period of a synchronous oscillation hides
        it: with 10 ms, perfectly synchronous volleys at 125 Hz score 0.47 instead of 1.

    Returns
    -------
    float
        S in [0, 1]; 1 for identical trains. Independent Poisson trains do not score 0: at
        b = T/2 the last bin reaches past the end of the record and holds half the spikes of the
        others, which is a contrast of 1/8, so a large population of independent trains that all
        fire in half the record scores about 0.125, and less where they do not. NaN where no
        train has two spikes, for ISI_min is then undefined (a silent population, or a single
        spike).

    Raises
    ------
    ValueError
        If the arrays are not of integers, differ in length or hold values outside their range,
        there are fewer than two trains, the step or the floor is not positive, or the floor
        exceeds T/2.

    Notes
    -----
    **Assumptions.** None beyond the definition, but published implementations differ in it:
    Elephant floors b at 10 ms, the authors' own at 1 ms; Elephant counts empty trains in N, the
    authors' own drops them. Edges are rounded as in Elephant (times in ms), with which the
    result agrees exactly at the same floor.

    Memory is proportional to the number of spikes. A train is new to a bin at the first of its
    spikes in it, whose predecessor in the train lies before the bin, so n_k needs no train by
    itself, only the step of each spike's predecessor. Since ActiveST <= 1, bin sizes are
    visited in order of falling Contrast until it drops to the best S found.

    References
    ----------
    Ciba, Isomura, Jimbo, Bahmer, Thielemann (2018) J. Neurosci. Methods 293:136.
    """
    neuron, step = _spikes(neuron, step, n_neurons, n_steps)
    require_positive(dt_ms, "dt_ms")
    require_positive(floor_ms, "floor_ms")
    dt_ms = float(dt_ms)
    duration_ms = n_steps * dt_ms
    if floor_ms > duration_ms / 2:
        raise ValueError(
            f"floor_ms must not exceed half the record, {duration_ms / 2:g} ms, got {floor_ms}"
        )
    previous, isi_min_ms = _predecessors(neuron, step, n_neurons, dt_ms)
    if np.isinf(isi_min_ms):
        return float("nan")
    time_ms = np.arange(n_steps) * dt_ms
    first_spike = np.searchsorted(step, np.arange(n_steps + 1, dtype=np.int32))  # of each step

    def first_steps(bin_ms):
        """First step of every half bin, and the end of the last; shape (half bins + 1,)."""
        half_ms = bin_ms / 2
        edge_ms = np.arange(-isi_min_ms, duration_ms + isi_min_ms + half_ms, half_ms)
        return np.searchsorted(time_ms, edge_ms)

    def theta(bin_ms):
        """Spikes in every bin; shape (bins,)."""
        half = np.diff(first_spike[first_steps(bin_ms)])
        return half[:-1] + half[1:]

    contrasts = [
        (np.abs(np.diff(theta(bin_ms))).sum() / (2 * step.size), bin_ms)
        for bin_ms in _bin_sizes(duration_ms / 2, max(isi_min_ms / 2, floor_ms))
    ]
    best = 0.0
    for contrast, bin_ms in sorted(contrasts, reverse=True):
        if contrast <= best:
            break
        edges = first_steps(bin_ms)
        n, theta_k = _active_trains(previous, edges, first_spike[edges]), theta(bin_ms)
        active = ((n * theta_k).sum() / theta_k.sum() - 1) / (n_neurons - 1)
        best = max(best, contrast * active)
    return float(best)


def _bin_sizes(largest_ms, smallest_ms):
    """Yield the bin sizes, from the largest down to the smallest at most."""
    bin_ms = largest_ms
    while bin_ms >= smallest_ms:
        yield bin_ms
        bin_ms *= SHRINK


def _compiled(function):
    """Compile a function when it is called, and keep the code where there is a place for it."""
    try:
        return njit(cache=True)(function)
    except RuntimeError:  # a read-only installation and no home folder
        return njit(function)


@_compiled
def _predecessors(neuron, step, n_neurons, dt_ms):
    """Find the step of each spike's predecessor in its train (-1: none) and ISI_min in ms."""
    last = np.full(n_neurons, -1, np.int32)
    previous = np.empty(step.size, np.int32)
    isi_min_ms = np.inf
    for i in range(step.size):
        before = last[neuron[i]]
        last[neuron[i]] = step[i]
        previous[i] = before
        if before >= 0:
            isi_min_ms = min(isi_min_ms, step[i] * dt_ms - before * dt_ms)
    return previous, isi_min_ms


@_compiled
def _active_trains(previous, first_step, first_spike):
    """Count the different trains in every bin, that is, in every two neighbouring half bins.

    n_k = trains active in half bin k + trains active in half bin k + 1 that were not in k.
    """
    n = np.zeros(first_step.size - 2, np.int64)
    for half in range(first_step.size - 1):
        here, before = np.int32(first_step[half]), np.int32(first_step[max(half - 1, 0)])
        new, new_to_both = 0, 0
        for i in range(first_spike[half], first_spike[half + 1]):
            new += previous[i] < here
            new_to_both += previous[i] < before
        if half < n.size:
            n[half] += new
        if half > 0:
            n[half - 1] += new_to_both
    return n


def _spikes(neuron, step, n_neurons, n_steps):
    """Return the spikes in order of time, step as int32, or raise ValueError."""
    for number, name in ((n_neurons, "n_neurons"), (n_steps, "n_steps")):
        if not isinstance(number, (int, np.integer)):
            raise ValueError(f"{name} must be a whole number, got {number!r}")
    if not 2 <= n_neurons:
        raise ValueError(f"n_neurons must be at least 2, got {n_neurons}")
    if not 1 <= n_steps < 2**31 - 1:
        raise ValueError(f"n_steps must lie in [1, 2^31 - 2], got {n_steps}")
    neuron, step = np.asarray(neuron), np.asarray(step)
    if neuron.ndim != 1 or neuron.shape != step.shape:
        raise ValueError(
            "neuron and step must be one-dimensional and of the same length, "
            f"got shapes {neuron.shape} and {step.shape}"
        )
    if step.size == 0:
        return neuron.astype(np.int32), step.astype(np.int32)
    for values, name, end in ((neuron, "neuron", n_neurons), (step, "step", n_steps)):
        if not np.issubdtype(values.dtype, np.integer):
            raise ValueError(f"{name} must be of integers, got {values.dtype}")
        if values.min() < 0 or values.max() >= end:
            wrong = values.min() if values.min() < 0 else values.max()
            raise ValueError(f"{name} must lie in [0, {end - 1}], got {wrong}")
    step = step.astype(np.int32, copy=False)
    if np.any(step[1:] < step[:-1]):
        order = np.argsort(step, kind="stable")
        neuron, step = neuron[order], step[order]
    return neuron, step
