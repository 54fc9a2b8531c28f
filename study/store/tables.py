"""The tables of a sweep, made from its finished trials."""

import hashlib
import io
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.arguments import ROUNDING
from analysis.axes import axes_of
from analysis.bootstrap import bootstrap_intervals
from analysis.budget import budget_table
from analysis.measures import NETWORK, names
from analysis.settings import Settings
from analysis.statuses import FAILED, MISSING, TWO_LAGS, joint_status, with_status
from analysis.summary import mean_spectra, summarise
from analysis.tables import SUMMARY_COLUMNS, along, trial_table
from models.mass.ladder import UPWARD
from study.store.folders import write_atomic
from study.store.kept_tables import UNFINISHED
from study.store.long_table import LongTable
from study.store.trial_files import DamagedError, read_failure, read_trial, trial_path
from study.trial.seeds import point_entropy
from study.trial.user_models import mass_models

FULL_BELOW_Hz = 20.0  # up to here spectra.parquet has every bin
WIDTH_Hz = 0.5  # above, the mean of as many neighbouring bins as make up this width


def write_tables(folder, request, jobs, thin=True):
    """Write points, trials, spectra and example potentials of a sweep, as far as it has got.

    Every wanted point has its rows: `status` says `failed` or `missing` for trials without a
    result, and `trials` counts the finished ones. The measures of points.csv come from spectra in
    full resolution; those in spectra.parquet are averaged over trials, float32, and thinned unless
    `thin` is False. examples.parquet holds the last second of the first trial of each point,
    rates.parquet the rates of its populations. Of a sample, whose points are many, all three are
    empty. With `request.budget` there is the error budget
    of each finished point, too.

    Parameters
    ----------
    folder : path
    request : study.trial.request.Request
    jobs : list of study.trial.job.Job
        Every wanted trial.
    thin : bool

    Returns
    -------
    dict
        sha256 of each file, by its name.
    """
    by_point = {}
    for job in sorted(jobs, key=lambda job: job.trial):
        by_point.setdefault(job.point, []).append(job)
    models, axes = (NETWORK, *mass_models(request.models)), list(jobs[0].at)
    points, trials, budget = [], [], []
    spectra, examples = LongTable(axes, "frequency_Hz", "power"), LongTable(axes, "t_ms", "V_mV")
    rates = LongTable(axes, "t_ms", "rate_Hz", whose="population")
    for point, mine in sorted(by_point.items()):
        rng = np.random.default_rng(point_entropy(request.seed, *mine[0].plane))
        place = dict(zip(axes, point))
        read = read_point(folder, mine, models)
        points.append(_point_rows(read, rng, Settings(**mine[0].measures)))
        trials.append(read.trials)
        series = {} if request.sample else mean_spectra(read.power)
        for model, mean in series.items():
            kept = thinned(read.frequency_Hz, mean) if thin else (read.frequency_Hz, mean)
            spectra.add(place, model, *kept)
        for model, V_mV in read.potentials.items():
            if model != "t_ms" and not request.sample:
                examples.add(place, model, read.potentials["t_ms"], V_mV)
        for population, rate_Hz in read.rates.items():
            if not request.sample:
                rates.add(place, population, read.potentials["t_ms"], rate_Hz)
        budget += read.budget
    files = {"spectra.parquet": spectra.content(), "examples.parquet": examples.content()}
    files["rates.parquet"] = rates.content()
    tables = {"points": pd.concat(points, ignore_index=True)}
    tables["trials"] = pd.concat(trials, ignore_index=True)
    if request.budget:
        tables["budget"] = budget_table(budget, side_by_side=(UPWARD,), axes=axes)
    for name, table in tables.items():
        content = io.BytesIO()
        table.to_parquet(content, index=False, compression="zstd")
        files[f"{name}.parquet"] = content.getvalue()
        files[f"{name}.csv"] = table.to_csv(index=False).encode()
    for file, data in files.items():  # all at the end, so that old and new stand mixed but briefly
        write_atomic(folder / file, data)
    return {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}


def remove_stale(folder, digests):
    """Remove the budget of tables that have been replaced by tables without one."""
    for file in ("budget.parquet", "budget.csv"):
        if file not in digests:
            (folder / file).unlink(missing_ok=True)


