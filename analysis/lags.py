"""Lag and correlation between a mass model's mean potential and the network's."""

import math
from typing import NamedTuple

import numpy as np
from scipy.signal import correlate, correlation_lags

from analysis.arguments import EDGE, require_positive
from analysis.significance import effective_samples, pair, pooled_pvalue, standardised
from analysis.spectra import is_constant


class Lag(NamedTuple):
    """Where the cross-correlation is largest, and how significant it is there."""

    tau_max_ms: float  # positive: the mass model lags behind the network
    rho: float  # correlation at tau_max
    n_eff: float  # effective number of independent samples
    pvalue: float  # of zero correlation, from n_eff samples
    pvalue_nominal: float  # of zero correlation, from all n samples
    rho_0: float  # correlation at lag 0

    @property
    def at_edge(self):
        """Whether there is no lag, as the correlation is largest at the edge and no maximum."""
        return math.isnan(self.tau_max_ms) and math.isfinite(self.rho_0)


def cross_correlation(model_mV, network_mV, dt_ms, max_lag_ms=250.0):
    """Correlate a mass model's mean potential with the network's, over a range of lags.

    rho(tau) = 1/n sum over t of x(t + tau) y(t), where x is the model's and y the network's
    series, both centred and scaled by their standard deviation over the whole record.

    Parameters
    ----------
    model_mV, network_mV : array_like, shape (n,)
        Mean potentials in mV, transient dropped.
    dt_ms : float
        Sampling step in ms.
    max_lag_ms : float
        Largest lag in ms, to either side.

    Returns
    -------
    lag_ms : ndarray, shape (2 m + 1,)
        Lags in ms, ascending, in steps of dt. Positive: the model lags behind the network.
    correlation : ndarray, shape (2 m + 1,)
        Correlation at each lag. NaN where a series is constant (see `spectra.is_constant`).

    Raises
    ------
    ValueError
        If a series is not one-dimensional and finite, the lengths differ, the step is not
        positive, or the largest lag is negative or not shorter than the record.

    Notes
    -----
    **Assumptions.** The series are stationary. The sum of n - abs(tau) products is divided by n:
    this pulls the correlation at the lag tau down by abs(tau)/n, below 1 % for 250 ms in 27 s.
    """
    model, network = pair(model_mV, network_mV, ("model_mV", "network_mV"))
    m = _largest_lag(model.size, dt_ms, max_lag_ms)
    n = model.size
    lag_ms = correlation_lags(n, n)[n - 1 - m : n + m] * dt_ms
    if is_constant(model) or is_constant(network):
        return lag_ms, np.full(lag_ms.size, np.nan)
    correlation = correlate(standardised(model), standardised(network), method="fft") / n
    return lag_ms, correlation[n - 1 - m : n + m]


def lag(model_mV, network_mV, dt_ms, max_lag_ms=250.0):
    """Find the lag at which a mass model's mean potential resembles the network's most.

    Parameters
    ----------
    model_mV, network_mV : array_like, shape (n,)
        Mean potentials in mV, transient dropped.
    dt_ms : float
        Sampling step in ms.
    max_lag_ms : float
        Largest lag in ms, to either side. 0 tests the correlation without a lag.

    Returns
    -------
    Lag
        All NaN where a series is constant. Where the correlation is largest at the edge of the
        window and no maximum, as it goes on growing beyond, `at_edge` is True, and tau_max_ms, rho
        and both p-values are NaN. n_eff is NaN where the record is too short to tell (see
        `effective_samples`), and a p-value where it rests on three samples or fewer.

    Raises
    ------
    ValueError
        As `cross_correlation`.

    Notes
    -----
    **What the p-values test.** Both, by Fisher's transformation z = artanh(rho) sqrt(n - 3), the
    hypothesis that the two series are *uncorrelated*, two-sided: `pvalue_nominal` as if all n
    samples were independent, `pvalue` with the effective number of them. A small p-value thus
    says that the mass model has something to do with the network, not that it is right. The
    paper's caption of Fig. 5 reads the same boundary (alpha = 0.01) as "not significantly
    different than the LIF mean field"; that is not what the transformation of rho against zero
    tests.

    **Assumptions.** The series are stationary and the lag was not chosen by the data. It was:
    rho is the largest of many correlations, so that of unrelated series more than a share alpha
    falls below alpha: for oscillations near 10 Hz with a coherence of 0.1 to 0.5 s, in 27 s and
    over 250 ms to either side, about one in ten falls below 0.01.

    References
    ----------
    Fisher (1915) Biometrika 10:507. For the effective number of samples, `effective_samples`.
    """
    return lag_and_function(model_mV, network_mV, dt_ms, max_lag_ms)[0]


