"""Give jobs to the workers of a Dask cluster and take their results, whatever happens to both."""

import time
import uuid
from collections import Counter
from contextlib import suppress
from queue import Empty, SimpleQueue

from distributed import KilledWorker

from study.trial.run_job import run_job

POLL_S = 1.0  # how often the scheduler is asked whether it is still there
FETCH_S = 15.0  # how long one result may take to arrive before its job is submitted again
AWAY_S = 600.0  # how long a scheduler that went away is waited for
AGAIN_S = 2.0  # between two attempts to reach it


class ClusterError(RuntimeError):
    """A cluster cannot be had; the message says which and why."""


def compute(connect, jobs, retries, watch=lambda threads: None):
    """Run jobs on a cluster and yield each one's result as it arrives.

    A job that raises, and one whose workers die until the scheduler gives it up, is tried again
    at the end of the queue, `retries` times. A worker that dies takes nothing with it: its job, or
    the result that it had not handed over, is computed elsewhere. When the scheduler goes away, it
    is waited for, and what is open is handed to the one that answers then.

    Parameters
    ----------
    connect : callable
        Returns a distributed.Client; raises OSError where no scheduler answers.
    jobs : list of study.trial.job.Job
        In the order in which they are to be started.
    retries : int
    watch : callable, optional
        Called about once a second with the number of threads that work, 0 while the scheduler is
        away. What it raises ends the computation.

    Yields
    ------
    job : Job
    result : dict or None
        What `run_job` returned, None where the job failed.
    message : str
        Why it failed.

    Raises
    ------
    ClusterError
        The scheduler went away and did not come back.
    """
    open_jobs = {job.digest(): job for job in jobs}
    failures = Counter()
    client = connect()
    while open_jobs:
        try:
            for key, result, message in _until_lost(client, open_jobs, watch):
                if result is None:
                    failures[key] += 1
                    if failures[key] <= retries:
                        continue
                yield open_jobs.pop(key), result, message
        finally:
            with suppress(Exception):  # the scheduler may be gone
                client.close(timeout=2)
        if open_jobs:
            client = _reconnect(connect, watch)


def _until_lost(client, open_jobs, watch):
    """Submit the open jobs; yield (key, result, message) until none is open or contact is lost.

    The caller removes a key from `open_jobs` when it is done with it; one that is still there when
    the generator goes on is submitted again.
    """
    finished, futures, session = SimpleQueue(), {}, uuid.uuid4().hex
    scheduler, threads = _ask(client)

    def submit(keys, attempt):
        names = [f"{session}-{key[:16]}-{attempt}" for key in keys]
        submitted = client.map(run_job, [open_jobs[key] for key in keys], key=names)
        for key, future in zip(keys, submitted):
            futures[key] = future
            future.add_done_callback(lambda _, key=key: finished.put(key))

    submit(list(open_jobs), 0)
    asked, attempt = time.monotonic(), 0
    while open_jobs:
        watch(threads)
        try:
            key = finished.get(timeout=POLL_S)
        except Empty:
            key = None
        if key is None or time.monotonic() - asked > POLL_S:
            now, threads = _ask(client)
            asked = time.monotonic()
            if now != scheduler:
                return
        if key is None:
            continue
        try:
            # a result whose worker died meanwhile is not waited for: its job is submitted again
            gone = futures[key].status in ("lost", "pending")
            result, message = None if gone else futures[key].result(timeout=FETCH_S), ""
        except Exception as error:
            if futures[key].status != "error" and _ask(client)[0] != scheduler:
                return
            result, message = None, _message(error)
        if result is not None or futures[key].status == "error":
            yield key, result, message
        del futures[key]
        if key in open_jobs:
            attempt += 1
            submit([key], attempt)


def _ask(client):
    """Return the identity of the scheduler, None where it does not answer, and its threads."""
    try:
        told = client.sync(client.scheduler.identity, n_workers=0, callback_timeout=30)
        return told["id"], told["total_threads"]
    except Exception:  # whatever the reason, it cannot be asked
        return None, 0


def _reconnect(connect, watch):
    """Wait for the scheduler to come back."""
    deadline = time.monotonic() + AWAY_S
    while True:
        watch(0)
        try:
            return connect()
        except (OSError, ClusterError):
            if time.monotonic() > deadline:
                away = f"the scheduler went away and did not come back within {AWAY_S:g} s"
                raise ClusterError(away) from None
            time.sleep(AGAIN_S)


def _message(error):
    """Say in one line what went wrong with a job."""
    if isinstance(error, KilledWorker):
        return f"its worker died, {error.allowed_failures + 1} times in a row"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
