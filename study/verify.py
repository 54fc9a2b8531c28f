"""Check a sweep: python -m study.verify DIR recomputes its hashes and some of its rows."""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import axes_of
from analysis.measures import NETWORK, names
from analysis.tables import TRIAL_COLUMNS, trial_table
from study.command.ending import run_command
from study.command.numbers import integer, seed_from
from study.command.parser import Parser, UsageError
from study.store.folders import StoreError, finished_record
from study.store.hashes import changed_files
from study.store.kept_tables import UNFINISHED, tables_request
from study.store.state import describe, survey
from study.store.sweep_folder import RECORD
from study.store.trial_files import DamagedError, read_trial, trial_path
from study.trial.request import Request

ROUNDING = 1e-8
"""Relative difference that may lie between two versions of the code: sums in another order."""
SPIKES = names(network=True)
"""What follows from spikes alone, which must be the same to the digit."""


def main(argv=None):
    """Run the command; return 0 where all is right, 1 where something differs."""
    parser = Parser(prog="python -m study.verify", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="what study.sweep wrote")
    parser.add_argument("--rows", default="3", help="trials to regenerate (%(default)s)")
    parser.add_argument("--seed", default="1", help="decides which (%(default)s)")
    arguments = parser.parse_args(argv)
    folder = arguments.folder
    try:
        rows, seed = integer("--rows", arguments.rows, 0), seed_from(arguments)
        record = finished_record(folder, RECORD, simulated=rows > 0)
        if record is None or "tables" not in record:
            raise StoreError(f"must hold the tables of a sweep, got {folder}")
    except UsageError as error:
        parser.error(str(error))
    except StoreError as error:
        parser.error(f"DIR: {error}")
    wrong = _check_tables(folder, record)
    jobs = Request.from_record(tables_request(record)).jobs()
    try:
        table = _finished_rows(folder)
    except (OSError, ValueError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        wrong += _check_trials(folder, jobs, {})
        wrong.append(f"trials.parquet cannot be read, so no trial is computed again: {reason}")
    else:
        wrong += _check_trials(folder, jobs, table)
        wrong += _regenerate(folder, jobs, table, rows, seed)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(wrong)} differences" if wrong else "all is as it was written")
    return 1 if wrong else 0


def _check_tables(folder, record):
    """Hash every table again."""
    wrong = changed_files(folder, record["tables"], RECORD)
    print(f"{len(record['tables'])} tables: {len(wrong) or 'none'} changed")
    return wrong if record["tables"] else [f"{RECORD} names no table, so none is checked"]


def _finished_rows(folder):
    """Return the rows of each finished trial in trials.parquet, by point, trial and seed."""
    table = pd.read_parquet(folder / "trials.parquet")
    table = table[~table.status.isin(UNFINISHED)]
    return dict(list(table.groupby([*axes_of(table), "trial", "seed"], sort=False)))


def _check_trials(folder, jobs, table):
    """Hash every finished trial again, where the folder has them; compare them with the table."""
    found = survey(folder, jobs)
    if not (found.done or found.damaged):
        return []
    print("\n".join(describe(found, len(jobs))))
    wrong, compared = list(found.damaged), 0
    for job in found.done:
        if (rows := table.get(job.place)) is not None:
            record, *_ = read_trial(trial_path(folder, job))
            differing, _ = _differing(rows, job, record["rows"])
            if differing:
                columns = ", ".join(differing)
                wrong.append(f"{job.name}: its file and trials.parquet differ in {columns}")
            compared += 1
    print(f"{compared} of {len(table)} finished trials in trials.parquet were compared with files")
    if (more := len(found.done) - compared) and table:
        print(f"{more} finished trials are not in the tables; study.sweep --tables takes them in")
    return wrong


def _regenerate(folder, jobs, table, rows, seed):
    """Compute some finished trials again and compare them with the tables and their files."""
    jobs = [job for job in jobs if job.place in table]
    if rows and not jobs:
        return ["no finished trial of the request is in trials.parquet, so none is computed again"]
    if not rows:
        return []
    from study.trial.run_job import run_job  # the simulator, a second to import

    chosen = np.random.default_rng(seed).permutation(len(jobs))[:rows]
    wrong = []
    for job in (jobs[k] for k in chosen):
        again = run_job(job)
        differing, exact = _differing(table[job.place], job, again["record"]["rows"])
        if trial_path(folder, job).exists():
            with suppress(DamagedError):  # which has been named
                _, spectra, *_ = read_trial(trial_path(folder, job))
                if not np.allclose(spectra, again["spectra"], rtol=ROUNDING, atol=0):
                    differing.append("spectra")
        verdict = "is the same"
        if differing:
            verdict = f"differs in {', '.join(differing)}"
        elif not exact:
            verdict += " to rounding"
        print(f"{job.name} seed={job.seed}, computed again, {verdict}", flush=True)
        if differing:
            wrong.append(f"{job.name} {verdict}")
    return wrong


def _differing(table, job, rows):
    """Compare a trial's rows with the table's.

    Returns
    -------
    differing : list of str
        The columns that differ by more than rounding.
    exact : bool
        Whether none differs at all.
    """
    rows = trial_table([{**row, "trial": job.trial, "seed": job.seed} for row in rows])
    table = _own(table.reset_index(drop=True), rows)
    pairs = {name: (table[name], rows[name]) for name in TRIAL_COLUMNS if name in table}
    differing = [
        name
        for name, pair in pairs.items()
        if not _equal(*pair, 0.0 if name in SPIKES else ROUNDING)
    ]
    return differing, all(_equal(*pair) for pair in pairs.values())


def _own(table, rows):
    """Leave out of the mass models' rows what an older version repeated there: the network's own.

    Where the computed rows of a mass model have nothing, and the table's have what the network has.
    """
    network = table[table.model == NETWORK]
    if len(network) != 1 or len(table) != len(rows):
        return table
    for name in table.columns.intersection(SPIKES):
        same = table[name] == network[name].item()
        table[name] = table[name].mask((table.model != NETWORK) & rows[name].isna() & same)
    return table


def _equal(left, right, tolerance=0.0):
    """Tell whether two columns hold the same values, NaN where the other has NaN."""
    if len(left) != len(right):
        return False
    both_empty = left.isna().to_numpy() & right.isna().to_numpy()
    same = (left == right).fillna(False).to_numpy(bool)
    if tolerance and left.dtype.kind == "f":
        same = same | np.isclose(left, right, rtol=tolerance, atol=0)
    return bool((same | both_empty).all())


if __name__ == "__main__":
    sys.exit(run_command(main))
