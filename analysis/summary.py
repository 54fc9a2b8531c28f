"""From trials to a point: one row per trial and model in, one row per model out."""

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.axes import axes_of
from analysis.chi_square import chi_square, permutation_pvalue, spectral_distance
from analysis.lags import humps, peak
from analysis.measures import NETWORK
from analysis.regimes import regime
from analysis.settings import DEFAULT
from analysis.significance import pooled_pvalue
from analysis.spectra import median_frequency
from analysis.statuses import (
    AT_EDGE,
    LOCKSTEP,
    NOT_STATIONARY,
    TWO_LAGS,
    has,
    joint_status,
    with_status,
)
from analysis.tables import AVERAGED, SUMMARY_COLUMNS, along, whole_dof

SEVERAL = 0.1
"""From this part of the trials on, and from two of several, a status is one of the point: single
trials of ten are called not stationary, or find another hump, by chance."""


def compare_spectra(network_power, model_power, trials):
    """Return the columns that compare two spectra, shape (L,) each, in mV^2/Hz.

    For chi-square they are scaled to a total of one count per bin and trial that they are averaged
    over: a mean of K periodograms has the relative variance 1/K in each bin, as a count of K has,
    so that chi2 is about its degrees of freedom for two networks of one and the same spectrum.
    With one trial no total makes a test of it, and there is no p-value.
    """
    network_power = np.asarray(network_power)
    found = chi_square(network_power, model_power, trials * network_power.size)
    columns = {
        "chi2": found.chi2,
        "chi2_dof": found.dof,
        "spectral_distance": spectral_distance(network_power, model_power),
    }
    if trials > 1:
        columns["chi2_pvalue"] = found.pvalue
        columns["chi2_pvalue_double"] = float(chdtrc(found.dof, 2 * found.chi2))
    return columns


def several(count, trials):
    """Tell whether so many of the trials are more than chance."""
    return count >= max(min(2, trials), SEVERAL * trials) if count else False


def mean_spectra(power):
    """Average the spectra of each model over the trials that have one.

    Parameters
    ----------
    power : dict of lists of arrays, shape (L,)
        For each model one spectrum per trial, None where the model diverged.

    Returns
    -------
    dict of arrays, shape (L,)
        The models that have a spectrum at all.
    """
    defined = {
        model: [spectrum for spectrum in of_trials if spectrum is not None]
        for model, of_trials in power.items()
    }
    return {model: np.mean(spectra, axis=0) for model, spectra in defined.items() if spectra}


