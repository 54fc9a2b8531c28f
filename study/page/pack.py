"""Studies as the data of a page: short numbers, and less of them where they do not fit."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.axes import GREEK, axis_parts
from analysis.budget import ADDITIVE
from analysis.measures import BY_NAME, CORRELATIONS
from study.drawing.style import logarithmic_bins, model_colours
from study.page.arrays import Arrays
from study.page.read import SET

POPULATIONS = ["exc", "inh"]
PER_DECADE = 40
"""Bins of a spectrum per decade."""


class TooLargeError(ValueError):
    """The studies do not fit into the page, whatever is left out."""


@dataclass(frozen=True)
class Detail:
    """How much of the studies a page holds.

    Attributes
    ----------
    every : int
        Traces of every so manieth point, 0 for none.
    trials, spectra, intervals : bool
    said : str
        What is left out, "" for nothing.
    """

    every: int = 1
    trials: bool = True
    spectra: bool = True
    intervals: bool = True
    said: str = ""


DETAILS = (
    Detail(),
    Detail(3, said="two points in three have no traces here"),
    Detail(10, said="nine points in ten have no traces here"),
    Detail(0, said="there are no traces here"),
    Detail(0, trials=False, said="there are no traces and no single trials here"),
    Detail(0, False, False, said="there are no traces, spectra and single trials here"),
    Detail(0, False, False, False,
        said="there are no traces, spectra, single trials and intervals here"),
)  # fmt: skip
"""From all to the maps alone: the first that fits is taken."""


def packed(studies, limit):
    """Write studies as JSON of at most `limit` bytes.

    Parameters
    ----------
    studies : list of study.page.read.Study
    limit : int

    Returns
    -------
    text : str
        With what a page must know of the measures, and without `<`, so that nothing ends a script.
    said : str
        What was left out for want of room, "" for nothing.

    Raises
    ------
    TooLargeError
    """
    for detail in DETAILS:
        arrays = Arrays()
        found = {"studies": [as_data(study, arrays, detail) for study in studies]}
        found |= {"measures": about_measures(), "left_out": detail.said, "block": arrays.text()}
        text = json.dumps(found, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
        if len(text) <= limit:
            return text.replace("<", "\\u003c"), detail.said
    raise TooLargeError(f"{len(text) / 1e6:.0f} MB of tables alone do not fit")


def as_data(study, arrays, detail=DETAILS[0]):
    """Arrange a study as plain values, with its numbers in `arrays`."""
    axes, points = list(study.axes), study.points
    models = list(points.model.unique())
    places = points[axes].drop_duplicates().sort_values(axes, ignore_index=True)
    order = pd.MultiIndex.from_frame(places)
    values = {axis: np.unique(places[axis]) for axis in axes}
    network = points.drop_duplicates(axes).set_index(axes)
    data = {
        "name": study.name, "kind": study.kind, "told": study.told, "notes": study.notes,
        "commands": study.commands, "parameters": study.parameters,
        "models": models, "colours": model_colours(models),
        "axes": [_axis(axis, study.axes[axis], values[axis]) for axis in axes],
        "place": [arrays.whole(np.searchsorted(values[axis], places[axis])) for axis in axes],
        "rows": {
            model: _rows(points[points.model == model].set_index(axes), order, detail, arrays)
            for model in models
        },
        "words": {
            column: arrays.words(network[column].reindex(order))
            for column in ("regime", *(name for name in points if name.startswith("costliest ")))
        },
    }  # fmt: skip
    if study.constants is not None:
        data["constants"] = {
            "names": list(study.constants), "rows": study.constants.to_numpy(float).tolist()
        }  # fmt: skip
    if study.trials is not None and detail.trials:
        data["trials"] = _trials(study.trials, order, models, axes, arrays)
    if study.spectra is not None and len(study.spectra) and detail.spectra:
        data["spectra"] = _spectra(study.spectra, order, models, axes, arrays)
    if study.examples is not None and len(study.examples) and detail.every:
        potentials = _by_place(study.examples, order, models, axes)
        data["traces"] = _traces(potentials, len(models), detail.every, arrays)
    if study.rates is not None and len(study.rates) and detail.every:
        rates = study.rates.rename(columns={"population": "model", "rate_Hz": "V_mV"})
        rates = _by_place(rates, order, POPULATIONS, axes)
        data["rates"] = _traces(rates, len(POPULATIONS), detail.every, arrays)
    if study.budget is not None:
        data["budget"] = _budget(study.budget, order, axes, arrays)
    if study.spikes:
        data["spikes"] = {
            "neuron": arrays.whole(study.spikes["neuron"]),
            "time_ms": arrays.floats(study.spikes["time_ms"]),
            "exc": study.spikes["exc"], "neurons": study.spikes["neurons"],
        }  # fmt: skip
    return data


def _axis(column, label, values):
    name, unit = axis_parts(column)
    short = "set" if column == SET else GREEK.get(name, name)
    return {"column": column, "label": label, "short": short, "unit": unit,
        "values": [float(value) for value in values]}  # fmt: skip


def _rows(rows, order, detail, arrays):
    """Arrange a model's rows of points: statuses, and every measure that has a value."""
    rows = rows.reindex(order)
    columns = {"status": arrays.words(rows.status.fillna("missing"))}
    if "trials" in rows:
        columns["trials"] = arrays.whole(rows.trials.fillna(0))
    for name, measure in BY_NAME.items():
        for suffix in ("", "_low", "_high") if detail.intervals else ("",):
            if (column := name + suffix) in rows and rows[column].notna().any():
                columns[column] = arrays.floats(rows[column], double=measure.pvalue)
    return columns


