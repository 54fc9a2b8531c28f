"""How long a sweep takes on this machine, and with what: study.bench --study."""

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pandas as pd

from study.cluster.clusters import default_workers
from study.command.parser import UsageError
from study.command.progress import progress_reporter
from study.store.folders import StoreError, result_folder
from study.store.sweep_folder import recorded_sweep
from study.trial.request import Request
from study.trial.run_job import run_job

SAMPLED = 15


def forecast(folder, precision="double", quiet=False):
    """Predict how long a recorded sweep takes on this machine, with a worker per core.

    One trial at each of some points, from the cheapest to the dearest by `Job.cost`, is timed phase
    by phase, on all cores at once; between them the times are interpolated. Writing the tables is
    taken to need what it needed when they were made.

    Parameters
    ----------
    folder : path
    precision : {"double", "single"}
    quiet : bool

    Returns
    -------
    list of str

    Raises
    ------
    UsageError
        There is no sweep in the folder.
    """
    try:
        record = recorded_sweep(result_folder(folder))
    except StoreError as error:
        raise UsageError(f"--study: {error}") from None
    if record is None:
        raise UsageError(f"--study: must be the folder of a sweep, got {folder}")
    request = replace(Request.from_record(record["request"]), precision=precision)
    jobs = request.jobs()
    each = np.array([job.cost() for job in jobs])
    ranked = np.sort(each)
    costs = sorted(set(ranked[np.linspace(0, len(jobs) - 1, SAMPLED).astype(int)]))
    workers = default_workers()
    table = _timed([jobs[int(np.argmax(each == cost))] for cost in costs], workers, quiet)
    total_s = {phase: np.interp(each, costs, table[phase]).sum() for phase in table}
    whole_s = total_s.pop("trial")
    tables_s = record.get("tables_seconds", 0.0)
    minutes = (whole_s / workers + tables_s) / 60
    lines = [f"{len(jobs)} trials in {precision} precision on {workers} cores: {minutes:.1f} min"]
    lines += [f"  {phase:<12} {seconds / whole_s:6.1%}" for phase, seconds in total_s.items()]
    return [*lines, f"  tables       {tables_s:.0f} s, as recorded"]


def _timed(jobs, workers, quiet):
    """Run each job on every core at once, as in a sweep, where they share memory and caches.

    Returns
    -------
    DataFrame
        A row per job: the mean seconds of each phase, and of the whole `trial`.
    """
    told = []
    spawning = get_context("spawn")  # threads of this process do not survive a fork
    with (
        progress_reporter("study", quiet, doing="starting") as show,
        ProcessPoolExecutor(workers, mp_context=spawning) as pool,
    ):
        list(pool.map(_timed_job, [jobs[0]] * workers))  # compiles, and loads what is needed
        for k, job in enumerate(jobs):
            show(k / len(jobs), job.point_name)
            told.append(pd.DataFrame(list(pool.map(_timed_job, [job] * workers))).mean())
        show(1)
    return pd.DataFrame(told).fillna(0.0)


def _timed_job(job):
    started = time.perf_counter()
    seconds = run_job(job)["record"]["seconds"]
    return {**seconds, "trial": time.perf_counter() - started}
