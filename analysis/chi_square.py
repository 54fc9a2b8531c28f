"""Distance between two power spectra: chi-square (Eq. 25), its scale-free form, a permutation."""

from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from analysis.arguments import ROUNDING, finite_array, require_positive

MINIMUM_TRIALS = 5  # fewer trials allow p-values of 1/8 and above only


class ChiSquare(NamedTuple):
    """Chi-square between two spectra, with everything needed to read it."""

    chi2: float  # the statistic, Eq. 25
    dof: int  # degrees of freedom, L - 1
    pvalue: float  # upper tail of the chi-square distribution
    total: float  # the sum to which both spectra were scaled


def chi_square(P, Q, total=None):
    """Compare two spectra by Eq. 25: chi2 = sum over l of (P_l - Q_l)^2 / (P_l + Q_l).

    Both spectra are first scaled to the same total, "to resemble histograms rather than
    probabilities". A bin that is empty in both contributes nothing.

    Parameters
    ----------
    P, Q : array_like, shape (L,)
        Spectra over the same bins, averaged over trials, in any unit, not negative.
    total : float or None
        The sum of each scaled spectrum. None: L, one count per bin on average.

    Returns
    -------
    ChiSquare
        chi2, dof = L - 1, pvalue, total. The p-value is of the hypothesis that both spectra
        count events drawn from one distribution over the bins. chi2 and pvalue are NaN where
        a spectrum has no power.

    Raises
    ------
    ValueError
        If the spectra differ in length, have fewer than two bins, or hold a value that is
        negative or not finite, or the total is not positive.

    Notes
    -----
    **Assumptions.** The scaled spectra are Poisson counts. Spectra are not: a periodogram
    averaged over K trials has the relative variance 1/K in every bin, whatever the total. The
    paper does not give its total, and chi2 is proportional to it: chi2 = 2 total *
    `spectral_distance`. A level alpha is therefore nothing but a threshold on the distance,
    chi2.isf(alpha, L - 1) / (2 total). With a total of L and thousands of bins it lies just
    above 1/2, where hardly anything is significant; with a total of K L the mean of chi2 for
    two independent networks is 2 K / (2 K + 1) L, about its degrees of freedom. Read the
    p-value as a convention, and `permutation_pvalue` as the calibrated test.

    References
    ----------
    Press, Flannery, Teukolsky, Vetterling (1989) Numerical Recipes, "Are two distributions
    different?": equal totals cost one degree of freedom.
    """
    P, Q = _spectra(P, Q, ("P", "Q"))
    total = float(P.size) if total is None else total
    require_positive(total, "total")
    dof = P.size - 1
    chi2 = 2.0 * total * spectral_distance(P, Q)
    return ChiSquare(chi2, dof, float(chdtrc(dof, chi2)), float(total))


def spectral_distance(P, Q):
    """Measure the distance between the shapes of two spectra, free of their scale.

    1/2 sum over l of (p_l - q_l)^2 / (p_l + q_l), where p and q are P and Q scaled to sum 1:
    half of Eq. 25 for probabilities, the triangular discrimination.

    Parameters
    ----------
    P, Q : array_like, shape (L,)
        Spectra over the same bins, in any unit, not negative.

    Returns
    -------
    float
        0 for equal shapes, 1 for spectra without a bin in common. NaN where a spectrum has no
        power.

    Raises
    ------
    ValueError
        If the spectra differ in length, have fewer than two bins, or hold a value that is
        negative or not finite.

    Notes
    -----
    What chance alone leaves: two independent periodograms with one and the same expectation,
    each averaged over K trials, are 1 / (2 K + 1) apart on average if they have many bins,
    whatever their shape (P_l / (P_l + Q_l) then follows a Beta(K, K) distribution). A mass model
    driven by the network's own input shares its chance and can come closer.
    """
    P, Q = _spectra(P, Q, ("P", "Q"))
    if P.sum() == 0.0 or Q.sum() == 0.0:
        return float("nan")
    p, q = P / P.sum(), Q / Q.sum()
    both = p + q
    filled = both > 0.0
    return float(0.5 * np.sum((p - q)[filled] ** 2 / both[filled]))


