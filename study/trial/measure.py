"""What is measured on a trial: the spikes, every potential, and the models against the network."""

from dataclasses import asdict
from typing import NamedTuple

import numpy as np
from brian2 import ms, mV

from analysis.budget import series_error
from analysis.lags import lag_and_function
from analysis.measures import NETWORK
from analysis.rhythm import rhythm
from analysis.settings import DEFAULT
from analysis.spectra import is_constant, median_frequency, power_spectrum
from analysis.stationarity import is_not_stationary
from analysis.statuses import (
    AT_EDGE,
    CONSTANT,
    DIVERGED,
    FAILED,
    LOCKSTEP,
    NEVER_TWICE,
    NOT_RECORDED,
    NOT_STATIONARY,
    OK,
    SILENT,
    SINGLE,
    UNPHYSICAL,
)
from analysis.summary import compare_spectra
from analysis.synchrony import spike_contrast
from models.mass.model import as_series, diverged
from models.recording import after_transient
from study.trial.closed import dealt_contrast, rates_of, spikes_of

OF_LAG = {
    "tau_max_ms": "tau_max_ms",
    "rho": "rho",
    "rho_0": "rho_0",
    "rho_n_eff": "n_eff",
    "rho_pvalue": "pvalue",
    "rho_pvalue_nominal": "pvalue_nominal",
}
"""Columns of the tables, and the fields of `analysis.lags.Lag` that they hold."""


class Measured(NamedTuple):
    """What is measured on one trial.

    Attributes
    ----------
    rows : list of dict
        The network's first.
    frequency_Hz : array, shape (L,)
    power : dict of arrays, shape (L,)
        Power spectral density of each mean potential in mV^2/Hz.
    lag_ms : array, shape (m,)
        One more to either side than the largest lag, see `analysis.lags.peak`; empty where no model
        was compared.
    correlation : dict of arrays, shape (m,)
        Of each mass model's potential with the network's; NaN where one is constant.
    """

    rows: list
    frequency_Hz: np.ndarray
    power: dict
    lag_ms: np.ndarray
    correlation: dict


def measure(recording, series, params, settings=DEFAULT):
    """Compare every mass model with the network it was driven by, transient dropped.

    Parameters
    ----------
    recording : models.recording.Recording
    series : dict
        Of each mass model: a MassSeries, or V_mV, shape (K,), alone.
    params : models.parameters.Parameters
    settings : analysis.settings.Settings

    Returns
    -------
    Measured
    """
    network_mV = after_transient(recording.V_mV, params)
    of_spikes, network_status = _network_measures(recording, params, settings)
    rows, power, correlation, lag_ms = [], {}, {}, np.empty(0)
    for name, given in {NETWORK: recording.V_mV, **series}.items():
        of_model = as_series(given, recording, params)
        series_mV = after_transient(of_model.V_mV, params)
        row = {"p": float(params.p), "lam": float(params.lam), "model": name}
        row |= of_spikes if name == NETWORK else own_spikes(of_model, params, settings)
        if name != NETWORK and diverged(series_mV, params):
            rows.append({**row, "status": DIVERGED})
            continue
        statuses = network_status + [CONSTANT] * is_constant(series_mV)
        of_potential, frequency_Hz, power[name] = potential(series_mV, recording.dt_ms, settings)
        row |= of_potential
        if name != NETWORK:
            row |= sizes(series_mV, network_mV)
            row |= compare_spectra(power[NETWORK], power[name], trials=1)
            best, (lag_ms, correlation[name]) = lag_and_function(
                series_mV, network_mV, recording.dt_ms, settings.max_lag_ms
            )
            row |= {column: getattr(best, field) for column, field in OF_LAG.items()}
            statuses += [AT_EDGE] * best.at_edge
            statuses += [UNPHYSICAL] * is_unphysical(series_mV, params)
        row["status"] = "+".join(statuses) or OK
        rows.append(row)
    return Measured(rows, frequency_Hz, power, lag_ms, correlation)


def sizes(series_mV, network_mV):
    """Return the columns that say how far a potential is from the network's, shape (K,) each.

    Beside `series_error` the ratio of the standard deviations, NaN where the network's is zero.
    """
    ratio = float("nan")
    if not is_constant(network_mV):
        ratio = float(series_mV.std() / network_mV.std())
    return {**series_error(series_mV, network_mV), "std_ratio": ratio}