def _trials(trials, order, models, axes, arrays):
    """Arrange the rows of trials: those of a point one after the other, a list per model."""
    place = order.get_indexer(pd.MultiIndex.from_frame(trials[axes]))
    trials = trials.assign(point=place)[place >= 0].sort_values(["point", "trial"], kind="stable")
    first = trials[trials.model == models[0]]
    key = pd.MultiIndex.from_frame(first[["point", "trial"]])
    found = {"point": arrays.whole(first.point), "trial": arrays.whole(first.trial),
        "seed": arrays.whole(first.seed.fillna(0)), "rows": {}}  # fmt: skip
    for model in models:
        mine = trials[trials.model == model].set_index(["point", "trial"]).reindex(key)
        columns = {"status": arrays.words(mine.status.fillna("missing"))}
        for name, measure in BY_NAME.items():
            if name in mine and mine[name].notna().any():
                columns[name] = arrays.floats(mine[name], double=measure.pvalue)
        found["rows"][model] = columns
    return found


def _by_place(table, order, models, axes):
    """Yield the number of each point and model, and their rows."""
    number = {point: place for place, point in enumerate(order)}
    for (*point, model), rows in table.groupby([*axes, "model"], sort=False):
        place = number.get(tuple(point) if len(point) > 1 else point[0])
        if place is not None and model in models:
            yield place, models.index(model), rows


def _spectra(table, order, models, axes, arrays):
    """Arrange the spectra over shared logarithmic bins: the logarithm of power in steps."""
    shared, found = None, {}
    for place, model, rows in _by_place(table, order, models, axes):
        frequency_Hz, power = logarithmic_bins(
            rows.frequency_Hz.to_numpy(), rows.power.to_numpy(float), PER_DECADE
        )
        shared = frequency_Hz if shared is None else shared
        if len(power) == len(shared):
            found[place * len(models) + model] = power
    with np.errstate(divide="ignore"):
        levels = {key: np.log10(power) for key, power in found.items()}
    floor = min((v[np.isfinite(v)].min() for v in levels.values() if np.isfinite(v).any()),
        default=0.0)  # fmt: skip
    levels = {key: np.where(np.isfinite(v), v, floor) for key, v in levels.items()}
    shared = [] if shared is None else shared
    return {"frequency_Hz": arrays.floats(shared), **arrays.rows(levels)}


def _traces(series, count, every, arrays):
    """Arrange the series of every so manieth point, `count` each, all over the same times."""
    found, start, t_ms = {}, {}, None
    for place, whose, rows in series:
        if place % every:
            continue
        t_ms = rows.t_ms.to_numpy() if t_ms is None else t_ms
        if len(rows) == len(t_ms) and np.isfinite(V_mV := rows.V_mV.to_numpy(float)).all():
            found[place * count + whose] = V_mV
            start[place] = float(rows.t_ms.iloc[0])
    step_ms = float(np.round(np.median(np.diff(t_ms)), 6)) if len(t_ms) > 1 else 1.0
    started = next(iter(start.values()), 0.0)
    return {"step_ms": step_ms, "start_ms": round(started, 3), **arrays.rows(found)}


def _budget(table, order, axes, arrays):
    """Arrange the budget: the rungs of each order, their measures and increments at each point."""
    rungs = table[["order", "step", "model", "assumption"]].drop_duplicates()
    place = order.get_indexer(pd.MultiIndex.from_frame(table[axes]))
    table = table.assign(point=place)
    found = {"rungs": rungs.astype(object).where(rungs.notna(), None).to_dict("records")}
    measures = [name for name in ADDITIVE if name in table and table[name].notna().any()]
    names = [*measures, *(f"{name}_increment" for name in measures)]
    for name in names:
        wide = table.pivot_table(name, "point", ["order", "step"], dropna=False)
        columns = pd.MultiIndex.from_frame(rungs[["order", "step"]])
        wide = wide.reindex(index=range(len(order)), columns=columns)
        found[name] = arrays.floats(wide.to_numpy(float).ravel())
    return {**found, "measures": measures}


def about_measures():
    """Return what a page must know of the measures, by name."""
    return {
        name: {
            "row": measure.row, "words": measure.words, "unit": measure.unit,
            "meaning": measure.meaning.replace("`", ""), "form": measure.form,
            "title": measure.title or measure.words,
            "label": (measure.label or measure.row).replace("$τ_{max}$", "τmax"),
            "scale": measure.scale, "direction": measure.direction,
            "lag": measure.over_trials == CORRELATIONS,
            "network": measure.network, "pvalue": measure.pvalue,
        }
        for name, measure in BY_NAME.items()
    }  # fmt: skip
