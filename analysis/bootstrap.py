"""How far the measures of a point are uncertain because the trials are few: bootstrap intervals."""

import numpy as np
import pandas as pd

from analysis.lags import peak
from analysis.measures import CORRELATIONS, NETWORK, SPECTRA, names
from analysis.settings import DEFAULT
from analysis.summary import defined
from analysis.tables import AVERAGED

LEVEL = 0.95
RESAMPLES = 500
SPECTRAL = names(over_trials=SPECTRA)
LAGGED = names(over_trials=CORRELATIONS)
BLOCK = 8  # resamples at a time: a block of averaged spectra stays in the processor's cache


def bootstrap_intervals(
    trials,
    frequency_Hz,
    power,
    rng,
    level=LEVEL,
    resamples=RESAMPLES,
    lag_ms=None,
    correlation=None,
    settings=DEFAULT,
):
    """Estimate a confidence interval for every measure of one point by resampling its trials.

    Trials are drawn with replacement, K from K, `resamples` times. A measure that is averaged over
    trials is averaged over those drawn. For a spectral measure the spectra of network and model of
    the drawn trials are averaged first and measured then, as for the point itself; lag and
    correlation likewise from their correlation functions.

    Parameters
    ----------
    trials : DataFrame
        `analysis.tables.trial_table` of one point, K trials.
    frequency_Hz : array, shape (L,)
    power : dict of lists of arrays, shape (L,)
        For each model one spectrum per trial in mV^2/Hz, None where the model diverged.
    rng : numpy.random.Generator
    level : float
        Nominal confidence.
    resamples : int
    lag_ms, correlation, settings
        As `analysis.summary.summarise`.

    Returns
    -------
    DataFrame
        One row per model: for each measure of AVERAGED, SPECTRAL and LAGGED its NAME_low and
        NAME_high; for those of AVERAGED and LAGGED also NAME_trials, in how many trials they are
        defined, and for the other two NAME_mean, the mean over trials of the single trials'
        measures (for chi2 at the total of a single trial, L, where the point has K L). NaN where
        fewer than two trials define the measure or a resample leaves it undefined.

    Notes
    -----
    The interval runs between the quantiles (1 -+ level)/2 of the resampled values after these were
    shifted to have the point's own value as their mean. Without the shift the intervals of
    `chi2` and `spectral_distance` would miss their own estimates: a resample repeats trials, so
    its average smooths the spectra less than K different trials do, and every distance between
    spectra grows with their roughness.

    **Assumptions.** Trials are independent. With few trials the interval is too narrow: of ten
    normal values the nominal 95 % contain the mean in about 90 % of all cases, of five in about
    83 %. It speaks of the spread between trials, not of the bias that K trials have against
    infinitely many.

    References
    ----------
    Efron, Tibshirani (1993) An Introduction to the Bootstrap, chapters 10 and 13.
    """
    rows = []
    for model in trials.model.unique():
        mine = trials[trials.model == model]
        row = {"model": model}
        for name in AVERAGED:
            values = mine[name].dropna().to_numpy(float)
            drawn = _draw(rng, len(values), resamples) @ values if len(values) > 1 else None
            row |= _interval(name, values.mean() if len(values) else np.nan, drawn, level)
        pairs = [pair for pair in zip(power[NETWORK], power[model]) if pair[1] is not None]
        if pairs:
            networks, own = (np.array(side) for side in zip(*pairs))
            row |= _spectral(frequency_Hz, networks, own, model, rng, level, resamples)
        functions = defined(correlation, model)
        if len(functions) > 1:
            row |= _lagged(lag_ms, functions, settings.max_lag_ms, rng, level, resamples)
        for name in (*SPECTRAL, *LAGGED):
            row[f"{name}_mean"] = mine[name].mean()
        for name in (*AVERAGED, *LAGGED):
            row[f"{name}_trials"] = mine[name].count()
        rows.append(row)
    suffixes = [(name, ("low", "high")) for name in AVERAGED]
    suffixes += [(name, ("mean", "low", "high")) for name in (*SPECTRAL, *LAGGED)]
    columns = [f"{name}_{suffix}" for name, all_ in suffixes for suffix in all_]
    types = dict.fromkeys(columns, float)
    types |= {f"{name}_trials": int for name in (*AVERAGED, *LAGGED)}
    return pd.DataFrame(rows, columns=["model", *types]).astype(types)


