"""Check a sweep: python -m study.verify DIR recomputes its hashes and some of its rows."""

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.tables import TRIAL_COLUMNS, trial_table
from study.arguments import Parser, UsageError, integer, run_command, seed_from
from study.jobs import job_name, make_jobs, run_job
from study.request import RECORD, plain
from study.store import StoreError, finished_record
from study.survey import describe, survey
from study.trials import DamagedError, read_trial, trial_path

ROUNDING = 1e-8
"""Relative difference that may lie between two versions of the code: sums in another order."""
SPIKES = ("rate_Hz", "rate_exc_Hz", "rate_inh_Hz", "spike_contrast")
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
        record = finished_record(folder, RECORD)
        if record is None or "tables" not in record:
            raise StoreError(f"must hold the tables of a sweep, got {folder}")
    except UsageError as error:
        parser.error(str(error))
    except StoreError as error:
        parser.error(f"DIR: {error}")
    wrong = _check_tables(folder, record) + _check_trials(folder, record)
    wrong += _regenerate(folder, record, rows, seed)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(wrong)} differences" if wrong else "all is as it was written")
    return 1 if wrong else 0


def _check_tables(folder, record):
    """Hash every table again."""
    wrong = []
    for name, digest in record["tables"].items():
        if not (folder / name).is_file():
            wrong.append(f"{name} is missing")
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            wrong.append(f"{name} does not match its hash in {RECORD}")
    print(f"{len(record['tables'])} tables: {len(wrong) or 'none'} changed")
    return wrong


def _check_trials(folder, record):
    """Hash every finished trial again, where the folder has them."""
    jobs = make_jobs(plain(record["request"]))
    found = survey(folder, jobs)
    if found.done or found.damaged:
        print("\n".join(describe(found, len(jobs))))
    return found.damaged


def _regenerate(folder, record, rows, seed):
    """Compute some finished trials again and compare them with the tables and their files."""
    jobs = make_jobs(plain(record["request"]))
    try:
        trials = pd.read_parquet(folder / "trials.parquet")
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        return [f"trials.parquet cannot be read, so no trial is computed again: {reason}"]
    finished = set(trials.seed[~trials.status.isin(["failed", "missing"])])
    jobs = [job for job in jobs if job["seed"] in finished]
    chosen = np.random.default_rng(seed).permutation(len(jobs))[:rows]
    wrong = []
    for job in (jobs[k] for k in chosen):
        again = run_job(job)
        table = trials[trials.seed == job["seed"]].reset_index(drop=True)
        rows_again = trial_table(
            [{**row, "trial": job["trial"]} for row in again["record"]["rows"]]
        )
        pairs = {name: (table[name], rows_again[name]) for name in TRIAL_COLUMNS}
        differing = [
            name
            for name, pair in pairs.items()
            if not _equal(*pair, 0.0 if name in SPIKES else ROUNDING)
        ]
        if trial_path(folder, job).exists():
            with suppress(DamagedError):  # which has been named
                _, spectra, _ = read_trial(trial_path(folder, job))
                if not np.allclose(spectra, again["spectra"], rtol=ROUNDING, atol=0):
                    differing.append("spectra")
        verdict = "is the same"
        if differing:
            verdict = f"differs in {', '.join(differing)}"
        elif not all(_equal(*pair) for pair in pairs.values()):
            verdict += " to rounding"
        print(f"{job_name(job)} seed={job['seed']}, computed again, {verdict}", flush=True)
        if differing:
            wrong.append(f"{job_name(job)} {verdict}")
    return wrong


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
