"""The tables of a sweep, read back and checked: points, and where to find the others."""

import pandas as pd
from pyarrow import ArrowException, parquet

from analysis.axes import axes_of
from analysis.budget import BUDGET_COLUMNS
from analysis.measures import NETWORK, names
from analysis.tables import SUMMARY_COLUMNS, with_later
from study.store.folders import SWEEP_RECORD as RECORD
from study.store.folders import StoreError, read_record
from study.store.hashes import changed_files

POINTS, SPECTRA = "points.parquet", "spectra.parquet"
EXAMPLES, RATES, BUDGET = "examples.parquet", "rates.parquet", "budget.parquet"
COLUMNS = {
    POINTS: SUMMARY_COLUMNS,
    SPECTRA: ("p", "lam", "model", "frequency_Hz", "power"),
    EXAMPLES: ("p", "lam", "model", "t_ms", "V_mV"),
    RATES: ("p", "lam", "population", "t_ms", "rate_Hz"),
    BUDGET: BUDGET_COLUMNS,
}

LATER = {*names(later=True), "rho_0_increment"}
"""Columns that tables of older versions lack."""


def check_plane(folder):
    """Raise StoreError where a sweep has sets of constants instead of axes: no map shows them."""
    if (read_record(folder, RECORD) or {}).get("request", {}).get("sample"):
        raise StoreError(f"must have axes, study.ensemble reads a sample, got {folder}")


def read_points(folder, whole=False):
    """Read the table of points, and see that the other tables can be read and are what was written.

    A folder without sweep.json, such as tables that were copied out of one, has nothing to compare
    them with.

    Parameters
    ----------
    folder : Path
    whole : bool
        Every table that sweep.json names must be there.

    Raises
    ------
    StoreError
    """
    if not folder.is_dir():
        raise StoreError(f"must be the folder of a sweep, got {folder}")
    hashes = (read_record(folder, RECORD) or {}).get("tables", {})
    there = {name: digest for name, digest in hashes.items() if whole or (folder / name).exists()}
    if changed := changed_files(folder, there, RECORD):
        raise StoreError(f"{changed[0]}, got {folder}")
    for name, columns in COLUMNS.items():
        path = folder / name
        if hashes and name not in hashes and path.exists():
            raise StoreError(f"{name} is no table of {RECORD}, got {folder}")
        if not path.is_file():
            if name in (EXAMPLES, RATES, BUDGET):
                continue
            raise StoreError(f"must hold {name}, got {folder}; study.sweep writes it")
        try:
            found = parquet.read_schema(path).names
        except (ArrowException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise StoreError(f"{path} cannot be read: {reason}") from None
        if missing := [c for c in columns if c not in found and c not in LATER]:
            raise StoreError(f"{path} must have the column {missing[0]}")
    points = with_later(pd.read_parquet(folder / POINTS))
    if not (points.model == NETWORK).any() or (points.model == NETWORK).all():
        raise StoreError(f"{folder / POINTS} must have rows of {NETWORK} and a mass model")
    if points.duplicated([*axes_of(points), "model"]).any():
        raise StoreError(f"{folder / POINTS} must have one row per point and model")
    return points


def read_budget(folder):
    """Return the budget of a sweep's folder, None where there is none or no trial has a result."""
    if not (folder / BUDGET).is_file():
        return None
    budget = pd.read_parquet(folder / BUDGET)
    return budget if len(budget) else None
