"""What a run or a sweep is asked for, and the jobs that follow from it: one per trial."""

from dataclasses import asdict, dataclass, field, replace
from itertools import product

from analysis.axes import PLANE
from analysis.settings import DEFAULT
from models.constants import COUNTS, LATER, MEANINGS, entry
from study.trial.job import Job
from study.trial.seeds import point_seeds, trial_seeds


@dataclass(frozen=True)
class Request:
    """Everything that decides the numbers of a run, which has one point, or of a sweep.

    Attributes
    ----------
    axes : dict
        The ascending values of each parameter that varies, in SI units; p and lam come first.
    parameters : dict
        All others, in SI units.
    trials : int
        Independent networks per point.
    seed : int
        The root that the seeds of all trials follow from.
    backend, mass_integrator : str
    models : list of dict
        `address` and `digest` of each mass model of the user's.
    budget : bool
    precision : {"double", "single"}
        Of the network's state variables.
    ties : dict
        Of the parameters that are the value of an axis at each point: which one.
    sample : dict
        Lists of one length, in SI units, of parameters that vary together: each point of the axes
        is there once with the first values of all of them, once with the second ones, and so on.
    """

    axes: dict
    parameters: dict
    trials: int
    seed: int
    backend: str
    mass_integrator: str
    models: list
    budget: bool
    precision: str = "double"
    ties: dict = field(default_factory=dict)
    sample: dict = field(default_factory=dict)

    @classmethod
    def of(cls, params, axes=None, ties=None, sample=None, **decided):
        """Build the request of some Parameters and the axes along which they vary.

        Without axes that of the point alone.
        """
        axes, ties = axes or {"p": [params.p], "lam": [params.lam]}, ties or {}
        sample = sample or {}
        vary = axes.keys() | sample.keys()
        si = {name: value for name, value in params.si().items() if name not in vary}
        along = {name: other for name, other in ties.items() if other in vary}
        return cls(axes=axes, parameters=si, ties=along, sample=sample, **decided)

    @classmethod
    def from_record(cls, record):
        """Read the request that sweep.json keeps.

        Those that are no counts are floats, also where another program has rewritten 0.0 as 0: a
        trial's hash is that of the text.
        """
        axes = {name: record[name] for name in PLANE}
        axes |= {name: axis["si"] for name, axis in record.get("vary", {}).items()}
        parameters = {name: shown["si"] for name, shown in record["parameters"].items()}
        alike = ("trials", "seed", "backend", "mass_integrator", "models", "budget")
        return cls(
            axes={name: [_typed(name, v) for v in values] for name, values in axes.items()},
            parameters=LATER | {name: _typed(name, value) for name, value in parameters.items()},
            precision=record.get("precision", "double"),
            ties=record.get("ties", {}),
            sample={name: column["si"] for name, column in record.get("sample", {}).items()},
            **{name: record[name] for name in alike},
        )

    def record(self):
        """Return what sweep.json keeps of it: plain values, parameters for people and in SI."""
        shown = {name: entry(name, value) for name, value in self.parameters.items()}
        return {**self.sizes(), **self._decided(), "parameters": shown, **self._along()}

    def sizes(self):
        """Return what no trial depends on, but its file says of the sweep it was computed for."""
        plane = {name: self.axes[name] for name in PLANE}
        return {**plane, "trials": self.trials, "seed": self.seed, **self._along()}

    def run_record(self):
        """Return what run.json keeps of a request of one point."""
        (point,) = self.points()
        shown = {name: entry(name, value) for name, value in point.items()}
        shown = {name: shown[name] for name in MEANINGS}
        return {"parameters": shown, "seed": self.seed, "trials": self.trials, **self._decided()}

    def _decided(self):
        names = ("backend", "mass_integrator", "models", "budget")
        decided = {name: getattr(self, name) for name in names}
        return decided | ({} if self.precision == "double" else {"precision": self.precision})

    def _along(self):
        vary = {name: _axis(name, self.axes[name]) for name in self.axes if name not in PLANE}
        sample = {name: _axis(name, values) for name, values in self.sample.items()}
        along = {"vary": vary, "ties": self.ties, "sample": sample}
        return {name: value for name, value in along.items() if value}

    def points(self):
        """Yield the parameters of each point, in SI units."""
        return self._points(self.axes)

    def _points(self, axes):
        drawn = [dict(zip(self.sample, values)) for values in zip(*self.sample.values())] or [{}]
        for *values, member in product(*axes.values(), drawn):
            place = dict(zip(axes, values)) | member
            tied = {name: place[other] for name, other in self.ties.items()}
            yield {**self.parameters, **place, **tied}

    def check(self, also=lambda params: None):
        """Raise ParameterError unless every point can be simulated.

        A rule for several parameters is monotone in each of them, so that all hold where they hold
        at the corners; those for a single one are seen value by value.

        Parameters
        ----------
        also : callable
            Checks the Parameters of a point further.
        """
        from models.parameters import from_si  # Brian2

        ends = {name: sorted({values[0], values[-1]}) for name, values in self.axes.items()}
        for point in self._points(ends):
            also(from_si(point))
        first = {name: values[:1] for name, values in self.axes.items()}
        for name in self.axes.keys() - PLANE:
            for point in self._points({**first, name: self.axes[name]}):
                from_si(point)

    def largest(self):
        """Return the parameters of the point that needs the most memory."""
        return next(self._points({name: values[-1:] for name, values in self.axes.items()}))

    def jobs(self):
        """List every trial of a sweep, longest first.

        A trial's seed follows from the root, p and lam alone: points that differ in another
        parameter have the same random numbers, and a job does not depend on the grid that it is
        part of. Sweeps that share a point, the root seed and the parameters share its trials.
        """
        jobs = [
            job
            for point in self.points()
            for job in self._jobs(
                point, point_seeds(self.seed, point["p"], point["lam"], self.trials)
            )
        ]
        return sorted(jobs, key=lambda job: -job.cost())

    def run_jobs(self):
        """List the trials of a run; the first one has the root as its seed."""
        (point,) = self.points()
        return self._jobs(point, trial_seeds(self.seed, self.trials))

    def _jobs(self, point, seeds):
        measures, axes = asdict(DEFAULT), (*self.axes, *self.sample)
        shared = Job(point, 0, 0, **self._decided(), measures=measures, axes=axes)
        return [replace(shared, trial=trial, seed=seed) for trial, seed in enumerate(seeds)]


def _typed(name, value):
    return value if name in COUNTS else float(value)


def _axis(name, values):
    """Return an axis for people and in SI units."""
    shown = [entry(name, value) for value in values]
    return {"unit": shown[0]["unit"], "values": [e["value"] for e in shown], "si": list(values)}
