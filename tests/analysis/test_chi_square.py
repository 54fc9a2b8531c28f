"""Chi-square of spectra: identities, other libraries, and the level of the permutation test."""

import itertools
import math
import warnings

import numpy as np
import pytest
from confidence import ALARM, Z
from scipy.stats import binom, chi2, chi2_contingency
from scipy.stats import t as student

from analysis.chi_square import chi_square, permutation_pvalue, spectral_distance


def spectra(bins=200, seed=1):
    rng = np.random.default_rng(seed)
    return rng.exponential(3, bins), rng.exponential(0.1, bins)


def test_equals_the_additive_chi2_kernel_of_scikit_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    for seed in range(5):
        P, Q = spectra(seed=seed)
        P[:7] = 0
        Q[4:9] = 0
        p, q = P / P.sum(), Q / Q.sum()
        expected = -pairwise.additive_chi2_kernel(p[None], q[None])[0, 0]
        assert spectral_distance(P, Q) == pytest.approx(expected / 2, rel=1e-12)
        assert chi_square(P, Q).chi2 == pytest.approx(expected * P.size, rel=1e-12)


def test_of_counts_with_equal_totals_is_the_contingency_table_test():
    P = np.array([10, 20, 30, 40])
    Q = np.array([25, 25, 25, 25])
    expected = chi2_contingency([P, Q], correction=False)
    result = chi_square(P, Q, total=100)
    assert result.chi2 == pytest.approx(expected.statistic)
    assert result.dof == expected.dof
    assert result.pvalue == pytest.approx(expected.pvalue)


def test_equal_spectra_are_zero_apart_and_disjoint_ones_one():
    P, Q = spectra()
    assert chi_square(P, P)[:3] == (0, 199, 1)
    assert spectral_distance(P, P) == 0
    P[100:] = 0
    Q[:100] = 0
    assert spectral_distance(P, Q) == pytest.approx(1)
    assert chi_square(P, Q).chi2 == pytest.approx(2 * 200)


def test_symmetry_scale_and_order_of_bins_change_nothing():
    P, Q = spectra()
    order = np.random.default_rng(0).permutation(P.size)
    expected = spectral_distance(P, Q)
    assert 0 < expected < 1
    assert spectral_distance(Q, P) == pytest.approx(expected)
    assert spectral_distance(1e-20 * P, 1e20 * Q) == pytest.approx(expected)
    assert spectral_distance(P[order], Q[order]) == pytest.approx(expected)


def test_chi2_is_proportional_to_the_total_and_the_default_is_one_count_per_bin():
    P, Q = spectra()
    assert chi_square(P, Q) == chi_square(P, Q, total=200)
    assert chi_square(P, Q).total == 200
    for total in (1, 13_500, 1e6):
        result = chi_square(P, Q, total)
        assert result.total == total
        assert result.chi2 == pytest.approx(2 * total * spectral_distance(P, Q))
        assert result.dof == 199
        assert result.pvalue == pytest.approx(chi2.sf(result.chi2, 199))


def test_an_empty_bin_contributes_nothing():
    P, Q = spectra()
    with_empty_P, with_empty_Q = np.append(P, [0, 0]), np.append(Q, [0, 0])
    assert spectral_distance(with_empty_P, with_empty_Q) == spectral_distance(P, Q)
    assert chi_square(with_empty_P, with_empty_Q, total=200).dof == 201


@pytest.mark.parametrize("K", [1, 2, 10])
def test_chance_leaves_a_distance_of_one_over_two_k_plus_one(K):
    rng = np.random.default_rng(K)
    shape = 1 / (1 + (np.arange(4000) / 1500) ** 2)
    distances = []
    for _ in range(30):
        P, Q = shape * rng.exponential(1, (2, K, shape.size)).mean(axis=1)
        distances.append(spectral_distance(P, Q))
    error = np.std(distances) / math.sqrt(len(distances))
    # standard errors, and the bias from the chance in both totals, of relative order 1/L
    tolerance = student.isf(ALARM / 2, len(distances) - 1) * error + 1e-3 / K
    assert np.mean(distances) == pytest.approx(1 / (2 * K + 1), abs=tolerance)


