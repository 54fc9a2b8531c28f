"""The directed Erdős-Rényi graph: exact where it can be, statistics where it must be."""

import numpy as np
import pytest
from confidence import ALARM, Z
from graph import bipartite, erdos_renyi, out_degrees
from scipy.stats import binom, chisquare, kstest


def test_no_edges_at_p_0_and_all_at_p_1():
    rng = np.random.default_rng(1)
    source, target = erdos_renyi(7, 0.0, rng)
    assert source.size == target.size == 0
    source, target = erdos_renyi(7, 1.0, rng)
    assert {*zip(source.tolist(), target.tolist())} == {
        (i, j) for i in range(7) for j in range(7) if i != j
    }
    assert source.size == 42


@pytest.mark.parametrize("p", [1e-12, 1e-5, 0.01, 0.5, 0.99, 1 - 1e-9])
def test_edges_are_sorted_different_and_no_self_connections(p):
    source, target = erdos_renyi(300, p, np.random.default_rng(2))
    cell = source * 300 + target
    assert (np.diff(cell) > 0).all()
    assert (source != target).all()
    assert cell.size == 0 or (cell.min() >= 0 and target.max() < 300 and source.max() < 300)
    assert abs(cell.size - p * 300 * 299) <= Z * np.sqrt(p * (1 - p) * 300 * 299) + 1


def test_every_ordered_pair_is_equally_likely():
    """Chi-square over all off-diagonal cells; a diagonal with twice the probability would show."""
    n, p, draws = 6, 0.3, 4000
    rng = np.random.default_rng(3)
    count = np.zeros((n, n))
    for _ in range(draws):
        count[erdos_renyi(n, p, rng)] += 1
    off_diagonal = ~np.eye(n, dtype=bool)
    assert (count[~off_diagonal] == 0).all()
    observed = count[off_diagonal]
    assert chisquare(observed).pvalue > ALARM
    total = draws * n * (n - 1)
    assert abs(observed.sum() / total - p) < Z * np.sqrt(p * (1 - p) / total)


@pytest.mark.parametrize("axis", [0, 1])
def test_degrees_are_binomial(axis):
    n, p = 4000, 0.05
    degrees = out_degrees(erdos_renyi(n, p, np.random.default_rng(4))[axis], n)
    jittered = degrees + np.random.default_rng(5).uniform(-0.5, 0.5, n)
    grid = np.arange(n) + 0.5
    steps = binom.cdf(np.arange(n), n - 1, p)
    assert kstest(jittered, lambda x: np.interp(x, grid, steps)).pvalue > ALARM


def test_bipartite_reaches_every_cell():
    source, target = bipartite(5, 3, 1.0, np.random.default_rng(6))
    assert {*zip(source.tolist(), target.tolist())} == {(i, j) for i in range(5) for j in range(3)}
    source, target = bipartite(2000, 500, 0.1, np.random.default_rng(7))
    assert abs(source.size / 1e6 - 0.1) < Z * np.sqrt(0.09 / 1e6)
    assert source.max() < 2000 and target.max() < 500
    assert bipartite(4, 0, 0.5, np.random.default_rng(8))[0].size == 0


def test_same_seed_same_graph():
    one, two = (erdos_renyi(100, 0.2, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one, two)