def _lagged(lag_ms, functions, max_lag_ms, rng, level, resamples):
    """Return the intervals of lag and correlation, functions of shape (trials, m)."""
    drawn = _draw(rng, len(functions), resamples) @ functions
    found = [peak(lag_ms, function, max_lag_ms) for function in drawn]
    mean = functions.mean(axis=0)
    best, at_edge = peak(lag_ms, mean, max_lag_ms)
    if at_edge or any(edge for _, edge in found):
        return {}
    where = np.array([place for place, _ in found])
    row = _interval("rho", mean[best], drawn[np.arange(resamples), where], level)
    ends = np.quantile(lag_ms[where], [(1 - level) / 2, (1 + level) / 2])
    return row | dict(zip(("tau_max_ms_low", "tau_max_ms_high"), ends))


def _spectral(frequency_Hz, networks, own, model, rng, level, resamples):
    """Return the intervals of the spectral measures of one model, spectra of shape (K, L)."""
    if len(own) < 2:
        return {}
    weights = _draw(rng, len(own), resamples)
    blocks = [weights[start : start + BLOCK] for start in range(0, resamples, BLOCK)]
    everyone = np.full((1, len(own)), 1 / len(own))  # the point itself
    measured = [_median_frequency(frequency_Hz, block @ own) for block in (everyone, *blocks)]
    point, *drawn = np.concatenate(measured)
    row = _interval("median_frequency_Hz", point, np.array(drawn), level)
    if model != NETWORK:
        measured = [_distance(block @ networks, block @ own) for block in (everyone, *blocks)]
        point, *drawn = np.concatenate(measured)
        row |= _interval("spectral_distance", point, np.array(drawn), level)
        chi2 = 2 * len(own) * len(frequency_Hz)  # per distance, see `tables.compare_spectra`
        row |= _interval("chi2", chi2 * point, chi2 * np.array(drawn), level)
    return row


def _distance(P, Q):
    """Measure `spectral_distance` of many pairs of spectra at once, shape (rows, L) each."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = P / P.sum(axis=1, keepdims=True), Q / Q.sum(axis=1, keepdims=True)
        both = p + q
        both[both == 0] = 1  # an empty bin contributes 0 / 1
        p -= q
        return 0.5 * np.einsum("rl,rl,rl->r", p, p, 1 / both)  # NaN without power


def _median_frequency(frequency_Hz, P):
    """Measure `median_frequency` of many spectra at once, shape (rows, L)."""
    return np.array([_half(frequency_Hz, cumulative) for cumulative in np.cumsum(P, axis=1)])


def _half(frequency_Hz, cumulative):
    """Return where a cumulative spectrum reaches one half of its end, NaN without power."""
    if cumulative[-1] == 0:
        return np.nan
    half = cumulative[-1] / 2
    k = np.searchsorted(cumulative, half)
    if k == 0:
        return frequency_Hz[0]
    share = (half - cumulative[k - 1]) / (cumulative[k] - cumulative[k - 1])
    return frequency_Hz[k - 1] + share * (frequency_Hz[k] - frequency_Hz[k - 1])


def _draw(rng, trials, resamples):
    """Draw trials with replacement; return their weights, shape (resamples, trials), rows sum 1."""
    return rng.multinomial(trials, np.full(trials, 1 / trials), size=resamples) / trials


def _interval(name, value, drawn, level):
    """Return the two ends of one interval, NaN where nothing could be drawn."""
    ends = np.full(2, np.nan)
    if drawn is not None and np.isfinite(drawn).all() and np.isfinite(value):
        centred = drawn - drawn.mean() + value
        ends = np.quantile(centred, [(1 - level) / 2, (1 + level) / 2])
    return {f"{name}_low": ends[0], f"{name}_high": ends[1]}
