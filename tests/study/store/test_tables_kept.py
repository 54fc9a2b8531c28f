"""Tables that are there are replaced by no less, and what is said of them stays true."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from small_sweep import SIMULATION, SWEEP, TRIALS, refused, tables, trial_files

from study import sweep, verify
from study.store.trial_files import FOLDER

SHIPPED = Path(__file__).resolve().parents[3] / "results"
ONE_POINT = [*"--p 0.1 --lam 0.6 --trials 2".split(), *SIMULATION]


def without_trials(folder):
    """Remove the trials, as a study is shipped."""
    shutil.rmtree(folder / FOLDER)
    return tables(folder)


def recorded(folder):
    return json.loads((folder / "sweep.json").read_text())


@pytest.mark.parametrize("flags", [SWEEP, ONE_POINT, []])
def test_tables_without_trials_are_refused(mine, capsys, flags):
    before, record = without_trials(mine), (mine / "sweep.json").read_bytes()
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_:
        sweep.main([*flags, "--out", str(mine), "--tables"])
    printed = capsys.readouterr()
    assert exit_.value.code == 2 and printed.out == "" and printed.err.count("\n") == 1
    assert f"--tables: the tables there are of {TRIALS} finished trials" in printed.err
    assert "new ones would be of 0; --force replaces them" in printed.err
    assert tables(mine) == before and (mine / "sweep.json").read_bytes() == record
    assert verify.main([str(mine), "--rows", "1"]) == 0


def test_they_can_be_forced(mine):
    before = without_trials(mine)
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables", "--force"]) == 0
    assert tables(mine) != before and recorded(mine)["trials"]["finished"] == 0


@pytest.mark.parametrize("name", ["paper", "budget"])
def test_a_shipped_study_is_refused_in_one_line(tmp_path, capsys, name):
    folder = shutil.copytree(SHIPPED / name, tmp_path / name)
    before = {path.name: path.read_bytes() for path in folder.glob("*.*")}
    with pytest.raises(SystemExit):
        sweep.main(["--out", str(folder), "--tables"])
    assert "--force replaces them" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.glob("[!.]*.*")} == before


def test_a_smaller_sweep_keeps_its_trials_and_the_old_tables(mine, cluster, capsys):
    """What is said of the old tables stays with them, until there are others."""
    before = without_trials(mine)
    assert sweep.main([*ONE_POINT, *cluster, "--out", str(mine)]) == 1
    assert f"of {TRIALS} finished trials, new ones would be of 2" in capsys.readouterr().err
    assert tables(mine) == before and len(trial_files(mine)) == 2
    record = recorded(mine)
    assert record["request"]["p"] == [0.1] and record["tables_of"]["p"] == [0.1, 0.4]
    assert record["trials"]["finished"] == TRIALS
    assert verify.main([str(mine), "--rows", "1"]) == 0
    assert f"2 of {TRIALS} finished trials in trials.parquet" in capsys.readouterr().out
    assert sweep.main([*SWEEP, *cluster, "--out", str(mine)]) == 0
    assert tables(mine) == before and "tables_of" not in recorded(mine)


def test_as_many_others_do_not_replace_what_cannot_be_made_again(mine, cluster, capsys):
    """With their files they may: then going back to the first request gives the first tables."""
    other = [*SWEEP, *cluster, "--out", str(mine), "--set", "tau_ref=4*ms"]
    before = without_trials(mine)
    assert sweep.main(other) == 1
    lost = f"the tables there have {TRIALS} finished trials that new ones would not have"
    assert lost in capsys.readouterr().err and tables(mine) == before
    assert lost in refused(capsys, mine, [*other[: -len(cluster) - 4], *other[-4:], "--tables"])
    assert sweep.main([*SWEEP, *cluster, "--out", str(mine)]) == 0
    assert sweep.main(other) == 0
    assert tables(mine)["trials.csv"] != before["trials.csv"]


def test_unreadable_tables_count_as_what_was_recorded_of_them(mine, capsys):
    without_trials(mine)
    for suffix in ("csv", "parquet"):
        (mine / f"trials.{suffix}").write_bytes(b"damage")
    error = refused(capsys, mine, [*SWEEP, "--out", str(mine), "--tables"])
    assert f"the tables there are of {TRIALS} finished trials" in error


@pytest.mark.parametrize("flags", [SWEEP, ONE_POINT])
def test_an_interrupted_start_leaves_the_hashes(mine, monkeypatch, capsys, flags):
    without_trials(mine)
    before = recorded(mine)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "_compute", interrupted)
    assert sweep.main([*flags, "--workers", "1", "--out", str(mine)]) == 130
    for name in ("tables", "trials", "tables_seconds"):
        assert recorded(mine)[name] == before[name]
    assert recorded(mine).get("tables_of", before["request"]) == before["request"]
    capsys.readouterr()
    assert verify.main([str(mine), "--rows", "1"]) == 0


def test_a_budget_goes_with_the_tables_that_it_belongs_to(mine):
    for name in ("budget.csv", "budget.parquet"):
        (mine / name).write_bytes(b"of a sweep that was here before")
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables"]) == 0
    assert not list(mine.glob("budget*"))


def test_verify_fails_where_it_can_check_nothing(mine, capsys):
    without_trials(mine)
    assert sweep.main([*SWEEP, "--out", str(mine), "--tables", "--force"]) == 0
    assert verify.main([str(mine), "--rows", "0"]) == 0
    assert verify.main([str(mine), "--rows", "1"]) == 1
    assert "no finished trial of the request is in trials.parquet" in capsys.readouterr().err
    (mine / "sweep.json").write_text(json.dumps(recorded(mine) | {"tables": {}}))
    assert verify.main([str(mine), "--rows", "0"]) == 1
    assert "sweep.json names no table, so none is checked" in capsys.readouterr().err


def test_verify_compares_the_tables_with_the_trials(mine, capsys):
    """Also where the changed table has its hash in sweep.json."""

    table = pd.read_parquet(mine / "trials.parquet")
    table.loc[4, "rho"] += 1e-6
    table.to_parquet(mine / "trials.parquet", index=False)
    digest = hashlib.sha256((mine / "trials.parquet").read_bytes()).hexdigest()
    record = recorded(mine)
    record["tables"]["trials.parquet"] = digest
    (mine / "sweep.json").write_text(json.dumps(record))
    assert verify.main([str(mine), "--rows", "0"]) == 1
    printed = capsys.readouterr()
    assert "p=0.1_lam=0.6_trial=1: its file and trials.parquet differ in rho" in printed.err
    assert f"{TRIALS} of {TRIALS} finished trials" in printed.out


def test_the_default_folder_is_never_a_shipped_one(monkeypatch, tmp_path, capsys):
    shipped = {path.name for path in SHIPPED.iterdir()}
    monkeypatch.chdir(tmp_path)
    seen = []
    monkeypatch.setattr(sweep, "check_folder", lambda folder, *_: seen.append(folder))
    for grid in (["--grid", "paper"], ["--grid", "fine"], ["--grid", "paper", "--budget"]):
        assert sweep.main([*grid, "--dry-run"]) == 0
    assert [folder.name for folder in seen] == ["sweep_paper", "sweep_fine", "sweep_paper_budget"]
    assert not shipped & {folder.name for folder in seen}