class PointRead(NamedTuple):
    """What the files of one point hold.

    Attributes
    ----------
    trials : DataFrame
        One row per wanted trial and model; `message` says why the trial, or the model, failed.
    frequency_Hz : array, shape (L,), or None
    power : dict of lists
        For each model one spectrum per finished trial, None where it diverged or failed.
    lag_ms : array, shape (m,), or None
    correlation : dict of lists
        For each model one correlation function per finished trial, None where there is none.
    potentials : dict of arrays, shape (K,)
        `t_ms` and each model's mean potential at the end of the first finished trial.
    budget : list of dict
        The rows of `study.trial.error_budget.measure_budget` of all finished trials.
    rates : dict of arrays, shape (K,)
        Of each population at the same times; empty where the file is of before them.
    """

    trials: pd.DataFrame
    frequency_Hz: np.ndarray | None
    power: dict
    lag_ms: np.ndarray | None
    correlation: dict
    potentials: dict
    budget: list
    rates: dict


def read_point(folder, jobs, models):
    """Read the trials of one point.

    Parameters
    ----------
    folder : path
    jobs : list of Job
        Every wanted trial of the point.
    models : sequence of str
        The network's name, then the mass models'.

    Returns
    -------
    PointRead
    """
    rows, messages, frequency_Hz, power = [], [], None, {model: [] for model in models}
    potentials, rates, budget, lag_ms = {}, {}, [], None
    correlation = {model: [] for model in models}
    for job in jobs:
        place = job.at
        shared = {**place, "trial": job.trial, "seed": job.seed}
        try:
            record, spectra, shown, functions = read_trial(trial_path(folder, job))
        except (FileNotFoundError, DamagedError):
            message = read_failure(folder, job)
            status = MISSING if message is None else FAILED
            rows += [{"model": model, "status": status, **shared} for model in models]
            messages += [message or ""] * len(models)
            continue
        rows += [{**row, **shared} for row in record["rows"]]
        messages += [row.get("message", "") for row in record["rows"]]
        budget += [{**rung, **place} for rung in record["budget"]]
        frequency_Hz = spectra[0]
        own = dict(zip(record["models"], spectra[1:]))
        if not potentials:
            series = ["t_ms", *record["shown"]]
            potentials = dict(zip(series, shown))
            rates = dict(zip(record["populations"], shown[len(series):]))
        correlated = dict(zip(record["correlated"], functions[1:]))
        lag_ms = functions[0] if len(functions) else lag_ms
        for model in models:
            power[model].append(own.get(model))
            correlation[model].append(correlated.get(model))
    trials = trial_table(rows, list(jobs[0].at))
    numbers = [name for name in names(per_trial=True) if name != "chi2_dof"]
    trials = trials.astype(dict.fromkeys(numbers, float)).assign(message=messages)
    return PointRead(trials, frequency_Hz, power, lag_ms, correlation, potentials, budget, rates)


def _point_rows(read, rng, settings):
    """Summarise the finished trials of one point and say what became of the others."""
    trials = read.trials
    network = trials[trials.model == NETWORK]
    done = network[~network.status.isin(UNFINISHED)].trial
    finished = trials[trials.trial.isin(done)]  # where a model alone failed, the trial counts
    if finished.empty:
        summary = trials.drop_duplicates("model")
        columns = along(axes_of(trials), SUMMARY_COLUMNS)
        summary = summary[[*axes_of(trials), "model"]].reindex(columns=columns).assign(trials=0)
        summary = summary.astype({"chi2_dof": "Int64"})
    else:
        of_lags = read.lag_ms, read.correlation, settings
        summary = summarise(finished, read.frequency_Hz, read.power, rng, *of_lags)
    if len(done) < len(network):  # the status is of all wanted trials
        joint = [joint_status(trials[trials.model == model].status) for model in summary.model]
        summary["status"] = [
            with_status(of_trials, TWO_LAGS) if TWO_LAGS in str(before) else of_trials
            for of_trials, before in zip(joint, summary.status)
        ]
    of_lags = dict(lag_ms=read.lag_ms, correlation=read.correlation, settings=settings)
    intervals = bootstrap_intervals(finished, read.frequency_Hz, read.power, rng, **of_lags)
    return summary.merge(intervals, on="model", how="left", sort=False)


def thinned(frequency_Hz, power):
    """Average neighbouring bins above `FULL_BELOW_Hz`, so that few values tell the spectrum.

    Parameters
    ----------
    frequency_Hz, power : arrays, shape (L,)
        Evenly spaced bins.

    Returns
    -------
    frequency_Hz, power : arrays
        Mean frequency and mean power of each group; the last one may be smaller.
    """
    size = max(1, int(WIDTH_Hz / frequency_Hz[0] * (1 + ROUNDING)))
    kept = np.searchsorted(frequency_Hz, FULL_BELOW_Hz, side="right")
    starts = np.concatenate([np.arange(kept), np.arange(kept, len(frequency_Hz), size)])
    sizes = np.diff(np.append(starts, len(frequency_Hz)))
    return tuple(np.add.reduceat(values, starts) / sizes for values in (frequency_Hz, power))
