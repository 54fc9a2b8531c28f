"""The grid of potentials and the classes of private conductance of the population density."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from models.parameters import ParameterError

COARSEST = 1.335
"""The widest cell, in standard deviations of the noise of one step: a wider one loses mass."""
MARGIN_MV = 5.0
"""How far below the lowest potential that something pulls to the grid reaches."""
ABOVE = 4
"""Cells above the threshold that are kept apart; what lands higher is counted there, too."""
OFFSETS = 256
"""So many positions of a mean within a cell have a kernel of their own."""
REACH = 4.8
"""Where the kernel is cut, in standard deviations."""
TWO_BELOW, NODES_PER_RATIO, MOST_NODES = 0.45, 8.0, 6
"""Two nodes of a private conductance do while the noise that it makes is less than so much of the
membrane's; beyond, so many by that ratio. With Q = 2e-4 V^2/s, at 0.06 Hz, five instead of three
make the rate 6 % larger, more of them no more."""
WIDEST_RATIO = 1.5
"""Beyond, the nodes are too few: the model is outside its range."""


@dataclass(frozen=True)
class Resolution:
    """What was chosen for some parameters.

    Attributes
    ----------
    k : int
        The cell whose centre is v_reset.
    h_mV : float
        Width of a cell.
    cells : int
        From the threshold down.
    nodes_quenched, nodes_coloured : int
        Of what differs from neuron to neuron for ever, and of what fluctuates with the synapses.
    inside : bool
        Whether so many are enough.
    """

    k: int
    h_mV: float
    cells: int
    nodes_quenched: int
    nodes_coloured: int
    inside: bool


def noise_mV(params):
    """Return the standard deviation of the membrane noise of one step, sqrt(Q dt), in mV."""
    si = params.si()
    return 1e3 * np.sqrt(si["Q"] * si["dt"])


def resolution(params, k=None, nodes=None):
    """Choose grid and nodes for some parameters.

    Parameters
    ----------
    params : models.parameters.Parameters
    k : int, optional
        Instead of the smallest one whose cells are narrow enough.
    nodes : (int, int), optional
        Quenched and coloured, instead of those that follow from the ratios of private conductance
        noise to membrane noise.

    Returns
    -------
    Resolution

    Raises
    ------
    ParameterError
        Without membrane noise there is no density that a grid could hold.
    """
    si, s_mV = params.si(), noise_mV(params)
    if s_mV == 0:
        raise ParameterError("Q", "must be positive for a population density", params.Q)
    span_mV = 1e3 * (si["v_thres"] - si["v_reset"])
    if k is None:
        k = max(1, int(np.ceil(span_mV / (COARSEST * s_mV) - 0.5)))
    h_mV = span_mV / (k + 0.5)
    lowest_mV = 1e3 * min(si["v_rest"], si["v_rev_inh"], si["v_reset"]) - MARGIN_MV
    cells = max(int(np.ceil((1e3 * si["v_thres"] - lowest_mV) / h_mV)), k + 2)
    ratios = _ratios(params)
    wanted = [
        2 if r < TWO_BELOW else int(np.clip(np.ceil(NODES_PER_RATIO * r), 3, MOST_NODES))
        for r in ratios
    ]
    quenched, coloured = wanted if nodes is None else nodes
    return Resolution(k, h_mV, cells, quenched, coloured, bool(max(ratios) <= WIDEST_RATIO))


def _ratios(params):
    """Compare the noise that private external conductance makes with the membrane's own.

    Returns
    -------
    quenched, coloured : float
        Standard deviations of V by that of the membrane noise, sqrt(Q tau_mem/2).
    """
    si = params.si()
    pull_mV = 1e3 * abs(si["v_rev_ext"] - si["v_reset"])
    g_hat = si["g_hat_ext"] / si["g_leak"]
    rate = params.M * si["nu_ext"]
    mean = g_hat * rate * si["tau_ext"] * params.p_ext
    decay = 1 - si["dt"] / si["tau_ext"]
    variance = g_hat**2 * rate * si["dt"] * params.p_ext * (1 - params.p_ext)
    coloured = np.sqrt(variance / (1 - decay**2))
    quenched = mean * np.sqrt(unevenness(params.p_ext, params.M))
    tau_eff = si["tau_mem"] / (1 + mean)
    filtered = np.sqrt(si["tau_ext"] / (si["tau_ext"] + tau_eff)) / (1 + mean)
    own_mV = 1e3 * np.sqrt(si["Q"] * tau_eff / 2)
    return pull_mV * quenched / (1 + mean) / own_mV, pull_mV * coloured * filtered / own_mV


def unevenness(p, sources):
    """Return the squared coefficient of variation of in-degrees from so many sources, 0 of none."""
    return (1 - p) / (p * sources) if p > 0 and sources > 0 else 0.0


def kernels(h_mV, s_mV):
    """Tabulate where the mass of a cell goes in a step, for every offset of its mean in a cell.

    Returns
    -------
    array, shape (OFFSETS + 1, 2 R + 1)
        Row f: N(v_j; m, s^2) h of the cells j = -R ... R around the one that holds the mean m,
        which lies f/OFFSETS - 1/2 cells off its centre; rows sum to 1.
    """
    reach = int(np.ceil(REACH * s_mV / h_mV + 0.5))
    off = np.arange(OFFSETS + 1)[:, None] / OFFSETS - 0.5
    distance = (np.arange(-reach, reach + 1) - off) * h_mV / s_mV
    weight = np.where(np.abs(distance) <= REACH, np.exp(-(distance**2) / 2), 0.0)
    return weight / weight.sum(axis=1, keepdims=True)


def quenched_nodes(number):
    """Return nodes and weights of a standard normal variable (Gauss-Hermite)."""
    if number == 1:
        return np.zeros(1), np.ones(1)
    nodes, weights = hermegauss(number)
    return nodes, weights / weights.sum()


def coloured_nodes(number, dt_over_tau):
    """Return nodes, stationary weights and transitions of a coloured variable (Rouwenhorst).

    Mean 0, variance 1, and the correlation 1 - dt/tau from step to step, exactly.

    Returns
    -------
    nodes, weights : arrays, shape (n,)
    transition : array, shape (n, n)
        [i, j]: probability of j in the next step.

    References
    ----------
    Rouwenhorst (1995) in Cooley (ed.), Frontiers of Business Cycle Research, chapter 10.
    """
    if number == 1:
        return np.zeros(1), np.ones(1), np.ones((1, 1))
    q = 1 - min(dt_over_tau, 1.0) / 2
    transition = np.array([[q, 1 - q], [1 - q, q]])
    for n in range(3, number + 1):
        wider = np.zeros((n, n))
        wider[:-1, :-1] += q * transition
        wider[:-1, 1:] += (1 - q) * transition
        wider[1:, :-1] += (1 - q) * transition
        wider[1:, 1:] += q * transition
        wider[1:-1] /= 2
        transition = wider
    nodes = np.linspace(-1, 1, number) * np.sqrt(number - 1)
    row = np.array([1.0])
    for _ in range(number - 1):
        row = np.convolve(row, [0.5, 0.5])
    return nodes, row, transition