def is_unphysical(series_mV, params):
    """Tell whether a potential leaves the range of the reversal potentials, in mV.

    No neuron can: every current pulls it towards one of them, the leak's included.
    """
    reversals = [getattr(params, f"v_rev_{kind}") / mV for kind in ("exc", "inh", "ext")]
    reversals.append(params.v_rest / mV)
    return bool(series_mV.min() < min(reversals) or series_mV.max() > max(reversals))


def potential(series_mV, dt_ms, settings):
    """Return the columns that describe a mean potential by itself, and its spectrum.

    Parameters
    ----------
    series_mV : array, shape (K,)
        Without the transient.
    dt_ms : float
    settings : analysis.settings.Settings

    Returns
    -------
    measures : dict
    frequency_Hz, power : arrays, shape (L,)
    """
    frequency_Hz, power = power_spectrum(series_mV, dt_ms, settings.band_Hz)
    measures = {"mean_mV": series_mV.mean(), "std_mV": series_mV.std()}
    measures["median_frequency_Hz"] = median_frequency(frequency_Hz, power)
    return measures, frequency_Hz, power


def failed_row(network_row, model, message):
    """Return the row of a mass model that failed, and why."""
    point = {name: network_row[name] for name in ("p", "lam")}
    return {**point, "model": model, "status": FAILED, "message": message}


def own_spikes(series, params, settings):
    """Return the measures of the spikes that a mass model makes itself, if it makes any."""
    made = (series.rate_exc_Hz, series.rate_inh_Hz)
    if not all(rate_Hz is None or np.isfinite(rate_Hz).all() for rate_Hz in made):
        return {}
    measures = rates_of(series, params)
    if "rate_Hz" in measures:
        measures["spike_contrast"] = dealt_contrast(series, params, settings)
        spikes = spikes_of(series, params)
        measures["rhythm_Hz"], measures["rhythm_strength"] = rhythm(spikes, float(params.dt / ms))
    return measures


def _network_measures(recording, params, settings):
    """Return the measures of the spikes, and what is undefined or degenerate about them."""
    start = params.transient_steps
    kept_s = (recording.steps - start) * recording.dt_ms * 1e-3
    spikes_exc, spikes_inh = (
        int(count[start:].sum()) for count in (recording.count_exc, recording.count_inh)
    )
    spikes = spikes_exc + spikes_inh

    def rate_Hz(count, neurons):
        return count / (neurons * kept_s) if neurons else float("nan")

    measures = {
        "rate_Hz": rate_Hz(spikes, params.N),
        "rate_exc_Hz": rate_Hz(spikes_exc, params.N_exc),
        "rate_inh_Hz": rate_Hz(spikes_inh, params.N_inh),
        "spike_contrast": float("nan"),
        "rhythm_Hz": float("nan"),
        "rhythm_strength": float("nan"),
    }
    if spikes < 2:
        return measures, [SILENT if spikes == 0 else SINGLE]
    counts = recording.count_exc[start:].astype(np.int64) + recording.count_inh[start:]
    measures["rhythm_Hz"], measures["rhythm_strength"] = rhythm(counts, recording.dt_ms)
    statuses = [LOCKSTEP] * is_lockstep(counts, params.N)
    statuses += [NOT_STATIONARY] * is_not_stationary(counts, recording.dt_ms)
    if recording.neuron is None:
        return measures, [NOT_RECORDED, *statuses]
    first = np.searchsorted(recording.step, start)
    measures["spike_contrast"] = spike_contrast(
        recording.neuron[first:],
        recording.step[first:] - start,
        params.N,
        recording.steps - start,
        recording.dt_ms,
        settings.spike_contrast_floor_ms,
    )
    undefined = np.isnan(measures["spike_contrast"])
    return measures, [NEVER_TWICE] * bool(undefined) + statuses


def is_lockstep(counts, N):
    """Tell whether the neurons are one: whenever one spikes, all do, in the same step, repeatedly.

    Two such steps or more; one alone would say nothing about the next.
    """
    volleys = counts[counts > 0]
    return len(volleys) > 1 and bool((volleys == N).all())


def settings_record(trial):
    """Return the settings of the measures, and what follows from them, for the record."""
    bins = len(trial.frequency_Hz)
    return {**asdict(trial.settings), "bins_in_band": bins, "chi2_total_per_trial": bins}
