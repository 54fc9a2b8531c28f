"""A sweep in trouble: nothing is lost, nothing is wrong in the tables, and mistakes are named."""

import shutil
import signal
import socket
import subprocess
import time

import pandas as pd
import pytest
from distributed import Client
from filelock import FileLock
from small_sweep import (
    SWEEP,
    TRIALS,
    again,
    loopback,
    refused,
    start,
    tables,
    trial_files,
    wait_for,
)

from study import sweep
from study.cluster import dispatch
from study.cluster.clusters import slurm_settings
from study.cluster.dispatch import ClusterError
from study.store.trial_files import read_trial


def test_a_failure_is_recorded_and_the_rest_goes_on(tmp_path, cluster, capsys, monkeypatch):
    """One trial fails at every try; later, it does not."""
    real = dispatch.run_job
    folder = tmp_path / "sweep"
    with monkeypatch.context() as patched:
        patched.setattr(dispatch, "_until_lost", _failing_for_one(dispatch._until_lost))
        assert sweep.main([*SWEEP, *cluster, "--out", str(folder), "--retries", "1"]) == 1
    printed = capsys.readouterr()
    assert "failed: p=0.4_lam=0.8_trial=1: RuntimeError: no luck" in printed.err
    assert len(trial_files(folder)) == TRIALS - 1
    points = pd.read_csv(folder / "points.csv")
    assert list(points.status[-3:]) == ["failed (1), ok (1)"] * 3
    trials = pd.read_csv(folder / "trials.csv")
    assert list(trials.message.dropna()) == ["RuntimeError: no luck"] * 3
    assert sweep.main([*SWEEP, "--out", str(folder), "--status"]) == 0
    status = capsys.readouterr().out
    assert "failed: p=0.4_lam=0.8_trial=1: RuntimeError: no luck" in status
    assert "  1 trial failed: p=0.4 lam=0.8\n" in status
    assert dispatch.run_job is real
    assert len(again(folder, cluster)) == 1
    assert len(list((folder / "trials").iterdir())) == TRIALS  # and no failure any more


def test_force_names_what_fails_and_keeps_what_was_there(mine, cluster, capsys, monkeypatch):
    before = tables(mine)
    monkeypatch.setattr(dispatch, "_until_lost", _failing_for_one(dispatch._until_lost))
    flags = [*SWEEP, *cluster, "--out", str(mine), "--force", "--retries", "0"]
    assert sweep.main(flags) == 1
    assert "failed: p=0.4_lam=0.8_trial=1: RuntimeError: no luck" in capsys.readouterr().err
    assert tables(mine) == before and len(trial_files(mine)) == TRIALS


def test_interrupted_while_tables_are_written(mine, capsys, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "write_tables", interrupted)
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables"]) == 130
    assert f"{TRIALS} of {TRIALS} trials are finished and kept" in capsys.readouterr().err


def test_killed_before_anything_was_recorded(tmp_path, capsys):
    (tmp_path / "sweep" / "trials").mkdir(parents=True)
    assert sweep.main([*SWEEP, "--out", str(tmp_path / "sweep"), "--status"]) == 0
    assert f"0 of {TRIALS} trials are finished" in capsys.readouterr().out


def _failing_for_one(original):
    """Turn the result of one job into an error, every time."""

    def generator(client, open_jobs, watch):
        for key, result, message in original(client, open_jobs, watch):
            job = open_jobs[key]
            if job.plane == (0.4, 0.8) and job.trial:
                result, message = None, "RuntimeError: no luck"
            yield key, result, message

    return generator


def test_all_failed_still_gives_every_row(tmp_path, cluster, capsys):
    """A network that does not fit into memory: the message is the engine's own."""
    folder = tmp_path / "sweep"
    grid = "--p 0.1 --lam 0.8 --trials 1 --n 100000000 --retries 0".split()
    assert sweep.main([*SWEEP, *grid, *cluster, "--out", str(folder)]) == 1
    assert "failed: p=0.1_lam=0.8_trial=0: ParameterError: N " in capsys.readouterr().err
    points = pd.read_csv(folder / "points.csv")
    assert list(points.model) == ["LIF", "CFM", "MFM"]
    assert list(points.status) == ["failed"] * 3 and list(points.trials) == [0] * 3
    assert points.rate_Hz.isna().all()