def summarise(trials, frequency_Hz, power, rng, lag_ms=None, correlation=None, settings=DEFAULT):
    """Summarise the trials of one point: one row per model, spectra averaged first.

    Parameters
    ----------
    trials : DataFrame
        `trial_table` of one point.
    frequency_Hz : array, shape (L,)
    power : dict of lists of arrays, shape (L,)
        For each model one spectrum per trial in mV^2/Hz, None where the model diverged or failed.
    rng : numpy.random.Generator
        For the permutation test.
    lag_ms : array, shape (m,), optional
    correlation : dict of lists of arrays, shape (m,), optional
        For each mass model one correlation function per trial, as `analysis.lags.wider_correlation`
        returns them; None where there is none.
    settings : analysis.settings.Settings

    Returns
    -------
    DataFrame
        Columns SUMMARY_COLUMNS, and all axes of the trials. Rates, Spike-contrast, rhythm, mean,
        s.d. and sizes of errors are means over the trials in which they are defined; `status` says
        in how many they are not, and what the point has beside them: `lag at edge` and `two lags`
        of the averaged correlation function, whose maximum gives tau_max and rho. `rho_pvalue`
        pools the trials' correlations at that lag (see `pooled_pvalue`); `rho_pvalue_nominal` is
        the largest of theirs. The regime is empty where the network is not stationary; that of a
        network in lockstep follows from its rate, which is that of its volleys.
    """
    rows = []
    for model in trials.model.unique():
        mine = trials[trials.model == model]
        row = {axis: mine[axis].iloc[0] for axis in axes_of(trials)}
        row |= {"model": model, "trials": len(mine)}
        row["status"] = joint_status(mine.status)
        row |= {name: mine[name].mean() for name in AVERAGED}
        if mine.rhythm_Hz.count() < len(mine) / 2:  # one of ten is no rhythm of the point
            row["rhythm_Hz"] = float("nan")
        spectra = [
            (network, own)
            for network, own in zip(power[NETWORK], power[model])
            if own is not None
        ]
        if spectra:
            network_power, model_power = np.mean(spectra, axis=0)
            row["median_frequency_Hz"] = median_frequency(frequency_Hz, model_power)
            if model != NETWORK:
                row |= compare_spectra(network_power, model_power, len(spectra))
                networks, own = (np.array(side) for side in zip(*spectra))
                row["chi2_permutation_pvalue"] = permutation_pvalue(networks, own, rng)
        if model != NETWORK:
            row["rho_n_eff"] = mine.rho_n_eff.sum(min_count=1)
            row["rho_pvalue_nominal"] = mine.rho_pvalue_nominal.max()
            lagged, status = lag_of_point(mine, lag_ms, defined(correlation, model), settings)
            row |= lagged
            if status and status not in row["status"].split("+"):
                row["status"] = with_status(row["status"], status)
        rows.append(row)
    network = next(row for row in rows if row["model"] == NETWORK)
    statuses = trials.status[trials.model == NETWORK]
    measured = network["rate_Hz"], network["spike_contrast"], network["rhythm_Hz"]
    if has(statuses, LOCKSTEP).all():
        measured = network["rate_Hz"], 1.0, float("nan")
    unsteady = several(int(has(statuses, NOT_STATIONARY).sum()), len(statuses))
    label = None if unsteady else regime(*measured)
    for row in rows:  # a model that makes spikes has its own regime, another one the network's
        own = [row[name] for name in ("rate_Hz", "spike_contrast", "rhythm_Hz")]
        makes = row["model"] != NETWORK and np.isfinite(own[0])
        row["regime"] = regime(*own) if makes else label
    return whole_dof(pd.DataFrame(rows, columns=along(axes_of(trials), SUMMARY_COLUMNS)))


def defined(functions, model):
    """Return the correlation functions of a model that are defined, shape (trials, m)."""
    found = [one for one in (functions or {}).get(model, ()) if one is not None]
    found = [one for one in found if np.isfinite(one).all()]
    return np.array(found)


def lag_of_point(mine, lag_ms, functions, settings):
    """Measure lag and correlation on the correlation function averaged over trials.

    Where there is none, in trials of older versions, they are the means of those of the trials.

    Parameters
    ----------
    mine : DataFrame
        The trials of one mass model.
    lag_ms : array, shape (m,)
    functions : array, shape (trials, m)
        Of the trials in which it is defined.
    settings : analysis.settings.Settings

    Returns
    -------
    columns : dict
        tau_max_ms, rho, rho_pvalue, rho_pvalue_trials; empty where there is no lag.
    status : str
        `lag at edge`, `two lags` or nothing.
    """
    if not len(functions):
        columns = {name: mine[name].mean() for name in ("tau_max_ms", "rho")}
        return columns | {"rho_pvalue": pooled_pvalue(mine.rho, mine.rho_n_eff)}, ""
    mean = functions.mean(axis=0)
    best, at_edge = peak(lag_ms, mean, settings.max_lag_ms)
    if at_edge:
        return {}, AT_EDGE
    n_eff = mine.rho_n_eff[mine.rho_0.notna()]
    columns = {"tau_max_ms": float(lag_ms[best]), "rho": float(mean[best])}
    columns["rho_pvalue"] = pooled_pvalue(functions[:, best], n_eff)
    columns["rho_pvalue_trials"] = pooled_pvalue([mean[best]], [len(functions)])
    inside = np.abs(lag_ms) <= settings.max_lag_ms
    elsewhere = humps(lag_ms[inside], mean[inside], mine.tau_max_ms)
    apart = len(functions) > 1 and several(elsewhere, len(functions))
    return columns, TWO_LAGS if apart else ""
