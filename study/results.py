"""What `compare` and `load` return: a point, or a sweep, with its tables, arrays and figures."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import varied
from analysis.tables import dataset
from models.constants import MEANINGS
from models.mass.registry import SECOND
from models.parameters import Parameters
from study.command.at import points_at
from study.store.run_folder import Run, run_of
from study.trial.closed import ClosedModel, closed_names
from study.trial.outcome import Outcome, outcome
from study.trial.trial import compared_models, measure_trial
from study.trial.user_models import called


@dataclass(frozen=True, repr=False)
class Point:
    """One point of the study: the network and its mass models, measured.

    Attributes
    ----------
    run : study.store.run_folder.Run
        Its tables and traces, as in the folder of a run.
    params : models.parameters.Parameters or None
    tables : study.trial.outcome.Outcome or None
    recordings : tuple of models.recording.Recording
        One per trial; empty where the point was read from a folder.
    models : dict
        Name and function of each mass model of your own.
    integrator : str
    """

    run: Run
    params: Parameters | None = None
    tables: Outcome | None = None
    recordings: tuple = ()
    models: dict | None = None
    integrator: str = "euler"

    @property
    def table(self):
        """One row per model: the columns of summary.csv."""
        return self.run.summary

    @property
    def trials(self):
        """One row per trial and model: the columns of trials.csv."""
        return self.run.trials

    @property
    def spectra(self):
        """Spectra averaged over trials: model, frequency_Hz, power in mV^2/Hz."""
        return self.run.mean_power

    @property
    def budget(self):
        """What each assumption costs, None where that was not asked for: budget.csv."""
        return self.run.budget

    @property
    def traces(self):
        """The series of the first trial, a `study.store.run_folder.Traces`."""
        return self.run.traces

    @property
    def recording(self):
        """The first trial's models.recording.Recording.

        Raises
        ------
        ValueError
            The point was read from a folder, which does not hold all spikes.
        """
        if not self.recordings:
            raise ValueError("recording must come from compare(), a folder holds traces alone")
        return self.recordings[0]

    def plot(self):
        """Draw the four panels of figure.png; return the matplotlib Figure."""
        from study.drawing.one_point import draw_panels

        return draw_panels(self.run)

    def to_xarray(self):
        """Return an xarray.Dataset: measures by model, spectra by frequency, potentials by time."""
        place = {name: float(self.table[name].iloc[0]) for name in ("p", "lam")}
        arrays = dataset(self.table, self.spectra.assign(**place)).isel(p=0, lam=0)
        time_ms = ("time", self.traces.t_ms, {"units": "ms", "long_name": "start of the step"})
        arrays = arrays.assign_coords(time=time_ms)
        nothing = np.full(len(self.traces.t_ms), np.nan)
        V_mV = [self.traces.V_mV.get(model, nothing) for model in arrays.model.values]
        of_V = {"units": "mV", "long_name": "mean potential, first trial"}
        kinds = list(self.traces.phi_Hz)
        of_phi = {"units": "1/s", "long_name": "population input, first trial"}
        return arrays.assign_coords(type=kinds).assign(
            V=(("model", "time"), V_mV, of_V),
            phi=(("type", "time"), [self.traces.phi_Hz[kind] for kind in kinds], of_phi),
        )

    def with_models(self, **models):
        """Measure more mass models on the same networks, without simulating again.

        Parameters
        ----------
        models : functions
            By name; each keeps the contract of `models.mass.model`.

        Returns
        -------
        Point

        Raises
        ------
        ValueError
            There is no recording; a name is taken.
        """
        self.recording  # noqa: B018 - which says what is missing
        own = {n: m for n, m in (self.models or {}).items() if n != SECOND} | models
        mass_models = compared_models() | checked_models(own)
        budget = self.budget is not None
        trials = (
            measure_trial(recording, self.params, seed, self.integrator, mass_models, budget)
            for recording, seed in zip(self.recordings, self.seeds)
        )
        tables = outcome(trials, self.seeds[0], budget)
        return replace(self, run=run_of(tables, self.run.parameters), tables=tables, models=own)

    def closed_split(self):
        """Say where the density's error comes from; see `study.trial.closed_split.split`.

        Raises
        ------
        ValueError
            The point was read from a folder.
        """
        from study.trial.closed_split import split

        return split(self.recording, self.params, self.seeds[0], self.integrator)

    @property
    def seeds(self):
        """The seed of each trial."""
        return list(dict.fromkeys(self.trials.seed.tolist()))

    def __repr__(self):
        values = {name: entry["value"] for name, entry in self.run.parameters.items()}
        return (
            f"<point p = {values['p']:g}, lam = {values['lam']:g}: {values['N']} neurons, "
            f"{values['duration']:g} s, trials: {len(self.seeds)}, "
            f"models: {', '.join(self.table.model)}>"
        )


@dataclass(frozen=True, repr=False)
class Study:
    """A sweep, read from its folder; its axes are p, lam and whatever else varies.

    Attributes
    ----------
    folder : Path
    points : DataFrame
        One row per point and model: points.parquet.
    """

    folder: Path
    points: pd.DataFrame

    def _table(self, name):
        path = self.folder / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    @cached_property
    def trials(self):
        """One row per point, trial and model."""
        return self._table("trials")

    @cached_property
    def spectra(self):
        """Mean spectra: p, lam, model, frequency_Hz, power in mV^2/Hz."""
        return self._table("spectra")

    @cached_property
    def budget(self):
        """What each assumption costs at each point, None where that was not asked for."""
        return self._table("budget")

    def to_xarray(self):
        """Return an xarray.Dataset: every measure over p, lam and model, and the spectra."""
        return dataset(self.points, self.spectra, MEANINGS)

    def map(self, measure, model="LIF", **at):
        """Draw a measure of a model over two axes; return the matplotlib Figure.

        Parameters
        ----------
        measure, model : str
        **at : float
            Of a study with more axes: their values, by name, in the unit of the tables.

        Raises
        ------
        ValueError
            It names what is not there; more than two axes are left.
        """
        from analysis.measures import BY_NAME
        from study.drawing.panels import draw_one

        one_of("measure", measure, [name for name, m in BY_NAME.items() if m.title])
        one_of("model", model, list(self.points.model.unique()))
        points = points_at(self.points, [f"{name}={value!r}" for name, value in at.items()])
        if len(left := varied(points)) > 2:
            raise ValueError(f"map must be told where on the axes but two of {', '.join(left)}")
        return draw_one(points, measure, model)

    def __repr__(self):
        models = self.points.model.unique()
        number = len(self.points) // len(models)
        return f"<study {self.folder}: {number} points, models: {', '.join(models)}>"


def one_of(name, value, known):
    """Raise ValueError where a value is none of those that are known."""
    if value not in tuple(known):
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value}")


def chosen_models(models):
    """Return models by name: those of a dict as they are, closed ones of a list of names.

    Raises
    ------
    ValueError
        A name is that of no closed model.
    """
    if hasattr(models, "keys"):
        return dict(models)
    for name in models:
        one_of("models", name, closed_names())
    return {name: ClosedModel(name) for name in models}


def checked_models(models):
    """Return `study.trial.user_models.called` of plain functions, or raise ValueError.

    Closed models of the project are what they are.
    """
    closed = {name: model for name, model in models.items() if isinstance(model, ClosedModel)}
    try:
        return closed | called({n: model for n, model in models.items() if n not in closed})
    except RuntimeError as error:
        raise ValueError(f"models: {error}") from None