def test_no_power_is_not_a_number():
    P, Q = spectra()
    for pair in ((P, 0 * Q), (0 * P, Q), (0 * P, 0 * Q)):
        assert math.isnan(spectral_distance(*pair))
        result = chi_square(*pair)
        assert math.isnan(result.chi2)
        assert math.isnan(result.pvalue)
        assert (result.dof, result.total) == (199, 200)


def literal_permutation_pvalue(P_trials, Q_trials):
    """Exchange trials one by one, all 2^K ways, and compare distances."""
    p = [P / P.sum() for P in P_trials]
    q = [Q / Q.sum() for Q in Q_trials]
    distances = []
    for exchange in itertools.product((False, True), repeat=len(p)):
        one = np.mean([b if e else a for a, b, e in zip(p, q, exchange)], axis=0)
        other = np.mean([a if e else b for a, b, e in zip(p, q, exchange)], axis=0)
        distances.append(spectral_distance(one, other))
    return np.mean(np.array(distances) >= distances[0] * (1 - 1e-9))


def paired_trials(rng, K, bins=60, difference=0.0):
    """Trials in which both spectra share part of their chance, as network and model do."""
    shared = rng.exponential(1, (K, bins))
    P, Q = shared + rng.exponential(1, (2, K, bins))
    return P, Q * (1 + difference * np.linspace(0, 1, bins))


@pytest.mark.parametrize("K", [5, 6, 8])
def test_permutation_equals_the_literal_enumeration(K):
    rng = np.random.default_rng(K)
    for difference in (0, 0.3, 1):
        P, Q = paired_trials(rng, K, difference=difference)
        P[:, :3] = Q[:, :3] = 0  # bins without power in any trial
        assert permutation_pvalue(P, Q, rng) == pytest.approx(literal_permutation_pvalue(P, Q))


def test_permutation_of_equal_trials_is_one_and_of_different_shapes_the_smallest_there_is():
    rng = np.random.default_rng(1)
    P, Q = paired_trials(rng, 10, difference=20)
    assert permutation_pvalue(P, P, rng) == 1
    assert permutation_pvalue(P, Q, rng) == 1 / 2**9
    assert permutation_pvalue(P[:5], Q[:5], rng) == 1 / 2**4
    many_P, many_Q = paired_trials(rng, 20, difference=20)
    assert permutation_pvalue(many_P, many_Q, rng) == 1 / 1000
    assert permutation_pvalue(many_P, many_P, rng) == 1


def test_permutation_ignores_scale_order_and_which_is_which():
    rng = np.random.default_rng(2)
    P, Q = paired_trials(rng, 7, difference=20)
    P[0], Q[0] = Q[0].copy(), P[0].copy()  # the one way to part them better: exchange these again
    expected = permutation_pvalue(P, Q, rng)
    assert 1 / 2**6 < expected < 1
    order = rng.permutation(7)
    amplitude = rng.uniform(0.1, 100, (7, 1))
    assert permutation_pvalue(Q, P, rng) == expected
    assert permutation_pvalue(P[order], Q[order], rng) == expected
    assert permutation_pvalue(P, 25 * Q, rng) == expected
    assert permutation_pvalue(amplitude * P, Q, rng) == expected


def test_random_exchanges_agree_with_all_exchanges():
    rng = np.random.default_rng(3)
    P, Q = paired_trials(rng, 9, difference=0.2)
    exact = permutation_pvalue(P, Q, rng, permutations=255)
    assert 0.02 < exact < 0.98
    drawn = np.mean([permutation_pvalue(P, Q, rng, permutations=200) for _ in range(100)])
    # 100 x 200 exchanges: standard errors of a share, and the 1 counted for the observed
    tolerance = Z * math.sqrt(exact * (1 - exact) / 20_000) + 1 / 201
    assert drawn == pytest.approx(exact, abs=tolerance)


