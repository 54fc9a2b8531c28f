"""One step of a population density, taken apart: spread, end correction, spikes, survivors.

Masses of a class stand in an array of ABOVE cells above the threshold, then the cells from the
threshold down: cell i of the equations is at ABOVE + i.
"""

import numpy as np
from numba import njit

from models.mass.closed.density_grid import ABOVE, OFFSETS

EMPTY = 1e-13
"""A class with less mass than this is left out, a cell with less than `DUST` is empty."""
DUST = 1e-14


@njit(cache=True)
def spread(mass, moved, slope, shift, table):
    """Move each cell's mass by the map and spread it by the noise of the step.

    Parameters
    ----------
    mass : array, shape (ABOVE + cells,)
        Of the cells below threshold; those above are not looked at.
    moved : array of the same shape
        Takes the result.
    slope, shift : float
        The map in units of cells: the mean of cell i lands at slope * i + shift.
    table : array
        `density_grid.kernels`.
    """
    moved[:] = 0.0
    last, reach = len(mass) - 1, table.shape[1] // 2
    for i in range(ABOVE, last + 1):
        if mass[i] < DUST:
            continue
        place = slope * (i - ABOVE) + shift
        centre = np.floor(place + 0.5)
        row = table[int((place - centre + 0.5) * OFFSETS + 0.5)]
        first = int(centre) + ABOVE - reach
        if first >= 0 and first + 2 * reach <= last:
            for j in range(2 * reach + 1):
                moved[first + j] += mass[i] * row[j]
        else:
            for j in range(2 * reach + 1):
                moved[min(max(first + j, 0), last)] += mass[i] * row[j]


@njit(cache=True)
def correct_end(mass, moved, place, r):
    """Add what the sum over cells misses of the integral that ends at the threshold.

    Euler-Maclaurin for the midpoint rule, with the density's values and slopes there from the cells
    on both sides, those above as they were before they were cut.

    Parameters
    ----------
    mass, moved : arrays
        Before and after the step.
    place : float
        Where the mean of a neuron at the threshold lands, in cells.
    r : float
        h/s.
    """
    a, b, c, d = mass[ABOVE - 2], mass[ABOVE - 1], mass[ABOVE], mass[ABOVE + 1]
    p0 = (9 * (c + b) - (d + a)) / 16
    p1 = (27 * (c - b) - (d - a)) / 24
    p2 = (a - b - c + d) / 2
    if p0 == 0 and p1 == 0:
        return
    width = int(np.ceil(5.5 / r)) + 1
    middle = int(np.floor(place + 0.5))
    for j in range(middle - width, middle + width + 1):
        y = (j - place) * r  # v_j below the mean where j is larger: (m - v_j)/s
        kernel = r / np.sqrt(2 * np.pi) * np.exp(-(y**2) / 2)
        second = (y**3 - 3 * y) * r**3 * p0 + 3 * (y**2 - 1) * r**2 * p1 + 3 * y * r * p2
        at = min(max(j + ABOVE, 0), len(moved) - 1)
        moved[at] += kernel * (-(y * r * p0 + p1) / 24 + 7 / 5760 * second)


@njit(cache=True)
def mass_above(moved):
    """Return the mass above threshold of one class: its cells, and the end of the integral."""
    above = 0.0
    for j in range(ABOVE):
        above += moved[j]
    b, c = moved[ABOVE - 1], moved[ABOVE]
    return above + (27 * (c - b) - (moved[ABOVE + 1] - moved[ABOVE - 2])) / 576


@njit(cache=True)
def mass_below(moved):
    """Return the mass below threshold of one class, as the counterpart of `mass_above`."""
    below = 0.0
    for j in range(ABOVE, len(moved)):
        below += moved[j]
    b, c = moved[ABOVE - 1], moved[ABOVE]
    return below - (27 * (c - b) - (moved[ABOVE + 1] - moved[ABOVE - 2])) / 576


@njit(cache=True)
def mean_below(mass, v_top_mV, h_mV):
    """Return sum P v over the cells of one class, in mV, v_top that of the first cell's centre."""
    total = 0.0
    for j in range(ABOVE, len(mass)):
        total += mass[j] * (v_top_mV - (j - ABOVE) * h_mV)
    return total


@njit(cache=True)
def rescale(mass, factor):
    """Multiply a class; nothing negative, which a correction can leave, remains."""
    for j in range(len(mass)):
        mass[j] = max(mass[j] * factor, 0.0)
