"""A job done: its network simulated and measured, as a Trial or as what a trial's file keeps."""

import math
import platform

import numpy as np

from analysis.measures import NETWORK
from analysis.settings import Settings
from models.parameters import from_si
from study.trial.provenance import code_version, peak_memory_MB
from study.trial.trial import run_trial
from study.trial.user_models import mass_models

FORMAT = 4
"""Of a trial's file: up to 1, the network's rates and Spike-contrast stood in every row; up to 2,
there were no correlation functions; up to 3, no rates beside the potentials."""
SHOWN_MS, SHOWN_STEP_MS = 1000.0, 0.5
"""How much of the potentials is kept for figures, from the end, and how finely."""


def simulated(job, models=None, progress=None):
    """Simulate and measure a trial.

    Parameters
    ----------
    job : study.trial.job.Job
    models : dict, optional
        Name and function of each mass model; those of the job, where there is none.
    progress : callable, optional

    Returns
    -------
    study.trial.trial.Trial
    """
    return run_trial(
        from_si(job.parameters),
        job.seed,
        backend=job.backend,
        integrator=job.mass_integrator,
        mass_models=mass_models(job.models) if models is None else models,
        budget=job.budget,
        precision=job.precision,
        threads=job.threads,
        progress=progress,
        settings=Settings(**job.measures),
    )


def run_job(job):
    """Simulate and measure one trial; what a worker does.

    Returns
    -------
    dict
        `record`, plain values for JSON: its format, rows of models and budget, models with a
        spectrum, models with a potential, code, host, seconds. `spectra`, a float64 array of shape
        (1 + models, L): frequency_Hz, then each model's power. `potentials`, a float32 array of
        shape (1 + models + populations, K): t_ms, then each model's mean potential in mV, the last
        second at every 0.5 ms, then the rate of each of the record's `populations` in Hz, over the
        0.5 ms before. `correlations`, a float64 array of shape (1 + models, m): lag_ms, then the
        correlation function of each of the record's `correlated` with the network.
    """
    trial = simulated(job)
    V_mV = {NETWORK: trial.recording.V_mV, **trial.V_mV}
    t_ms, dt_ms, rates = trial.recording.t_ms, trial.recording.dt_ms, _rates(trial.recording)
    return {
        "record": {
            "format": FORMAT,
            "rows": [_defined(row) for row in trial.rows],
            "budget": [_defined(row) for row in trial.budget],
            "models": list(trial.power),
            "shown": list(V_mV),
            "populations": list(rates),
            "correlated": list(trial.correlation),
            "code": code_version(),
            "host": platform.node(),
            "seconds": {phase: round(value, 4) for phase, value in trial.seconds.items()},
            "simulation": trial.recording.info,
            "peak_memory_MB": round(peak_memory_MB(), 1),
        },
        "spectra": np.array([trial.frequency_Hz, *trial.power.values()]),
        "potentials": _shown((t_ms, *V_mV.values(), *rates.values()), dt_ms),
        "correlations": np.array([trial.lag_ms, *trial.correlation.values()]),
    }


def _rates(recording):
    """Return the rate of each population that has neurons, in Hz, over the steps that are shown."""
    steps = _stride(recording.dt_ms)
    sizes = {"exc": recording.N_exc, "inh": recording.N - recording.N_exc}
    counts = {"exc": recording.count_exc, "inh": recording.count_inh}
    found = {}
    for population, size in sizes.items():
        if size:
            before = np.concatenate([np.zeros(steps), np.cumsum(counts[population], dtype=float)])
            per_s = 1000 / (steps * recording.dt_ms)
            found[population] = (before[steps:] - before[:-steps]) * per_s / size
    return found


def _stride(dt_ms):
    return max(1, round(SHOWN_STEP_MS / dt_ms))


def _shown(series, dt_ms):
    """Return the end of the series, thinned."""
    kept = slice(-1, -1 - round(SHOWN_MS / dt_ms), -_stride(dt_ms))
    with np.errstate(over="ignore"):  # a model may have diverged
        return np.array([one[kept][::-1] for one in series]).astype(np.float32)


def _defined(row):
    """Leave out what is NaN, which JSON does not have; numpy's numbers become plain ones."""
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}
    return {
        name: value
        for name, value in plain.items()
        if not (isinstance(value, float) and math.isnan(value))
    }
