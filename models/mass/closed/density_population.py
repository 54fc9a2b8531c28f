"""One population as masses of potentials: what rests, what moves, what spikes in a step."""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.mass.closed.density_grid import ABOVE
from models.mass.closed.density_step import (
    EMPTY,
    correct_end,
    mass_above,
    mass_below,
    mean_below,
    spread,
)


class Population(NamedTuple):
    """Masses by class: quenched node b, coloured node z, class b * nz + z.

    Attributes
    ----------
    size : int
        Neurons.
    mass, moved : arrays, shape (classes, ABOVE + cells)
        Active neurons by potential; `moved` is a place to work in.
    resting : array, shape (rest + 1, classes)
        Refractory neurons by the step, modulo rest + 1, in which they return.
    eta, zeta : arrays, shape (nb,), (nz,)
    transition, returned : arrays, shape (nz, nz)
        Of zeta in one step, and during a refractory period.
    """

    size: int
    mass: np.ndarray
    moved: np.ndarray
    resting: np.ndarray
    eta: np.ndarray
    zeta: np.ndarray
    transition: np.ndarray
    returned: np.ndarray


def population(size, start, rest, quenched, coloured):
    """Build a population whose neurons are all active.

    Parameters
    ----------
    size : int
    start : array, shape (ABOVE + cells,)
        Masses of the potentials at the start; those below threshold sum to 1.
    rest : int
        After so many steps a neuron that spiked is active again.
    quenched : (nodes, weights)
    coloured : (nodes, weights, transition)
    """
    (eta, of_eta), (zeta, of_zeta, transition) = quenched, coloured
    weights = np.outer(of_eta, of_zeta).ravel()
    mass = weights[:, None] * start
    return Population(
        *(size, mass, np.zeros_like(mass), np.zeros((rest + 1, len(weights)))),
        *(eta, zeta, transition, np.linalg.matrix_power(transition, rest)),
    )


@njit(cache=True)
def wake(of, step, k):
    """Return those whose refractory period ends to the cell of the reset; return what rests on."""
    slot = step % len(of.resting)
    for c in range(len(of.mass)):
        of.mass[c, ABOVE + k] += of.resting[slot, c]
        of.resting[slot, c] = 0.0
    return of.resting.sum()


@njit(cache=True)
def active(of):
    """Return the mass of the active neurons of each class."""
    return of.mass[:, ABOVE:].sum(axis=1)


@njit(cache=True)
def sum_of_potentials(of, v_top_mV, h_mV):
    """Return sum P v over all classes, in mV."""
    total = 0.0
    for c in range(len(of.mass)):
        total += mean_below(of.mass[c], v_top_mV, h_mV)
    return total


@njit(cache=True)
def move(of, masses, slopes, shifts, table, r):
    """Move every class by its map; return the mass above threshold of each.

    Parameters
    ----------
    of : Population
        `mass` is replaced by what has been moved, cells above threshold kept for the next step.
    masses : array, shape (classes,)
        `active`.
    slopes, shifts : arrays, shape (classes,)
        Maps in units of cells.
    table, r
        As in `density_step`.
    """
    spiking = np.zeros(len(masses))
    for c in range(len(masses)):
        mass, moved = of.mass[c], of.moved[c]
        if masses[c] < EMPTY:  # too little to be moved: it rests with those that spike
            spiking[c], mass[:] = masses[c], 0.0
            continue
        spread(mass, moved, slopes[c], shifts[c], table)
        correct_end(mass, moved, slopes[c] * -0.5 + shifts[c], r)
        above = min(max(mass_above(moved), 0.0), masses[c])
        total = above + max(mass_below(moved), 0.0)
        spiking[c] = above * masses[c] / total if total > 0 else 0.0
        for j in range(len(mass)):
            mass[j] = max(moved[j], 0.0)
    return spiking


@njit(cache=True)
def spike(of, masses, spiking, share, step):
    """Let a share of the population spike, and rest; keep the mass of each quenched class exactly.

    Parameters
    ----------
    of : Population
        After `move`.
    masses, spiking : arrays, shape (classes,)
        `active` before, and what `move` returned.
    share : float
        Of the population that spikes; the classes have their parts of it by `spiking`.
    step : int
    """
    nz, expected = len(of.zeta), spiking.sum()
    slot = (step + len(of.resting) - 1) % len(of.resting)
    for b in range(len(of.eta)):
        own = slice(b * nz, (b + 1) * nz)
        there, goes = masses[own].sum(), spiking[own].sum()
        if there == 0:
            continue
        goes = min(goes * share / expected, there) if expected > 0 else 0.0
        left = of.mass[own, ABOVE:].sum()
        if left < EMPTY:  # all are above threshold: whatever was drawn, they spike
            goes = there
        part = spiking[own] / spiking[own].sum() if spiking[own].sum() > 0 else masses[own] / there
        for z in range(nz):
            for to in range(nz):
                of.resting[slot, b * nz + to] += goes * part[z] * of.returned[z, to]
        factor = (there - goes) / left if left >= EMPTY else 0.0
        of.mass[own] *= factor


@njit(cache=True)
def recolour(of):
    """Let the coloured deviation of every active neuron take its step."""
    nz = len(of.zeta)
    if nz == 1:
        return
    for b in range(len(of.eta)):
        mass, mixed = of.mass[b * nz : (b + 1) * nz], of.moved[b * nz : (b + 1) * nz]
        for j in range(mass.shape[1]):
            for to in range(nz):
                total = 0.0
                for z in range(nz):
                    total += of.transition[z, to] * mass[z, j]
                mixed[to, j] = total
        mass[:] = mixed