def test_two_sweeps_on_one_folder(mine, capsys, cluster):
    with FileLock(mine / ".lock"):
        error = refused(capsys, mine, [*SWEEP, *cluster, "--out", str(mine)])
    assert f"--out: must not be in use, got {mine}: another sweep is at work there" in error


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--p", "0:1"], "--p: must be numbers or START:STOP:STEP"),
        (["--p", "1:0:0.1"], "--p: START must not exceed STOP, got 1:0:0.1"),
        (["--lam", "0.5,1.1"], "--lam: lam must lie in [0, 1], got 1.1"),
        (["--grid", "paper"], "--p: must not stand beside --grid"),
        (["--workers", "0"], "--workers: must be an integer >= 1, got 0"),
        (["--workers", "two"], "--workers: must be an integer >= 1, got two"),
        (["--trials", "0"], "--trials: must be an integer >= 1, got 0"),
        (["--retries", "-1"], "--retries: must be an integer >= 0, got -1"),
        (["--seed", "-1"], "--seed: must be an integer in [0, 4294967295], got -1"),
        (["--set", "tau_mem=1*mV"], "--set tau_mem: tau_mem must have the dimensions of ms"),
        (["--set", "M=200"], "--set M: must be given once, got it again as M=200"),
        (["--trials", "1000000000"], "--trials: must be 200000 or fewer in all, got 4 points"),
        (["--p", "0:1:0.0002", "--trials=200", "--status"], "--trials: must be 200000 or fewer"),
        (["--n", "100000000", "--dry-run"], "--n: N must fit into memory: "),
        (["--p", "0", "0.3", "2"], "--p: p must lie in [0, 1], got 2 in 0,0.3,2"),
        (["--cluster", "pbs"], "--cluster: invalid choice: 'pbs'"),
        (["--cluster-config", "x.toml"], "--cluster-config: must stand beside --cluster slurm"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "--workers: must not"),
        (["--scheduler", "nonsense"], "--scheduler: no scheduler answers at nonsense"),
    ],
)
def test_bad_input(capsys, tmp_path, arguments, message):
    assert message in refused(capsys, tmp_path, [*SWEEP, "--out", str(tmp_path / "x"), *arguments])


def test_a_folder_that_holds_something_else(capsys, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    error = refused(capsys, tmp_path, [*SWEEP, "--out", str(tmp_path)])
    assert "--out: must be new, empty or hold a sweep, got" in error


@pytest.mark.parametrize("listens", [False, True])
def test_unreachable_scheduler(capsys, tmp_path, monkeypatch, listens):
    """Nobody there, and somebody there who is no scheduler."""
    monkeypatch.setattr("study.cluster.clusters.CONNECT_S", 2.0)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        if listens:
            listener.listen()
        started = time.monotonic()
        flags = ["--out", str(tmp_path / "x"), "--scheduler", address]
        error = refused(capsys, tmp_path, [*SWEEP, *flags])
    assert f"--scheduler: no scheduler answers at {address}" in error
    assert time.monotonic() - started < 10


def test_slurm_without_its_packages(capsys, tmp_path, monkeypatch):
    flags = [*SWEEP, "--out", str(tmp_path / "x"), "--cluster", "slurm"]
    monkeypatch.setitem(__import__("sys").modules, "dask_jobqueue", None)
    error = refused(capsys, tmp_path, flags)
    assert "--cluster slurm: needs dask-jobqueue: pip install -e '.[cluster]'" in error


def test_a_setting_that_slurm_does_not_know(tmp_path):
    pytest.importorskip("dask_jobqueue")
    file = tmp_path / "slurm.toml"
    file.write_text('queue = "normal"\nmemory = "2GB"\ninterface = "ib0"\n')
    assert len(slurm_settings(file)) == 3
    file.write_text('memroy = "2GB"\n')
    with pytest.raises(ClusterError, match="must hold keywords of SLURMCluster, got memroy in"):
        slurm_settings(file)


def _mounted(folder, options):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True
    )
    return done.returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 500 kB, which is full after a few trials."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mounted(folder, "size=500k"):
        pytest.skip("no permission to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk(small_disk, finished, cluster):
    folder = small_disk / "sweep"
    with pytest.raises(OSError, match="No space left on device"):
        sweep.main([*SWEEP, *cluster, "--out", str(folder)])
    kept = trial_files(folder)
    assert 0 < len(kept) < TRIALS
    for path in kept:
        read_trial(path)
    subprocess.run(["mount", "-o", "remount,size=10m", small_disk], check=True)
    assert len(again(folder, cluster)) == TRIALS - len(kept)
    assert tables(folder) == tables(finished)


def test_read_only_folder(small_disk, finished, capsys, cluster):
    subprocess.run(["mount", "-o", "remount,size=10m", small_disk], check=True)
    folder = shutil.copytree(finished, small_disk / "sweep")
    trial_files(folder)[0].unlink()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    error = refused(capsys, folder, [*SWEEP, *cluster, "--out", str(folder)])
    assert f"--out: must be writable, got {folder}" in error
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert len(again(folder, cluster)) == 1
    assert tables(folder) == tables(finished)


def test_interrupt_keeps_what_is_finished(tmp_path, finished):
    """One of two workers stands still meanwhile, so that the sweep cannot end by itself."""
    folder = tmp_path / "sweep"
    with loopback(tmp_path) as (address, workers):
        cluster = ["--scheduler", address]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(len(workers))
        workers[0].send_signal(signal.SIGSTOP)
        process = start(*SWEEP, *cluster, "--out", folder)
        wait_for(lambda: len(trial_files(folder)) >= 1)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130 and time.monotonic() - started < 10
        assert "trials are finished and kept; the same command goes on from there" in err
        assert "Traceback" not in err
        kept = len(trial_files(folder))
        assert 1 <= kept < TRIALS
        workers[0].send_signal(signal.SIGCONT)
        assert len(again(folder, cluster)) == TRIALS - kept
    assert tables(folder) == tables(finished)


def test_interrupt_while_the_scheduler_is_away(monkeypatch):
    monkeypatch.setattr(dispatch, "AGAIN_S", 0.0)
    tries = []

    def connect():
        tries.append("in vain")
        raise ClusterError("no scheduler answers")

    def watch(threads):
        assert threads == 0
        if len(tries) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dispatch._reconnect(connect, watch)
    assert len(tries) == 3
