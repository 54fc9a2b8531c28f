"""A sweep started again: exactly what is missing is computed, and what is there is checked."""

import pandas as pd
from small_sweep import SWEEP, TRIALS, again, ages, refused, tables, trial_files

from study import sweep, verify


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
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables", "--force"]) == 0
    points = pd.read_csv(mine / "points.csv")
    first = points[(points.p == 0.1) & (points.lam == 0.6)]
    assert list(first.status) == ["missing (1), ok (1)"] * 3 and list(first.trials) == [1] * 3
    assert first.mean_mV_low.isna().all() and first.mean_mV.notna().all()
    assert len(points) == 12 and len(pd.read_csv(mine / "trials.csv")) == 24
    assert damaged.read_bytes() == b""


def test_changed_parameters_are_computed_named_and_kept_apart(mine, cluster, capsys):
    before = ages(mine)
    first = tables(mine)
    other = [text.replace("g_hat_exc=0.4*nS", "g_hat_exc=0.41*nS") for text in SWEEP]
    computed = again(mine, cluster, sweep=other)
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
    monkeypatch.setattr("study.store.state.code_version", lambda: "abc")
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
    assert "3 of 4 points are complete" in status
    assert "  1 trial missing: p=0.1 lam=0.6\n" in status
    assert sweep.main([*SWEEP, "--out", str(mine), "--dry-run"]) == 0
    listed = capsys.readouterr().out.splitlines()[1:]
    assert len(listed) == 1 and listed[0].startswith("p=0.1_lam=0.6_trial=0 seed=")
    assert {path: path.stat().st_mtime_ns for path in mine.rglob("*")} == before


def test_status_is_short_however_large_the_grid(tmp_path, capsys):
    large = "--p 0:1:0.05 --lam 0.6:1:0.1 --trials 10 --out".split()
    assert sweep.main([*large, str(tmp_path / "new"), "--status"]) == 0
    status = capsys.readouterr().out.splitlines()
    assert status[1:] == [
        "0 of 105 points are complete",
        "  1050 trials missing: p=0.0 lam=0.6, p=0.0 lam=0.7, p=0.0 lam=0.8 and 102 more points",
    ]


def test_a_recorded_sweep_goes_on_without_its_flags(mine, cluster, capsys):
    trial_files(mine)[0].unlink()
    assert sweep.main(["--out", str(mine), "--quiet", *cluster]) == 0
    assert len(trial_files(mine)) == TRIALS
    for trials in ("3", "10"):  # the default, too, is something that was asked for
        error = refused(capsys, mine, ["--out", str(mine), "--trials", trials])
        assert "--trials: needs the grid, too: --grid, or --p and --lam" in error


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
    assert verify.main([str(mine), "--rows", "8"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count("computed again, is the same") == TRIALS
    assert f"{trial_files(mine)[3].name} is damaged" in printed.err
    (mine / "trials.parquet").write_bytes(b"damage")
    assert verify.main([str(mine)]) == 1
    assert "trials.parquet cannot be read, so no trial" in capsys.readouterr().err


def test_verify_finds_a_row_that_does_not_regenerate(mine, capsys):
    table = pd.read_parquet(mine / "trials.parquet")
    table.loc[0, "rate_Hz"] += 1e-9
    table.loc[table.trial == 1, "mean_mV"] *= 1 + 1e-12
    table.to_parquet(mine / "trials.parquet", index=False)
    assert verify.main([str(mine), "--rows", "8"]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 3  # the hash, the file of the trial, the row made again
    assert "p=0.1_lam=0.6_trial=0 differs in rate_Hz" in printed.err
    assert printed.out.count("is the same to rounding") == TRIALS // 2
    assert printed.out.count("is the same\n") == TRIALS // 2 - 1
