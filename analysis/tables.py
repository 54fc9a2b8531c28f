"""The tables: their columns, the arrays of a sweep."""

import numpy as np
import pandas as pd

from analysis.axes import PLANE, axes_of, axis_parts
from analysis.measures import BY_NAME, TRIALS, names

TRIAL_COLUMNS = (*PLANE, "model", "trial", "seed", "status", *names(per_trial=True))
SUMMARY_COLUMNS = (*PLANE, "model", "trials", "status", "regime", *names())
AXES = {"p": "connection probability", "lam": "fraction of excitatory neurons"}
AVERAGED = names(over_trials=TRIALS)
"""The measures whose summary is the mean over trials; the spectral ones come from mean spectra."""


def trial_table(rows, axes=PLANE):
    """Arrange the rows of all trials (dicts) in one table: the axes, then TRIAL_COLUMNS."""
    return whole_dof(pd.DataFrame(rows, columns=along(axes, TRIAL_COLUMNS)))


def along(axes, columns):
    """Return columns that begin with those of the plane, with all axes in their place."""
    return [*axes, *(name for name in columns if name not in PLANE)]


def whole_dof(table):
    """Keep the degrees of freedom whole numbers, empty where there are none."""
    return table.astype({"chi2_dof": "Int64"})


def with_later(table):
    """Add the measures that tables of older versions lack, empty, at the end."""
    return table.assign(**{name: np.nan for name in names(later=True) if name not in table})


def dataset(points, spectra=None, meanings=None):
    """Arrange the tables of a sweep as arrays over its axes.

    Parameters
    ----------
    points : DataFrame
        points.parquet of a sweep: one row per point, p, lam and all else that varies, and model.
    spectra : DataFrame, optional
        spectra.parquet: the same axes, model, frequency_Hz, power.
    meanings : dict, optional
        What the axes are called at length.

    Returns
    -------
    xarray.Dataset
        Dimensions p, lam, all other axes, model and, with spectra, frequency. Every column of
        `points` is a variable without the unit in its name; the unit is in the attribute `units`,
        "1" where it has none. Points that are not in the table are NaN.
    """
    models, axes = list(points.model.unique()), axes_of(points)
    arrays = points.set_index([*axes, "model"]).to_xarray()
    if spectra is not None:
        indexed = spectra.set_index([*axes, "model", "frequency_Hz"]).power
        power = indexed.to_xarray().rename(frequency_Hz="frequency")
        power.attrs["units"] = "mV^2/Hz"
        power.frequency.attrs["units"] = "Hz"
        arrays = arrays.assign(power=power)
    arrays = arrays.reindex(model=models)
    renamed = {}
    for name, array in arrays.data_vars.items():
        measure, suffix = _measure_of(name)
        if measure:
            array.attrs.update(
                units=measure.unit or "1", long_name=measure.words, description=measure.meaning
            )
            renamed[name] = measure.quantity + suffix
        elif array.dtype.kind in "fiu":
            array.attrs.setdefault("units", "1")
    parts = {column: axis_parts(column) for column in axes}
    arrays = arrays.rename(renamed | {column: name for column, (name, _) in parts.items()})
    for name, unit in parts.values():
        arrays[name].attrs.update(units=unit or "1", long_name=(meanings or AXES).get(name, name))
    return arrays


def _measure_of(column):
    """Return the measure that a column of the points is of, None for others, and its suffix."""
    for suffix in ("", "_low", "_high", "_mean", "_trials"):
        if (name := column.removesuffix(suffix)) in BY_NAME and column.endswith(suffix):
            return BY_NAME[name], suffix
    return None, ""
