"""The directed Erdős-Rényi graph as an explicit edge list.

The backends draw their own graphs; this one is for putting the same graph into different code.
"""

import numpy as np


def erdos_renyi(n, p, rng):
    """Draw a directed Erdős-Rényi graph without self-connections.

    Every ordered pair of different nodes is an edge with probability `p`, independently. Successive
    edges lie geometrically distributed gaps apart when the n(n - 1) pairs stand in one row
    (Batagelj & Brandes 2005, Phys. Rev. E 71:036113, there for undirected graphs).

    Parameters
    ----------
    n : int
        Number of nodes.
    p : float
        Connection probability in [0, 1].
    rng : numpy.random.Generator

    Returns
    -------
    source, target : int64 arrays, shape (edges,)
        Sorted by source, then target.
    """
    source, column = _bernoulli_cells(n, max(n - 1, 0), p, rng)
    return source, column + (column >= source)


def bipartite(m, n, p, rng):
    """Draw edges from each of m sources to each of n targets with probability p.

    Returns
    -------
    source, target : int64 arrays, shape (edges,)
        Sorted by source, then target.
    """
    return _bernoulli_cells(m, n, p, rng)


def out_degrees(source, n):
    """Count the edges that leave each of n nodes, shape (n,)."""
    return np.bincount(source, minlength=n)


def _bernoulli_cells(rows, columns, p, rng):
    """Pick each cell of a rows x columns table with probability p; return its row and column."""
    cells = rows * columns
    if p == 0 or cells == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if p == 1:
        return np.divmod(np.arange(cells), columns)
    picked, last = [], -1
    while last < cells:
        block = int(p * (cells - last) * 1.01) + 100
        # a skip past the end is cut there: numpy's geometric returns up to 2**63 - 1 for a tiny p
        skips = np.minimum(rng.geometric(p, block), cells + 1)
        if p * (cells - last) < 1:  # then so few of them matter that their sum cannot overflow
            skips = skips[:100]
        picked.append(last + np.cumsum(skips))
        last = picked[-1][-1]
    picked = np.concatenate(picked)
    return np.divmod(picked[picked < cells], columns)
