"""Whether two series are correlated: effective samples, Fisher's z, trials pooled."""

import math

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtr, ndtri

from analysis.arguments import finite_array
from analysis.spectra import is_constant

# The window of Bartlett's sum is this many correlation times long. The terms beyond are noise;
# of an exponential decay, exp(-2 * 5) of the sum lies beyond.
WINDOW = 5.0


def effective_samples(x, y):
    """Estimate how many independent samples two autocorrelated series are worth.

    n_eff = n / (1 + 2 sum over k >= 1 of r_x(k) r_y(k)), with the autocorrelations r: the number
    of independent pairs whose correlation would scatter as much as that of x and y does if they
    have nothing to do with each other (Bartlett 1946).

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Series in any unit, evenly sampled.

    Returns
    -------
    float
        n_eff, at most n. NaN where a series is constant, or where the record is so short
        against its own correlation time that no window (below) fits into it.

    Raises
    ------
    ValueError
        If a series is not one-dimensional and finite, or the lengths differ.

    Notes
    -----
    **Assumptions.** The sum is cut at the first W >= 5 tau(W), where tau(W) is 1 + 2 times the
    sum up to W (Sokal's automatic window): over all lags the sum is dominated by the noise of
    the sample autocorrelations. The terms left out make n_eff too large where weak, slow
    correlations follow strong, fast ones.

    n_eff is at most n. Where the autocorrelations have opposite signs (spectra that do not
    overlap), the sum is negative and the formula exceeds n. But the estimate of a small sum is
    mostly noise, and may be negative; the bound keeps `pvalue` from being smaller than the
    nominal one, which errs towards "not significant".

    References
    ----------
    Bartlett (1946) Suppl. J. R. Stat. Soc. 8:27. Sokal (1997) in *Functional Integration*,
    Plenum, p. 131 (the window; here on the product of two autocorrelations).
    """
    x, y = pair(x, y, ("x", "y"))
    if is_constant(x) or is_constant(y):
        return float("nan")
    n = x.size
    k = np.arange(1, n)
    tau = 1.0 + 2.0 * np.cumsum(_autocorrelation(x)[1:] * _autocorrelation(y)[1:])
    wide_enough = k >= WINDOW * tau
    if not wide_enough.any():
        return float("nan")
    return float(n / max(tau[np.argmax(wide_enough)], 1.0))


def pooled_pvalue(rho, n_eff):
    """Test the hypothesis that the correlation is zero in every trial, all trials together.

    Fisher's z of each trial has the variance 1/(n_eff - 3); the z are averaged with the inverse
    variances as weights. One trial gives its own p-value back.

    Parameters
    ----------
    rho, n_eff : arrays, shape (K,)
        Correlation and effective number of samples per trial; trials with NaN are left out.

    Returns
    -------
    float
        Two-sided p-value; NaN where no trial has n_eff > 3.
    """
    rho, n_eff = np.asarray(rho, float), np.asarray(n_eff, float)
    used = np.isfinite(rho) & (n_eff > 3)
    if not used.any():
        return math.nan
    weight = n_eff[used] - 3
    with np.errstate(divide="ignore"):  # equal series: rho = 1, up to rounding, and p = 0
        z = (weight * np.arctanh(np.clip(rho[used], -1, 1))).sum() / math.sqrt(weight.sum())
    return float(2 * ndtr(-abs(z)))


def critical_correlation(trials, alpha=0.01):
    """Return the correlation from which Fisher's z is significant if n is the number of trials.

    tanh(z / sqrt(K - 3)), z the two-sided normal quantile: 0.75 for ten trials at 0.01; NaN for
    three or fewer.
    """
    return math.tanh(-ndtri(alpha / 2) / math.sqrt(trials - 3)) if trials > 3 else math.nan


def _autocorrelation(x):
    """Return the sample autocorrelation at the lags 0 to n - 1."""
    length = next_fast_len(2 * x.size - 1, real=True)  # zeros keep the ends apart
    power = np.abs(rfft(standardised(x), length)) ** 2
    return irfft(power, length)[: x.size] / x.size


def standardised(x):
    """Return a series with mean 0 and standard deviation 1."""
    centred = x - x.mean()
    return centred / centred.std()


def pair(x, y, names):
    """Return both series as arrays of floats of one length, or raise ValueError."""
    x, y = finite_array(x, names[0]), finite_array(y, names[1])
    if x.size != y.size or x.size < 2:
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same length, at least 2, "
            f"got {x.size} and {y.size}"
        )
    return x, y