def lag_and_function(model_mV, network_mV, dt_ms, max_lag_ms=250.0):
    """Return `lag` and the lags and correlations that it is of, as from `wider_correlation`."""
    lag_ms, correlation = wider_correlation(model_mV, network_mV, dt_ms, max_lag_ms)
    n_eff = effective_samples(model_mV, network_mV)
    nan = float("nan")
    if np.isnan(correlation).any():
        return Lag(*[nan] * 6), (lag_ms, correlation)
    best, at_edge = peak(lag_ms, correlation, max_lag_ms)
    rho, rho_0 = float(correlation[best]), float(correlation[np.argmin(np.abs(lag_ms))])
    if at_edge:
        return Lag(nan, nan, n_eff, nan, nan, rho_0), (lag_ms, correlation)
    pvalues = (pooled_pvalue([rho], [samples]) for samples in (n_eff, len(model_mV)))
    return Lag(float(lag_ms[best]), rho, n_eff, *pvalues, rho_0), (lag_ms, correlation)


def wider_correlation(model_mV, network_mV, dt_ms, max_lag_ms=250.0):
    """Return `cross_correlation` with one more lag at both ends, where the record has one.

    From it `peak` tells a maximum at the end of the window from a slope that goes on.
    """
    model, network = pair(model_mV, network_mV, ("model_mV", "network_mV"))
    m = _largest_lag(model.size, dt_ms, max_lag_ms)
    return cross_correlation(model, network, dt_ms, min(m + 1, model.size - 1) * dt_ms)


def peak(lag_ms, correlation, max_lag_ms):
    """Find the largest value of a correlation function within a window.

    Parameters
    ----------
    lag_ms, correlation : arrays, shape (m,)
        In ascending order of the lag; as from `wider_correlation`.
    max_lag_ms : float
        The window reaches so far to either side.

    Returns
    -------
    best : int
        Where in the arrays.
    at_edge : bool
        Whether the value is no maximum: the function goes on growing beyond the window, or ends
        there.
    """
    inside = np.flatnonzero(np.abs(lag_ms) <= max_lag_ms * (1.0 + EDGE))
    best = int(inside[np.argmax(correlation[inside])])
    if len(inside) == 1:
        return best, False
    before = correlation[best - 1] if best > 0 else np.inf
    after = correlation[best + 1] if best + 1 < len(correlation) else np.inf
    edge = best in (inside[0], inside[-1])
    return best, bool(edge and max(before, after) > correlation[best])


def humps(lag_ms, correlation, trial_lags_ms):
    """Count the trials whose lag lies in another hump than that of the averaged function.

    The hump is the stretch around the largest value of the averaged correlation function in which
    it stays above half of that value.

    Parameters
    ----------
    lag_ms, correlation : arrays, shape (m,)
        The function averaged over trials, its window alone.
    trial_lags_ms : array, shape (K,)
        tau_max of each trial; NaN where a trial has none.

    Returns
    -------
    int
    """
    best = int(np.argmax(correlation))
    below = np.flatnonzero(correlation < correlation[best] / 2)
    first = below[below < best].max(initial=-1) + 1
    last = below[below > best].min(initial=len(correlation)) - 1
    lags = np.asarray(trial_lags_ms, float)
    lags = lags[np.isfinite(lags)]
    return int(np.count_nonzero((lags < lag_ms[first]) | (lags > lag_ms[last])))


def _largest_lag(n, dt_ms, max_lag_ms):
    """Return the largest lag in samples, or raise ValueError."""
    require_positive(dt_ms, "dt_ms")
    if not max_lag_ms >= 0:
        raise ValueError(f"max_lag_ms must not be negative, got {max_lag_ms}")
    if not max_lag_ms < n * dt_ms:
        raise ValueError(
            f"max_lag_ms must be shorter than the record, {n * dt_ms:g} ms, got {max_lag_ms}"
        )
    return min(math.floor(max_lag_ms / dt_ms * (1.0 + EDGE)), n - 1)
