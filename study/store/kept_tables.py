"""The tables that a sweep's folder holds, and whether others may take their place."""

import pandas as pd

from analysis.axes import axes_of
from analysis.statuses import FAILED, MISSING
from study.store.trial_files import DamagedError, read_trial, trial_path
from study.trial.request import Request

UNFINISHED = (FAILED, MISSING)
"""The statuses of a row without a result."""
OF_TABLES = ("tables", "trials", "tables_seconds", "tables_of")
"""What sweep.json says of the tables: it stays until there are new ones."""


def kept_record(before, request):
    """Return what sweep.json has to go on saying of its tables while another sweep is at work.

    Parameters
    ----------
    before : dict
        What it says.
    request : dict
        What is asked for now, as it keeps it. Where the tables were made for another, `tables_of`
        holds that.
    """
    kept = {name: before[name] for name in OF_TABLES if name in before}
    if "tables" in kept and (made_for := tables_request(before)) != request:
        return kept | {"tables_of": made_for}
    return {name: value for name, value in kept.items() if name != "tables_of"}


def tables_request(record):
    """Return the request that the tables were made for."""
    return record.get("tables_of", record["request"])


def loss(folder, record, done):
    """Say what new tables would lose that the old ones have, or return None.

    They may not be of fewer finished trials; nor may they leave one out that is in the old ones
    and whose file is gone, however many others they have.

    Parameters
    ----------
    folder : path
    record : dict or None
        sweep.json, where there is one.
    done : list of Job
        Those whose results are in the new tables.

    Returns
    -------
    str or None
    """
    there = finished_in_tables(folder)
    if there is None:  # unreadable or not there: what was recorded of them counts
        there, count = set(), ((record or {}).get("trials") or {}).get("finished", 0)
    else:
        count = len(there)
    if count > len(done):
        return f"the tables there are of {count} finished trials, new ones would be of {len(done)}"
    old = Request.from_record(tables_request(record)).jobs() if there and record else []
    old = {job.place: job for job in old if job.place in there}
    digests, places = {job.digest() for job in done}, {job.place for job in done}
    lost = len(there - places - old.keys())
    lost += sum(job.digest() not in digests and not _kept(folder, job) for job in old.values())
    if lost:
        return f"the tables there have {lost} finished trials that new ones would not have"
    return None


def finished_in_tables(folder):
    """Return point, trial and seed of every finished trial in the tables, None without any."""
    for name, read in (("trials.parquet", pd.read_parquet), ("trials.csv", pd.read_csv)):
        try:
            table = read(folder / name)
            rows = table[~table.status.isin(UNFINISHED)]
            return set(zip(*(rows[name] for name in (*axes_of(rows), "trial", "seed"))))
        except (OSError, ValueError, AttributeError):
            continue
    return None


def _kept(folder, job):
    """Tell whether a trial's file is there and sound."""
    try:
        read_trial(trial_path(folder, job))
    except (OSError, DamagedError):
        return False
    return True