def test_random_exchanges_follow_the_generator():
    P, Q = paired_trials(np.random.default_rng(4), 20, difference=0.1)
    first, again = (permutation_pvalue(P, Q, np.random.default_rng(9)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("K", "permutations"), [(7, 999), (12, 99)])
def test_permutation_keeps_its_level(K, permutations):
    rng = np.random.default_rng(K)
    repetitions = 600
    pvalues = np.array(
        [permutation_pvalue(*paired_trials(rng, K), rng, permutations) for _ in range(repetitions)]
    )
    for alpha in (0.0625, 0.25, 0.5):
        # all exchanges: exactly alpha; 99 drawn ones: p = k/100, at most 1/100 below it
        low, _ = binom.interval(1 - ALARM, repetitions, alpha if K == 7 else alpha - 0.01)
        _, high = binom.interval(1 - ALARM, repetitions, alpha)
        assert low <= np.count_nonzero(pvalues <= alpha) <= high


def test_permutation_needs_five_trials_with_power():
    rng = np.random.default_rng(5)
    P, Q = paired_trials(rng, 6)
    assert math.isnan(permutation_pvalue(P[:4], Q[:4], rng))
    assert math.isnan(permutation_pvalue(P[:0], Q[:0], rng))
    Q[3] = 0
    assert math.isnan(permutation_pvalue(P, Q, rng))


@pytest.mark.parametrize("measure", [chi_square, spectral_distance])
@pytest.mark.parametrize(
    ("P", "Q", "message"),
    [
        ([1.0, 2.0], [1.0], r"P and Q must have the same shape, got \(2,\) and \(1,\)"),
        ([1.0], [1.0], "P must have at least two bins, got 1"),
        ([1.0, 2.0], [1.0, -2.0], "Q must not be negative, got -2.0"),
        ([-1.0, 2.0], [1.0, 2.0], "P must not be negative, got -1.0"),
        ([1.0, math.nan], [1.0, 2.0], "P must be finite, got nan"),
        ([1.0, 2.0], [1.0, math.inf], "Q must be finite, got inf"),
        ([[1.0, 2.0]], [1.0, 2.0], r"P must have 1 dimension\(s\), got shape \(1, 2\)"),
    ],
)
def test_bad_spectra_are_named(measure, P, Q, message):
    with pytest.raises(ValueError, match=message):
        measure(P, Q)


@pytest.mark.parametrize("total", [0, -3, math.nan])
def test_a_bad_total_is_named(total):
    with pytest.raises(ValueError, match=f"total must be positive, got {total}"):
        chi_square([1.0, 2.0], [1.0, 3.0], total)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.ones((5, 3)), np.ones((5, 2))),
            r"P_trials and Q_trials must have the same shape, got \(5, 3\) and \(5, 2\)",
        ),
        (
            (np.ones(3), np.ones((5, 3))),
            r"P_trials must have 2 dimension\(s\), got shape \(3,\)",
        ),
        (
            (np.ones((5, 3)), -np.ones((5, 3))),
            "Q_trials must not be negative, got -1.0",
        ),
        ((np.ones((5, 3)), np.ones((5, 3)), 7), "rng must be a numpy.random.Generator, got 7"),
        (
            (np.ones((5, 3)), np.ones((5, 3)), None, 0),
            "permutations must be at least 1, got 0",
        ),
    ],
)
def test_bad_trials_are_named(arguments, message):
    P, Q, *rest = arguments
    rng, *rest = rest or [None]
    rng = np.random.default_rng(6) if rng is None else rng
    with pytest.raises(ValueError, match=message):
        permutation_pvalue(P, Q, rng, *rest)
