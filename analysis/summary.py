"""From trials to a point: one row per trial and model in, one row per model out."""

import numpy as np
import pandas as pd

from analysis.axes import axes_of
from analysis.chi_square import chi_square, permutation_pvalue, spectral_distance
from analysis.lags import pooled_pvalue
from analysis.measures import NETWORK
from analysis.regimes import regime
from analysis.spectra import median_frequency
from analysis.tables import AVERAGED, LOCKSTEP, SUMMARY_COLUMNS, along, joint_status, whole_dof


def compare_spectra(network_power, model_power, trials):
    """Return the columns that compare two spectra, shape (L,) each, in mV^2/Hz.

    For chi-square they are scaled to a total of one count per bin and trial that they are averaged
    over: a mean of K periodograms has the relative variance 1/K in each bin, as a count of K has,
    so that chi2 is about its degrees of freedom for two networks of one and the same spectrum.
    """
    network_power = np.asarray(network_power)
    found = chi_square(network_power, model_power, trials * network_power.size)
    return {
        "chi2": found.chi2,
        "chi2_dof": found.dof,
        "chi2_pvalue": found.pvalue,
        "spectral_distance": spectral_distance(network_power, model_power),
    }


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


def summarise(trials, frequency_Hz, power, rng):
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

    Returns
    -------
    DataFrame
        Columns SUMMARY_COLUMNS, and all axes of the trials. Rates, Spike-contrast, mean, s.d.,
        tau_max and rho are means over the trials in which they are defined; `status` says in how
        many they are not. `rho_pvalue` pools the trials (see `pooled_pvalue`);
        `rho_pvalue_nominal` is the largest of theirs. The regime of a network in lockstep follows
        from its rate, which is that of its volleys.
    """
    rows = []
    for model in trials.model.unique():
        mine = trials[trials.model == model]
        row = {axis: mine[axis].iloc[0] for axis in axes_of(trials)}
        row |= {"model": model, "trials": len(mine)}
        row["status"] = joint_status(mine.status)
        row |= {name: mine[name].mean() for name in AVERAGED}
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
            row["rho_pvalue"] = pooled_pvalue(mine.rho, mine.rho_n_eff)
            row["rho_pvalue_nominal"] = mine.rho_pvalue_nominal.max()
        rows.append(row)
    network = next(row for row in rows if row["model"] == NETWORK)
    measured = network["rate_Hz"], network["spike_contrast"], network["median_frequency_Hz"]
    if trials.status[trials.model == NETWORK].str.contains(LOCKSTEP).all():
        measured = network["rate_Hz"], 1.0, float("nan")
    label = regime(*measured)
    for row in rows:  # a model that makes spikes has its own regime, another one the network's
        own = [row[name] for name in ("rate_Hz", "spike_contrast")]
        makes = row["model"] != NETWORK and np.isfinite(own[0])
        row["regime"] = regime(*own, row.get("median_frequency_Hz", np.nan)) if makes else label
    return whole_dof(pd.DataFrame(rows, columns=along(axes_of(trials), SUMMARY_COLUMNS)))