def permutation_pvalue(P_trials, Q_trials, rng, permutations=999):
    """Test whether network and mass model are exchangeable, by exchanging them within trials.

    Each trial is one network and the mass model driven by that very network, so trials are
    pairs. Under the hypothesis, swapping the two spectra of any trial changes nothing in
    distribution. The statistic is the spectral distance between the average over trials of the
    one and of the other; the p-value is the share of exchanges that give at least the observed
    distance, the observed one included.

    Parameters
    ----------
    P_trials, Q_trials : array_like, shape (K, L)
        One spectrum per trial: the network's and the mass model's, in any unit, not negative.
    rng : numpy.random.Generator
        Draws the exchanges where there are too many to list.
    permutations : int
        Number of random exchanges. All 2^(K-1) different exchanges are listed instead, and the
        p-value is exact, where they are no more than this and the observed one: up to K = 10
        at 999.

    Returns
    -------
    float
        The p-value, at least 1/2^(K-1) (exact) or 1/(permutations + 1) (random). With K = 5 it
        cannot fall below 1/16, from K = 8 on it can fall below 0.01. NaN for fewer than five
        trials or where a trial has no power.

    Raises
    ------
    ValueError
        If the arrays differ in shape, have fewer than two bins, or hold a value that is negative
        or not finite, permutations is less than 1, or rng is not a Generator.

    Notes
    -----
    **Assumptions.** Trials are independent of each other. Every trial is scaled to sum 1 *before*
    it is exchanged: the distance compares shapes, and a mass model with the right shape at five
    times the amplitude would otherwise dominate each mixed average and be rejected for its
    amplitude. Every trial then counts alike, so the observed statistic differs slightly from
    the spectral distance of the averaged spectra, where strong trials weigh more.

    Because an exchange keeps p + q in every bin, the distance is a quadratic form in the signs
    s = +-1 of the exchanges: 1/(2 K) s' G s with G_jk = sum over l of d_jl d_kl / sum over i of
    (p + q)_il and d = p - q. An exchange and its complement give the same distance.
    """
    P_trials, Q_trials = _spectra(P_trials, Q_trials, ("P_trials", "Q_trials"), ndim=2)
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator, got {rng!r}")
    if not permutations >= 1:
        raise ValueError(f"permutations must be at least 1, got {permutations}")
    K = P_trials.shape[0]
    P_sum, Q_sum = (trials.sum(axis=1, keepdims=True) for trials in (P_trials, Q_trials))
    if K < MINIMUM_TRIALS or (P_sum == 0.0).any() or (Q_sum == 0.0).any():
        return float("nan")
    p, q = P_trials / P_sum, Q_trials / Q_sum
    both = (p + q).sum(axis=0)
    filled = both > 0.0
    d = (p - q)[:, filled]
    G = (d / both[filled]) @ d.T / (2.0 * K)  # (K, K)
    # Equal distances may differ by rounding, and so may the zero of equal trials.
    observed = G.sum() * (1.0 - ROUNDING)
    if 2 ** (K - 1) <= permutations + 1:
        signs = np.array([(1.0, *others) for others in product((1.0, -1.0), repeat=K - 1)])
        return float(np.mean(_quadratic_form(signs, G) >= observed))
    signs = rng.choice((1.0, -1.0), size=(permutations, K))
    exceed = np.count_nonzero(_quadratic_form(signs, G) >= observed)
    return (1 + exceed) / (permutations + 1)


def _quadratic_form(signs, G):
    """Return s' G s for every row s of an array of signs, shape (rows,)."""
    return ((signs @ G) * signs).sum(axis=1)


def _spectra(P, Q, names, ndim=1):
    """Return two spectra as arrays of floats over the same bins, or raise ValueError."""
    P, Q = (finite_array(values, name, ndim) for values, name in zip((P, Q), names, strict=True))
    if P.shape != Q.shape:
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same shape, got {P.shape} and {Q.shape}"
        )
    if P.shape[-1] < 2:
        raise ValueError(f"{names[0]} must have at least two bins, got {P.shape[-1]}")
    for values, name in zip((P, Q), names, strict=True):
        if values.size and values.min() < 0.0:
            raise ValueError(f"{name} must not be negative, got {values.min()}")
    return P, Q
