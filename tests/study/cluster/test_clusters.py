"""Dask in earnest: workers that die, schedulers that go away, sweeps that are killed.

Workers and schedulers are processes of their own, killed with SIGKILL.
"""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from distributed import Client
from small_sweep import (
    ENVIRONMENT,
    SWEEP,
    TRIALS,
    loopback,
    start,
    start_scheduler,
    start_worker,
    sweep,
    tables,
    trial_files,
    wait_for,
)
from stand_in_jobs import fail_for_trial_0, kill_worker_in_trial_0, kill_worker_once

from study.cluster import dispatch
from study.cluster.clusters import local_cluster
from study.cluster.dispatch import ClusterError, compute
from study.trial.job import Job

pytestmark = pytest.mark.slow  # real schedulers and workers, killed and restarted: minutes

LONG = [*SWEEP, "--duration", "15", "--trials", "3"]
LONG_TRIALS = 12


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The tables of the small sweep, by one local worker."""
    folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
    sweep(*SWEEP, "--workers", "1", "--out", folder)
    return tables(folder)


@pytest.fixture(scope="module")
def undisturbed_long(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
    sweep(*LONG, "--workers", "2", "--out", folder)
    return tables(folder)


@pytest.fixture
def importable_tests(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])


def jobs(count, **more):
    point = {"p": 0.1, "lam": 0.8, **more}
    return [Job(point, k, k, "dense", "euler", [], False, {}) for k in range(count)]


def test_one_and_two_local_workers_and_a_loopback_cluster_agree(undisturbed, tmp_path):
    sweep(*SWEEP, "--workers", "2", "--out", tmp_path / "two")
    assert tables(tmp_path / "two") == undisturbed
    with loopback(tmp_path) as (address, _):
        sweep(*SWEEP, "--scheduler", address, "--out", tmp_path / "loopback")
    assert tables(tmp_path / "loopback") == undisturbed


def test_a_worker_killed_in_the_middle(undisturbed_long, tmp_path):
    """Every point arrives, none twice, with the same numbers."""
    folder = tmp_path / "sweep"
    with loopback(tmp_path) as (address, workers):
        process = start(*LONG, "--scheduler", address, "--out", folder)
        wait_for(lambda: len(trial_files(folder)) >= 2)
        workers[0].kill()
        assert len(trial_files(folder)) < LONG_TRIALS - 2
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert len(trial_files(folder)) == len(list((folder / "trials").iterdir())) == LONG_TRIALS
    assert tables(folder) == undisturbed_long


def test_a_scheduler_that_goes_away_and_comes_back(undisturbed_long, tmp_path):
    folder = tmp_path / "sweep"
    scheduler, address = start_scheduler(tmp_path)
    processes = [start_worker(address, tmp_path)]
    try:
        process = start(*LONG, "--scheduler", address, "--out", folder)
        wait_for(lambda: len(trial_files(folder)) >= 2)
        scheduler.kill()
        for ended in (scheduler, *processes):
            ended.kill()
            ended.wait()
        before = len(trial_files(folder))
        assert before < LONG_TRIALS
        time.sleep(3)
        assert process.poll() is None
        scheduler, again = start_scheduler(tmp_path, port=address.rsplit(":", 1)[1])
        assert again == address
        processes = [start_worker(address, tmp_path) for _ in range(2)]
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    finally:
        for ended in (scheduler, *processes):
            ended.kill()
            ended.wait()
    assert tables(folder) == undisturbed_long


def test_a_scheduler_that_stays_away(tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "AWAY_S", 1.0)
    monkeypatch.setattr(dispatch, "AGAIN_S", 0.2)
    scheduler, address = start_scheduler(tmp_path)

    def connect():
        return Client(address, timeout=2, set_as_default=False)

    try:
        working = compute(connect, jobs(3), 0)  # no worker: nothing ever finishes
        monkeypatch.setattr(dispatch, "POLL_S", 0.2)
        scheduler.kill()
        scheduler.wait()
        with pytest.raises((ClusterError, OSError)):
            next(working)
    finally:
        scheduler.kill()


def test_workers_that_die_take_nothing_along(importable_tests, tmp_path, monkeypatch):
    """A job that kills its worker once is computed; one that always does fails, alone."""
    monkeypatch.setattr(dispatch, "run_job", kill_worker_once)
    with local_cluster(2, tmp_path) as connect:
        found = list(compute(connect, jobs(12, mark=str(tmp_path / "mark")), 0))
        assert sorted(job.seed for job, result, _ in found if result) == list(range(12))
        monkeypatch.setattr(dispatch, "run_job", kill_worker_in_trial_0)
        found = list(compute(connect, jobs(12), 0))
    assert len(found) == 12
    failed = [(job.seed, message) for job, result, message in found if result is None]
    assert failed == [(0, "its worker died, 4 times in a row")]


def test_a_job_that_fails_is_tried_again_at_the_end(importable_tests, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "run_job", fail_for_trial_0)
    with local_cluster(1, tmp_path) as connect:
        found = list(compute(connect, jobs(6), 2))
    assert [job.seed for job, *_ in found] == [1, 2, 3, 4, 5, 0]
    assert found[-1][1:] == (None, "ValueError: no luck")


def test_local_workers_use_one_thread_and_a_folder_that_is_removed(tmp_path):
    with local_cluster(1, tmp_path) as connect, connect() as client:
        (told,) = client.run(lambda: dict(os.environ)).values()
        assert (told["OMP_NUM_THREADS"], told["NUMBA_NUM_THREADS"]) == ("1", "1")
        assert os.path.isdir(told["TMPDIR"])
        assert client.nthreads() and set(client.nthreads().values()) == {1}
    assert not os.path.exists(told["TMPDIR"])


@pytest.mark.parametrize(
    "begun, then_s, within_s", [("sweep.json", 1, 15), ("trials/*.trial", 0, 10)]
)
def test_interrupt_of_a_whole_process_group(undisturbed, tmp_path, begun, then_s, within_s):
    """Ctrl-C on a terminal reaches the workers and their simulations as well.

    Here while the workers start, which is waited for, and when the first trial is finished.
    """
    folder = tmp_path / "sweep"
    process = start(*SWEEP, "--duration", "40", "--workers", "2", "--out", folder)
    wait_for(lambda: list(folder.glob(begun)))
    time.sleep(then_s)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and time.monotonic() - started < within_s
    assert "trials are finished and kept" in err and err.count("\n") == 2, err
    assert not list((folder / "trials").glob("*.failed"))
    wait_for(lambda: not [pid for pid in _processes() if process.pid == _group(pid)], 10)


def _processes():
    """List the processes that are more than an exit status waiting to be read."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _runs(name)]


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _killed_at_random_moments(folder, times, rng):
    """Kill a sweep again and again while it works; return how often it was still at work."""
    hit = 0
    for _ in range(times):
        process = start(*SWEEP, "--workers", "2", "--out", folder)
        delay = rng.uniform(0.5, 9)
        time.sleep(delay)
        hit += process.poll() is None
        process.kill()
        process.communicate()
        if len(trial_files(folder)) >= TRIALS - 1:  # begin again, with a damaged rest
            for path in rng.sample(trial_files(folder), TRIALS - 2):
                path.unlink()
    return hit


def _survives(folder, times, undisturbed):
    assert _killed_at_random_moments(folder, times, random.Random(times)) >= times // 2
    sweep(*SWEEP, "--workers", "2", "--out", folder)
    assert tables(folder) == undisturbed
    assert not list(folder.rglob("*.part"))
    wait_for(lambda: not [pid for pid in _processes() if _simulates_in(pid)], 5)


def _simulates_in(pid):
    try:
        return "neural_mass_sweep_" in os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return False


def test_killed_three_times(tmp_path, undisturbed):
    _survives(tmp_path / "sweep", 3, undisturbed)


@pytest.mark.slow
def test_killed_twenty_times(tmp_path, undisturbed):
    _survives(tmp_path / "sweep", 20, undisturbed)
    shutil.rmtree(tmp_path / "sweep")
