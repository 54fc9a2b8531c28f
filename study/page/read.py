"""What is read of a folder for a page: a sweep, a sample, a run, or closed models' predictions."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import ArrowException

from analysis.axes import PLANE, axes_of, axis_label, axis_parts
from analysis.budget import costliest, increments
from analysis.measures import BY_NAME
from analysis.tables import with_later
from models.constants import COUNTS
from models.mass.ladder import ASSUMPTIONS, CHAINS, direction
from study.page.command_lines import axis_flags, set_flags, shared_flags
from study.store.folders import RECORD, SWEEP_RECORD, StoreError, read_record
from study.store.read_sweep import EXAMPLES, POINTS, RATES, SPECTRA, read_budget, read_points
from study.store.run_folder import read_run, shown_neurons

CLOSED_TABLE, CLOSED_RECORD = "closed.csv", "closed.json"
SET = "set"
"""The axis of a sample: the number of a set of constants."""
RUN_MS, RUN_STEP_MS = 5000.0, 0.5
"""How much of the end of a run is shown, and how often."""


@dataclass(frozen=True)
class Study:
    """A study as a page shows it.

    Attributes
    ----------
    name : str
        The folder's.
    kind : {"sweep", "sample", "run", "closed"}
    axes : dict
        Label of each axis by its column.
    points : DataFrame
        The axes, model, status, regime and the measures with their intervals.
    trials, spectra, examples, rates, budget : DataFrame or None
        As a sweep keeps them, with the same axes.
    told : str
        What was simulated, in a line.
    parameters : dict
        Of all networks alike: the value with its unit, for people.
    commands : list of dict
        `name`, `before` (a text), `axes` (what stands before and after each value), `seeded`
        (whether a trial's seed follows): how to compute a row again.
    constants : DataFrame or None
        Of a sample: a row per set.
    spikes : dict
        Of a run: `neuron`, `time_ms`, `exc` (how many of the shown neurons are excitatory).
    notes : list of str
        What the folder lacks.
    """

    name: str
    kind: str
    axes: dict
    points: pd.DataFrame
    trials: pd.DataFrame | None = None
    spectra: pd.DataFrame | None = None
    examples: pd.DataFrame | None = None
    rates: pd.DataFrame | None = None
    budget: pd.DataFrame | None = None
    told: str = ""
    parameters: dict = field(default_factory=dict)
    commands: list = field(default_factory=list)
    constants: pd.DataFrame | None = None
    spikes: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)


def read_study(folder):
    """Read a folder of results, whichever kind it is.

    Raises
    ------
    StoreError
        It is none, or cannot be read.
    """
    folder = Path(folder)
    if (folder / CLOSED_TABLE).is_file():
        return _closed(folder)
    if (folder / RECORD).is_file() and not (folder / POINTS).exists():
        return _run(folder)
    return _sweep(folder)


def _sweep(folder):
    points = read_points(folder)
    record = read_record(folder, SWEEP_RECORD) or {}
    request = record.get("request", {})
    tables = {
        "trials": _table(folder / "trials.parquet"),
        "spectra": _table(folder / SPECTRA),
        "examples": _table(folder / EXAMPLES),
        "rates": _table(folder / RATES),
        "budget": read_budget(folder),
    }
    axes, sampled = axes_of(points), [axis_of(points, name) for name in request.get("sample", {})]
    constants = None
    if sampled:
        numbers = points.groupby(sampled, sort=False).ngroup() + 1
        constants = points[sampled].assign(**{SET: numbers}).drop_duplicates(SET)
        points = _numbered(points, constants, sampled)
        tables = {name: _numbered(table, constants, sampled) for name, table in tables.items()}
        axes = [*(name for name in axes if name not in sampled), SET]
        constants = constants.set_index(SET)
    budget = tables["budget"]
    points = points.assign(**(_costliest(budget, points, axes) if budget is not None else {}))
    commands = _sweep_commands(request, axes, sampled) if request else []
    notes = []
    if tables["examples"] is None or tables["examples"].empty:
        notes.append("no traces were kept")
    if budget is None:
        notes.append("no error budget was asked for")
    return Study(
        folder.name, "sample" if sampled else "sweep",
        {name: "set of constants" if name == SET else axis_label(name) for name in axes},
        points, **tables, told=_told(request), commands=commands, constants=constants, notes=notes,
        parameters=_shown(request),
    )  # fmt: skip


def axis_of(table, name):
    """Return the column of a parameter in a table."""
    return next(column for column in axes_of(table) if axis_parts(column)[0] == name)


def _numbered(table, constants, sampled):
    """Give a table of a sample the number of each set instead of its constants."""
    if table is None:
        return None
    place = list(table.columns).index(sampled[0])
    table = table.merge(constants, on=sampled, how="left").drop(columns=sampled)
    number = table.pop(SET)
    table.insert(place, SET, number)
    return table


def _costliest(budget, points, axes):
    """Return, for the points, the assumption that costs most of each Freeman model's orders."""
    columns = {}
    for order, model in CHAINS:
        if not ((budget.order == order) & (budget.model == model)).any():
            continue
        worst = costliest(increments(budget, order, model, ASSUMPTIONS.values()))
        here = pd.MultiIndex.from_frame(points[axes])
        column = f"costliest {model} {direction(order)}"
        columns[column] = worst.reindex(here).to_numpy(object)
    return columns


def _sweep_commands(request, axes, sampled):
    names = [axis_parts(axis)[0] for axis in axes if axis != SET]
    drawn = list(request.get("sample", {}))
    # a tie along the plane alone stands in the record, one within it is a parameter of its own
    flags = shared_flags(request, (*names, *drawn))
    own = [] if drawn else [{
        "name": "all trials of the point",
        "before": _line(
            "sweep", flags, f"--trials {request['trials']}", f"--seed {request['seed']}"
        ),
        "axes": axis_flags(names), "seeded": False,
    }]  # fmt: skip
    place = [
        (f"--{name} ", "") if name in PLANE else form
        for name, form in zip(names, set_flags(names))
    ]
    return [*own, {
        "name": "one trial, with its spikes",
        "before": _line("run", flags),
        "axes": place + set_flags(drawn), "seeded": True,
    }]  # fmt: skip


def _shown(request):
    """Return the parameters that a request records, with their units."""
    found = {}
    for name, shown in request.get("parameters", {}).items():
        value = f"{shown['value']:,}" if name in COUNTS else f"{shown['value']:g}"
        found[name] = f"{value} {'' if shown['unit'] == '1' else shown['unit']}".rstrip()
    return found


def _line(command, *flags):
    return " ".join([f"python -m study.{command}", *filter(None, flags)])


def _told(request):
    if not request:
        return ""
    shown = {name: shown["value"] for name, shown in request["parameters"].items()}
    trials, N = request["trials"], shown.get("N")
    of = f"{N:,} neurons, " if N else ""
    repeated = "1 trial" if trials == 1 else f"{trials} trials per point"
    return (
        f"{of}{repeated} of {shown['duration']:g} s ({shown['transient']:g} s dropped), "
        f"seed {request['seed']}"
    )


def _table(path):
    """Read a table that may be lacking."""
    if not path.is_file():
        return None
    try:
        table = pd.read_parquet(path)
    except (ArrowException, OSError) as error:
        raise StoreError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    return with_later(table) if path.name == "trials.parquet" else table


def _run(folder):
    run = read_run(folder, checked=True)
    request = read_record(folder, RECORD)["request"]
    place = {name: run.parameters[name]["value"] for name in PLANE}
    columns = [*PLANE, *(name for name in run.summary if name not in PLANE)]
    points = with_later(run.summary.assign(**place)[columns])
    traces = run.traces
    step = max(1, round(RUN_STEP_MS / run.parameters["dt"]["value"]))
    first = len(traces.t_ms) - round(RUN_MS / run.parameters["dt"]["value"])
    dropped = round(run.parameters["transient"]["si"] / run.parameters["dt"]["si"])
    first = max(first, dropped)
    shown = slice(first, None, step)
    examples = pd.concat(
        pd.DataFrame({**place, "model": model, "t_ms": traces.t_ms[shown], "V_mV": V[shown]})
        for model, V in traces.V_mV.items()
    )
    exc, inh = shown_neurons(traces.N, traces.N_exc)
    late = traces.step >= first
    neuron = traces.neuron[late].astype(np.int64)
    spikes = {
        "neuron": np.where(neuron < traces.N_exc, neuron, neuron - traces.N_exc + exc),
        "time_ms": traces.step[late] * run.parameters["dt"]["value"],
        "exc": exc, "neurons": exc + inh,
    }  # fmt: skip
    budget = None if run.budget is None else run.budget.assign(**place)
    if budget is not None:
        budget = budget[[*PLANE, *(name for name in budget if name not in PLANE)]]
    command = {
        "name": "the run", "axes": axis_flags(PLANE), "seeded": False,
        "before": _line("run", shared_flags(request), f"--trials {request['trials']}",
            f"--seed {request['seed']}"),
    }  # fmt: skip
    return Study(
        folder.name, "run", {name: axis_label(name) for name in PLANE}, points,
        trials=with_later(run.trials.assign(**place)),
        spectra=run.mean_power.assign(**place), examples=examples, budget=budget,
        told=_told(request), commands=[command], spikes=spikes, parameters=_shown(request),
    )  # fmt: skip


def _closed(folder):
    try:
        table = pd.read_csv(folder / CLOSED_TABLE, keep_default_na=False, na_values=[""])
        axes = axes_of(table)
        record = json.loads((folder / CLOSED_RECORD).read_text())
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise StoreError(f"{folder / CLOSED_TABLE} cannot be read: {said}") from None
    points = with_later(table.rename(columns={"mean_error_mV": "bias_mV"}))
    keep = [*axes, "model", "trials", "status", "regime", *(n for n in BY_NAME if n in points)]
    names, request = ",".join(points.model.unique()), record.get("request", {})
    command = {
        "name": "all points", "axes": [], "seeded": False,
        "before": _line("predict", "--against results/paper", f"--closed {names}",
            f"--trials {record.get('trials', 3)}"),
    }  # fmt: skip
    told = _told({**request, "trials": record.get("trials", 3)}) if request else ""
    return Study(
        folder.name, "closed", {name: axis_label(name) for name in axes},
        points[keep].loc[:, lambda t: ~t.columns.duplicated()],
        told=f"models that get the parameters alone: {told}", commands=[command],
        parameters=_shown(request),
        notes=["realisations of their own: no correlation with a network, no traces"],
    )  # fmt: skip
