"""A sweep that takes seconds, and a Dask cluster of separate processes on this machine."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import study.sweep

SIMULATION = (
    "--n 200 --duration 1 --transient 0.2 --set M=200 --set g_hat_exc=0.4*nS "
    "--set g_hat_inh=0.9*nS --set g_hat_ext=5*nS --backend dense --quiet"
).split()
SWEEP = [*"--p 0.1,0.4 --lam 0.6,0.8 --trials 2".split(), *SIMULATION]
TRIALS = 8
TABLES = (
    *("points.csv", "points.parquet", "trials.csv", "trials.parquet"),
    *("spectra.parquet", "examples.parquet", "rates.parquet"),
)
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests/support'}"}


def start(*arguments, environment=None):
    """Start python -m study.sweep in a process group of its own; return it."""
    command = [sys.executable, "-m", "study.sweep", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**ENVIRONMENT, **(environment or {})}
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **pipes)


def sweep(*arguments, status=0, environment=None):
    """Run python -m study.sweep to its end; return what it printed."""
    process = start(*arguments, environment=environment)
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, (process.returncode, out, err)
    return out, err


def tables(folder):
    """Return the tables of a sweep, byte by byte."""
    return {name: (Path(folder) / name).read_bytes() for name in TABLES}


def trial_files(folder):
    """Return the files of the finished trials."""
    return sorted((Path(folder) / "trials").glob("*.trial"))


def ages(folder):
    """Return when each trial was written."""
    return {path.name: path.stat().st_mtime_ns for path in trial_files(folder)}


def again(folder, cluster, *arguments, sweep=SWEEP):
    """Run the sweep on a folder again; return the names of the trials that it computed."""
    before = ages(folder)
    assert study.sweep.main([*sweep, *cluster, "--out", str(folder), *arguments]) == 0
    return {name for name, age in ages(folder).items() if before.get(name) != age}


def refused(capsys, folder, arguments):
    """Run a command that must be refused; return its one line of stderr."""
    capsys.readouterr()
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as exit_:
        study.sweep.main(arguments)
    printed = capsys.readouterr()
    assert exit_.value.code == 2
    assert printed.out == "" and printed.err.count("\n") == 1
    assert sorted(folder.rglob("*")) == before
    return printed.err


def wait_for(condition, seconds=150):
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _dask(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def start_scheduler(folder, port=0):
    """Start a Dask scheduler on loopback; return the process and its address."""
    told = Path(folder) / f"scheduler_{time.monotonic_ns()}.json"
    process = _dask(
        *("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"),
        *("--scheduler-file", told),
    )
    wait_for(lambda: told.exists() and told.read_text().endswith("}"))
    return process, json.loads(told.read_text())["address"]


def start_worker(address, folder):
    """Start a Dask worker, one process with one thread."""
    options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", folder)
    return _dask("worker", address, *options)


@contextmanager
def loopback(folder, workers=2):
    """Run a Dask scheduler and workers on loopback; yield the address and the workers."""
    scheduler, address = start_scheduler(folder)
    processes = [start_worker(address, folder) for _ in range(workers)]
    try:
        yield address, processes
    finally:
        for process in (*processes, scheduler):
            process.kill()
            process.wait()
