"""What a sweep leaves: a row for every point, and trials that can be made again alone."""

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest
from small_sweep import SWEEP, TABLES, TRIALS, trial_files

from analysis.budget import BUDGET_COLUMNS
from study import figures, findings, run, sweep, verify
from study.store.trial_files import read_trial


def test_files(finished):
    found = {path.name for path in finished.iterdir()} - {".lock"}  # removed by some systems
    assert found == {*TABLES, "sweep.json", "trials"}
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
    rates = pd.read_parquet(finished / "rates.parquet")
    assert list(rates) == ["p", "lam", "population", "t_ms", "rate_Hz"]
    for population, neurons in (("exc", 160), ("inh", 40)):
        here = (rates.p == 0.4) & (rates.lam == 0.8) & (rates.population == population)
        spikes = traces[f"count_{population}"].reshape(-1, 5).sum(axis=1)
        np.testing.assert_allclose(rates[here].rate_Hz, spikes / neurons / 0.0005, rtol=1e-6)
        np.testing.assert_array_equal(rates[here].t_ms, mine.t_ms)
    assert rates.rate_Hz.max() > 0


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
        assert mine.rho[place] == pytest.approx(points.rho_mean[place])
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
