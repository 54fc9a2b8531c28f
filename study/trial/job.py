"""One trial of one point as a job: plain values that can be sent, hashed, stored and repeated."""

import hashlib
import json
import math
import platform
from dataclasses import asdict

import numpy as np

from analysis.settings import DEFAULT, Settings
from analysis.tables import NETWORK
from models.parameters import from_si
from study.trial.provenance import code_version, peak_memory_MB
from study.trial.seeds import point_seeds
from study.trial.trial import run_trial
from study.trial.user_models import mass_models

FORMAT = 2
"""Of the record of a trial: up to 1, the network's rates and Spike-contrast stood in every row."""
SHOWN_MS, SHOWN_STEP_MS = 1000.0, 0.5
"""How much of the potentials is kept for figures, from the end, and how finely."""


def plain(request):
    """Return the request with its parameters as SI numbers.

    Those that are no counts are floats, also where another program has rewritten 0.0 as 0: a
    trial's hash is that of the text.
    """
    si = {name: entry["si"] for name, entry in request["parameters"].items()}
    axes = {name: [float(value) for value in request[name]] for name in ("p", "lam")}
    counts = ("N", "M")
    parameters = {name: si[name] if name in counts else float(si[name]) for name in si}
    return {**request, **axes, "parameters": parameters}


def make_jobs(request):
    """List every trial of a sweep, longest first.

    Parameters
    ----------
    request : dict
        `p`, `lam` (lists), `trials`, `seed`, `backend`, `mass_integrator`, `models`, `budget`,
        `parameters`, the others in SI units, and where there are any `ties`, the parameters that
        are p or lambda at each point.

    Returns
    -------
    list of dict
        Plain values. A job does not depend on the grid that it is part of: sweeps that share a
        point, the root seed and the parameters share its trials.
    """
    measures = asdict(DEFAULT)
    jobs = [
        {
            "parameters": _at(request, p, lam),
            "trial": trial,
            "seed": seed,
            "backend": request["backend"],
            "mass_integrator": request["mass_integrator"],
            "models": request["models"],
            "budget": request["budget"],
            "measures": measures,
        }
        for p in request["p"]
        for lam in request["lam"]
        for trial, seed in enumerate(point_seeds(request["seed"], p, lam, request["trials"]))
    ]
    return sorted(jobs, key=lambda job: -cost(job))


def _at(request, p, lam):
    """Return the parameters of a point."""
    point = {"p": p, "lam": lam}
    tied = {name: point[other] for name, other in request.get("ties", {}).items()}
    return {**request["parameters"], **point, **tied}


def cost(job):
    """Estimate how long a trial takes, in units of the shortest; used for the order alone.

    A part that depends on nothing but the number of neurons and steps, and one that grows with
    the number of spikes. The network fires more the larger p and, steeply, the nearer lambda is
    to 1, where inhibition is gone.
    """
    p, lam = job_point(job)
    return 1 + p * (1 + 4 * lam**8)


def job_hash(job):
    """Hash everything that decides the numbers of a trial."""
    decisive = {name: value for name, value in job.items() if name != "trial"}
    text = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def job_point(job):
    """Return p and lambda of a trial."""
    return job["parameters"]["p"], job["parameters"]["lam"]


def job_place(job):
    """Return what tells a trial in the tables: p, lambda, trial, seed; its seed alone need not."""
    return *job_point(job), job["trial"], job["seed"]


def job_name(job):
    """Name a trial for people: p=0.1_lam=0.8_trial=3."""
    p, lam = job_point(job)
    return f"p={p!r}_lam={lam!r}_trial={job['trial']}"


def run_job(job):
    """Simulate and measure one trial; what a worker does.

    Returns
    -------
    dict
        `record`, plain values for JSON: its format, rows of models and budget, models with a
        spectrum, models with a potential, code, host, seconds. `spectra`, a float64 array of shape
        (1 + models, L): frequency_Hz, then each model's power. `potentials`, a float32 array of
        shape (1 + models, K): t_ms, then each model's mean potential in mV, the last second at
        every 0.5 ms.
    """
    trial = run_trial(
        from_si(job["parameters"]),
        job["seed"],
        backend=job["backend"],
        integrator=job["mass_integrator"],
        mass_models=mass_models(job["models"]),
        budget=job["budget"],
        settings=Settings(**job["measures"]),
    )
    V_mV = {NETWORK: trial.recording.V_mV, **trial.V_mV}
    return {
        "record": {
            "format": FORMAT,
            "rows": [_defined(row) for row in trial.rows],
            "budget": [_defined(row) for row in trial.budget],
            "models": list(trial.power),
            "shown": list(V_mV),
            "code": code_version(),
            "host": platform.node(),
            "seconds": {phase: round(value, 4) for phase, value in trial.seconds.items()},
            "simulation": trial.recording.info,
            "peak_memory_MB": round(peak_memory_MB(), 1),
        },
        "spectra": np.array([trial.frequency_Hz, *trial.power.values()]),
        "potentials": _shown(trial.recording.t_ms, V_mV.values(), trial.recording.dt_ms),
    }


def _shown(t_ms, V_mV, dt_ms):
    """Return the end of the series, thinned: times, then potentials."""
    stride = max(1, round(SHOWN_STEP_MS / dt_ms))
    kept = slice(-1, -1 - round(SHOWN_MS / dt_ms), -stride)
    with np.errstate(over="ignore"):  # a model may have diverged
        return np.array([series[kept][::-1] for series in (t_ms, *V_mV)]).astype(np.float32)


def _defined(row):
    """Leave out what is NaN, which JSON does not have; numpy's numbers become plain ones."""
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}
    return {
        name: value
        for name, value in plain.items()
        if not (isinstance(value, float) and math.isnan(value))
    }
