"""The sweep: exactly what is missing is computed, every point has its rows, mistakes are named.

All in this process but for the workers, which are those of one Dask cluster on loopback.
"""

import json
import shutil
import signal
import socket
import subprocess
import time
from itertools import product

import numpy as np
import pandas as pd
import pytest
from distributed import Client
from filelock import FileLock
from small_sweep import SWEEP, TABLES, TRIALS, loopback, start, tables, trial_files, wait_for

from analysis.budget import BUDGET_COLUMNS
from study import dispatch, figures, findings, run, sweep, verify
from study.trials import read_trial


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with loopback(tmp_path_factory.mktemp("loopback")) as (address, _):
        yield ["--scheduler", address]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, cluster):
    """A finished sweep, to be looked at only."""
    folder = tmp_path_factory.mktemp("finished") / "sweep"
    assert sweep.main([*SWEEP, *cluster, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def mine(finished, tmp_path):
    """A copy of the finished sweep, to be damaged."""
    return shutil.copytree(finished, tmp_path / "sweep")


def ages(folder):
    return {path.name: path.stat().st_mtime_ns for path in trial_files(folder)}


def again(folder, cluster, *arguments):
    """Run the sweep on a folder again; return the names of the trials that it computed."""
    before = ages(folder)
    assert sweep.main([*SWEEP, *cluster, "--out", str(folder), *arguments]) == 0
    return {name for name, age in ages(folder).items() if before.get(name) != age}


def refused(capsys, folder, arguments):
    """Run a command that must be refused; return its one line of stderr."""
    capsys.readouterr()
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as exit_:
        sweep.main(arguments)
    printed = capsys.readouterr()
    assert exit_.value.code == 2
    assert printed.out == "" and printed.err.count("\n") == 1
    assert sorted(folder.rglob("*")) == before
    return printed.err


def test_files(finished):
    expected = {*TABLES, "sweep.json", "trials", ".lock"}
    assert {path.name for path in finished.iterdir()} - {".lock"} == expected - {".lock"}
    assert len(trial_files(finished)) == len(list((finished / "trials").iterdir())) == TRIALS


def test_points_have_one_row_per_model(finished):
    points = pd.read_csv(finished / "points.csv")
    expected = list(product((0.1, 0.4), (0.6, 0.8), ("LIF", "CFM", "MFM")))
    assert list(zip(points.p, points.lam, points.model)) == expected
    assert (points.status == "ok").all() and (points.trials == 2).all()
    for name in ("rate_Hz", "rho", "spectral_distance", "median_frequency_Hz"):
        low, value, high = (points[f"{name}{end}"].dropna() for end in ("_low", "", "_high"))
        assert (low <= value + 1e-12).all() and (value <= high + 1e-12).all() and (low < high).any()


def test_csv_and_parquet_say_the_same(finished):
    for name in ("points", "trials"):
        parquet = pd.read_parquet(finished / f"{name}.parquet")
        csv = pd.read_csv(finished / f"{name}.csv")
        for column in parquet.columns:
            left, right = parquet[column], csv[column]
            if left.dtype.kind == "f":
                np.testing.assert_array_equal(left.to_numpy(float), right.to_numpy(float))


def test_spectra_are_averaged_over_trials(finished):
    spectra = pd.read_parquet(finished / "spectra.parquet")
    assert spectra.power.dtype == np.float32
    mine = spectra[(spectra.p == 0.1) & (spectra.lam == 0.8) & (spectra.model == "LIF")]
    files = [path for path in trial_files(finished) if path.name.startswith("p=0.1_lam=0.8_")]
    mean = np.mean([read_trial(path)[1] for path in files], axis=0)
    np.testing.assert_allclose(mine.power, mean[1], rtol=1e-6)
    np.testing.assert_allclose(mine.frequency_Hz, mean[0], rtol=1e-12)


def repeat(row, folder):
    """Run a trial of the sweep by itself."""
    point = f"--p 0.4 --lam 0.8 --seed {row.seed.iloc[0]} --no-figure --out".split()
    single = [flag for flag in SWEEP if flag not in ("--trials", "2")][4:]
    assert run.main([*single, *point, str(folder)]) == 0


def test_a_row_is_regenerated_by_study_run(finished, tmp_path):
    trials = pd.read_csv(finished / "trials.csv")
    row = trials[(trials.p == 0.4) & (trials.lam == 0.8) & (trials.trial == 1)]
    repeat(row, tmp_path / "run")
    found = pd.read_csv(tmp_path / "run" / "trials.csv").drop(columns="trial")
    expected = row.drop(columns=["trial", "message"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_examples_are_the_end_of_the_first_trial(finished, tmp_path):
    trials = pd.read_csv(finished / "trials.csv")
    repeat(trials[(trials.p == 0.4) & (trials.lam == 0.8)], tmp_path / "run")
    traces = np.load(tmp_path / "run" / "traces.npz")
    examples = pd.read_parquet(finished / "examples.parquet")
    assert len(examples) == 4 * 3 * 2000
    for model in ("LIF", "CFM", "MFM"):
        mine = examples[(examples.p == 0.4) & (examples.lam == 0.8) & (examples.model == model)]
        np.testing.assert_allclose(mine.t_ms, traces["t_ms"][4::5], rtol=1e-6)
        np.testing.assert_allclose(mine.V_mV, traces[f"V_mV_{model}"][4::5], rtol=1e-6)


def test_record(finished):
    record = json.loads((finished / "sweep.json").read_text())
    assert record["request"]["p"] == [0.1, 0.4] and record["request"]["trials"] == 2
    assert record["request"]["parameters"]["g_hat_exc"]["unit"] == "nS"
    assert record["trials"] == {**record["trials"], "finished": TRIALS, "failed": 0, "missing": 0}
    assert [session["computed"] for session in record["sessions"]] == [TRIALS]
    assert {"versions", "cpu", "git_commit", "code", "tables"} <= set(record)


def test_budget_over_the_plane(cluster, tmp_path, capsys):
    """A row per point and rung, means over trials; the figures draw them."""
    folder = tmp_path / "sweep"
    grid = "--p 0.1,0.4 --lam 0.8 --trials 2 --budget".split()
    assert sweep.main([*grid, *SWEEP[6:], *cluster, "--out", str(folder)]) == 0
    budget = pd.read_parquet(folder / "budget.parquet")
    assert list(budget.columns) == list(BUDGET_COLUMNS)
    assert (budget.trials == 2).all() and set(budget.p) == {0.1, 0.4}
    points = pd.read_parquet(folder / "points.parquet").set_index(["p", "model"])
    mine = budget[(budget.order == "forward")].set_index(["p", "model"])
    for place in product((0.1, 0.4), ("CFM", "MFM")):
        assert mine.rho[place] == pytest.approx(points.rho[place])
        assert mine.spectral_distance[place] == pytest.approx(
            points.spectral_distance_mean[place]
        )
    assert figures.main([str(folder)]) == 0
    names = {path.name for path in (folder / "figures").glob("budget_*.png")}
    assert names == {f"budget_{name}.png" for name in ("MFM", "CFM", "costliest", "upward")}
    capsys.readouterr()
    assert findings.main([str(folder)]) == 0
    assert "3rc against MFM where the network fires" in capsys.readouterr().out
    assert verify.main([str(folder), "--rows", "1"]) == 0


def test_a_finished_sweep_computes_nothing(mine, cluster, capsys):
    before = tables(mine)
    assert again(mine, ["--workers", "1"]) == set()
    assert tables(mine) == before
    assert capsys.readouterr().out.splitlines()[-1] == str(mine)


def test_what_is_missing_or_damaged_is_computed_and_nothing_else(mine, cluster, capsys):
    before = tables(mine)
    truncated, flipped, missing, *_ = trial_files(mine)
    truncated.write_bytes(truncated.read_bytes()[:1000])
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 4
    flipped.write_bytes(content)
    missing.unlink()
    computed = again(mine, cluster)
    assert computed == {truncated.name, flipped.name, missing.name}
    assert tables(mine) == before
    said = capsys.readouterr().err
    for path in (truncated, flipped):
        assert f"{path.name} is damaged: its content does not match its hash" in said


def test_tables_skip_damage_and_say_what_is_missing(mine, capsys):
    damaged = trial_files(mine)[0]
    damaged.write_bytes(b"")
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables"]) == 0
    points = pd.read_csv(mine / "points.csv")
    first = points[(points.p == 0.1) & (points.lam == 0.6)]
    assert list(first.status) == ["missing (1), ok (1)"] * 3 and list(first.trials) == [1] * 3
    assert first.rate_Hz_low.isna().all() and first.rate_Hz.notna().all()
    assert len(points) == 12 and len(pd.read_csv(mine / "trials.csv")) == 24
    assert damaged.read_bytes() == b""


def test_changed_parameters_are_computed_named_and_kept_apart(mine, cluster, capsys):
    before = ages(mine)
    first = tables(mine)
    other = ["--set", "g_hat_exc=0.41*nS"]
    computed = again(mine, cluster, *other)
    assert len(computed) == TRIALS and before.items() <= ages(mine).items()
    said = capsys.readouterr().err
    assert f"{TRIALS} of them are here with other parameters" in said
    assert "g_hat_exc = 0.4 nS there, 0.41 nS here" in said
    changed = tables(mine)
    assert changed["trials.csv"] != first["trials.csv"]
    assert again(mine, cluster) == set()  # back again: nothing was lost
    assert tables(mine) == first


def test_a_larger_grid_takes_over_what_it_shares(mine, cluster):
    grid = "--p 0.1,0.2,0.4 --lam 0.8 --trials 3".split()
    computed = again(mine, cluster, *grid)
    assert {name.rsplit("_", 1)[0] for name in computed} == {
        *(f"p=0.2_lam=0.8_trial={k}" for k in range(3)),
        *("p=0.1_lam=0.8_trial=2", "p=0.4_lam=0.8_trial=2"),
    }


def test_other_code_is_named_and_force_computes_again(mine, cluster, capsys, monkeypatch):
    monkeypatch.setattr("study.survey.code_version", lambda: "abc")
    assert again(mine, cluster) == set()
    assert f"{TRIALS} finished ones were made by other code" in capsys.readouterr().out
    monkeypatch.undo()
    before = tables(mine)
    assert len(again(mine, cluster, "--force")) == TRIALS
    assert tables(mine) == before


def test_status_and_dry_run_do_nothing(mine, capsys):
    gone = trial_files(mine)[0]
    gone.unlink()
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("*")}
    assert sweep.main([*SWEEP, "--out", str(mine), "--status"]) == 0
    status = capsys.readouterr().out
    assert "7 of 8 trials are finished, 1 are to be done" in status
    assert "3 of 4 points are complete" in status and "p=0.1 lam=0.6: 1 done, 1 missing" in status
    assert sweep.main([*SWEEP, "--out", str(mine), "--dry-run"]) == 0
    listed = capsys.readouterr().out.splitlines()[1:]
    assert len(listed) == 1 and listed[0].startswith("p=0.1_lam=0.6_trial=0 seed=")
    assert {path: path.stat().st_mtime_ns for path in mine.rglob("*")} == before


def test_a_recorded_sweep_goes_on_without_its_flags(mine, cluster, capsys):
    trial_files(mine)[0].unlink()
    assert sweep.main(["--out", str(mine), "--quiet", *cluster]) == 0
    assert len(trial_files(mine)) == TRIALS
    error = refused(capsys, mine, ["--out", str(mine), "--trials", "3"])
    assert "--trials: needs the grid, too: --grid, or --p and --lam" in error


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
    assert "p=0.4 lam=0.8: 1 done, 1 failed" in status
    assert dispatch.run_job is real
    assert len(again(folder, cluster)) == 1
    assert len(list((folder / "trials").iterdir())) == TRIALS  # and no failure any more


def _failing_for_one(original):
    """Turn the result of one job into an error, every time."""

    def generator(client, open_jobs, watch):
        for key, result, message in original(client, open_jobs, watch):
            job = open_jobs[key]
            if job["parameters"]["lam"] == 0.8 and job["parameters"]["p"] == 0.4 and job["trial"]:
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


def test_verify(mine, capsys):
    assert verify.main([str(mine), "--rows", "2"]) == 0
    said = capsys.readouterr().out
    assert said.count("computed again, is the same") == 2
    trial_files(mine)[3].write_bytes(b"damage")
    (mine / "points.csv").write_text((mine / "points.csv").read_text().replace("ok", "OK"))
    assert verify.main([str(mine), "--rows", "0"]) == 1
    printed = capsys.readouterr()
    assert "points.csv does not match its hash in sweep.json" in printed.err
    assert f"{trial_files(mine)[3].name} is damaged" in printed.err


def test_verify_finds_a_row_that_does_not_regenerate(mine, capsys):
    table = pd.read_parquet(mine / "trials.parquet")
    table.loc[0, "rate_Hz"] += 1e-9
    table.to_parquet(mine / "trials.parquet", index=False)
    assert verify.main([str(mine), "--rows", "8"]) == 1
    assert "p=0.1_lam=0.6_trial=0 differs in rate_Hz" in capsys.readouterr().err


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
        (["--set", "g_hat_exc=1*mV"], "--set g_hat_exc: "),
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
    monkeypatch.setattr("study.cluster.CONNECT_S", 2.0)
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


def _mounted(folder, options):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True
    )
    return done.returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 100 kB, which is full after a few trials."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mounted(folder, "size=100k"):
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
