"""One trial of one point as a job: plain values that can be sent, hashed, stored and repeated."""

import hashlib
import json
import math
import platform
from dataclasses import dataclass, field, fields

import numpy as np

from analysis.axes import PLANE, axis_column
from analysis.settings import Settings
from analysis.tables import NETWORK
from models.parameters import entry, from_si
from study.trial.provenance import code_version, peak_memory_MB
from study.trial.trial import run_trial
from study.trial.user_models import mass_models

FORMAT = 2
"""Of the record of a trial: up to 1, the network's rates and Spike-contrast stood in every row."""
SHOWN_MS, SHOWN_STEP_MS = 1000.0, 0.5
"""How much of the potentials is kept for figures, from the end, and how finely."""
DEAREST, STEEPNESS = 4, 8
"""How much longer a trial takes the nearer lambda is to 1, and how steeply, by results/paper."""


@dataclass(frozen=True)
class Job:
    """Everything that decides the numbers of one trial.

    Attributes
    ----------
    parameters : dict
        All of them, in SI units.
    trial, seed : int
    backend, mass_integrator : str
    models : list of dict
    budget : bool
    measures : dict
        The fields of `analysis.settings.Settings`.
    axes : tuple of str
        The parameters that tell its point from others of the same sweep. Nothing depends on it.
    """

    parameters: dict
    trial: int
    seed: int
    backend: str
    mass_integrator: str
    models: list
    budget: bool
    measures: dict
    axes: tuple = field(default=PLANE, compare=False)

    @classmethod
    def from_record(cls, record):
        """Read what `record` returned."""
        return cls(**{name: record[name] for name in _RECORDED})

    def record(self):
        """Return plain values, as a trial's file keeps them."""
        return {name: getattr(self, name) for name in _RECORDED}

    def digest(self):
        """Hash everything that decides the numbers."""
        decisive = {name: value for name, value in self.record().items() if name != "trial"}
        text = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def plane(self):
        """The values of p and lam."""
        return tuple(self.parameters[name] for name in PLANE)

    @property
    def point(self):
        """The values of the axes, in the units of the tables."""
        return tuple(entry(name, self.parameters[name])["value"] for name in self.axes)

    @property
    def columns(self):
        """The columns of the axes in the tables."""
        units = (entry(name, self.parameters[name])["unit"] for name in self.axes)
        return [axis_column(name, unit) for name, unit in zip(self.axes, units)]

    @property
    def place(self):
        """What tells it in the tables: its point, trial and seed; the seed alone need not."""
        return *self.point, self.trial, self.seed

    @property
    def point_name(self):
        """The point for people: p=0.1 lam=0.8."""
        shown = {name: entry(name, self.parameters[name]) for name in self.axes}
        units = {name: "" if e["unit"] == "1" else e["unit"] for name, e in shown.items()}
        return " ".join(f"{name}={e['value']!r}{units[name]}" for name, e in shown.items())

    @property
    def name(self):
        """The trial for people: p=0.1_lam=0.8_trial=3."""
        return f"{self.point_name.replace(' ', '_')}_trial={self.trial}"

    @property
    def stem(self):
        """What the name of its file begins with, whatever sweep it is part of."""
        p, lam = self.plane
        return f"p={p!r}_lam={lam!r}_trial={self.trial}"

    def cost(self):
        """Estimate how long it takes, for the order alone.

        A part that depends on nothing but the number of neurons and steps, and one that grows with
        the number of spikes. The network fires more the larger p and, steeply, the nearer lambda is
        to 1, where inhibition is gone.
        """
        p, lam = self.plane
        steps = self.parameters["duration"] / self.parameters["dt"]
        return self.parameters["N"] * steps * (1 + p * (1 + DEAREST * lam**STEEPNESS))

    def simulated(self, models=None, progress=None):
        """Simulate and measure it.

        Parameters
        ----------
        models : dict, optional
            Name and function of each mass model; those of the job, where there is none.
        progress : callable, optional

        Returns
        -------
        study.trial.trial.Trial
        """
        return run_trial(
            from_si(self.parameters),
            self.seed,
            backend=self.backend,
            integrator=self.mass_integrator,
            mass_models=mass_models(self.models) if models is None else models,
            budget=self.budget,
            progress=progress,
            settings=Settings(**self.measures),
        )


_RECORDED = [each.name for each in fields(Job) if each.name != "axes"]


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
    trial = job.simulated()
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
