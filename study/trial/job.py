"""One trial of one point as a job: plain values that can be sent, hashed, stored and repeated."""

import hashlib
import json
from dataclasses import dataclass, field, fields

from analysis.axes import PLANE, axis_column
from models.constants import LATER, entry

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
    precision : {"double", "single"}
        Of the network's state variables.
    axes : tuple of str
        The parameters that tell its point from others of the same sweep. Nothing depends on it.
    threads : int
        That share the simulation. Nothing depends on it.
    """

    parameters: dict
    trial: int
    seed: int
    backend: str
    mass_integrator: str
    models: list
    budget: bool
    measures: dict
    precision: str = "double"
    axes: tuple = field(default=PLANE, compare=False)
    threads: int = field(default=1, compare=False)

    @classmethod
    def from_record(cls, record):
        """Read what `record` returned."""
        known = {name: record[name] for name in _RECORDED if name in record}
        return cls(**{**known, "parameters": LATER | known["parameters"]})

    def record(self):
        """Return plain values, as a trial's file keeps them."""
        return {name: getattr(self, name) for name in _RECORDED}

    def digest(self):
        """Hash everything that decides the numbers.

        What was added later counts where it is not what it used to be.
        """
        decisive = {name: value for name, value in self.record().items() if name != "trial"}
        if self.precision == "double":
            del decisive["precision"]
        decisive["parameters"] = {
            name: value
            for name, value in self.parameters.items()
            if name not in LATER or value != LATER[name]
        }
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
    def at(self):
        """The values of the axes by their columns in the tables."""
        units = (entry(name, self.parameters[name])["unit"] for name in self.axes)
        columns = (axis_column(name, unit) for name, unit in zip(self.axes, units))
        return dict(zip(columns, self.point))

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


_RECORDED = [each.name for each in fields(Job) if each.compare]
