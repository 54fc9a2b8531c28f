"""What must not change unseen: seeds, hashes, names of trials, columns, numbers of a seed.

Studies that are on somebody's disk depend on it. A change is a decision, with a line in CHANGELOG.
"""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from brian2 import second
from small_networks import POINTS, THOUSAND
from small_sweep import SIMULATION

from models.engine import cache
from models.parameters import TABLE_1
from study import run
from study.store.trial_files import trial_path
from study.trial.request import Request
from study.trial.trial import run_trial

ROOT = Path(__file__).resolve().parents[2]
STUDIES = {  # trials, sha256 of their sorted hashes, the first one's file
    "paper": (
        1050,
        "2e59018bed8c176a50a52050af8c8f226eba8f370040e64fc017c07199643a85",
        "p=1.0_lam=1.0_trial=0_5a57cd13c8546c87.trial",
    ),
    "budget": (
        315,
        "16104a426ce04d404f26fd9163b9d4d845eb450166966aae51bda58cab171da7",
        "p=1.0_lam=1.0_trial=0_b62f0a5d0bb56e8e.trial",
    ),
}


@pytest.mark.parametrize("study", STUDIES)
def test_seeds_hashes_and_names_of_the_shipped_studies(study):
    folder, (number, digest, name) = ROOT / "results" / study, STUDIES[study]
    jobs = Request.from_record(json.loads((folder / "sweep.json").read_text())["request"]).jobs()
    assert len(jobs) == number
    hashes = "\n".join(sorted(job.digest() for job in jobs))
    assert hashlib.sha256(hashes.encode()).hexdigest() == digest
    assert trial_path(Path(), jobs[0]).name == name
    wanted = {(*job.point, job.trial): job.seed for job in jobs}
    trials = pd.read_parquet(folder / "trials.parquet")
    there = trials.set_index(["p", "lam", "trial"]).seed.to_dict()
    assert there == wanted


def test_tables_of_a_sweep_have_the_columns_of_the_shipped_ones(finished):
    for name in ("points.csv", "trials.csv"):
        headers = [
            (folder / name).read_text().partition("\n")[0]
            for folder in (finished, ROOT / "results" / "paper")
        ]
        assert headers[0] == headers[1], name


def test_keys_of_the_records(finished, tmp_path):
    """What run.json and sweep.json hold, in its order."""
    sweep = json.loads((finished / "sweep.json").read_text())
    request = ("p", "lam", "trials", "seed", "backend", "mass_integrator", "models", "budget")
    assert tuple(sweep["request"]) == (*request, "parameters")
    assert {"request", "code", "sessions", "tables", "trials", "tables_seconds"} < set(sweep)
    assert len(sweep["request"]["parameters"]) == 25
    folder = tmp_path / "run"
    assert run.main(["--p", "0.1", "--lam", "0.8", *SIMULATION, "--out", str(folder)]) == 0
    record = json.loads((folder / "run.json").read_text())
    decided = ("backend", "mass_integrator", "models", "budget")
    assert tuple(record["request"]) == ("parameters", "seed", "trials", *decided)
    assert tuple(record["request"]["parameters"]) == tuple(TABLE_1.si())
    assert tuple(record["request"]["parameters"]["g_hat_exc"]) == ("value", "unit", "si")
    assert tuple(record) == (
        *("request", "trial_seeds", "finished", "seconds", "simulation", "peak_memory_MB"),
        *("measures", "versions", "compiler", "cpu", "platform", "git_commit", "git_dirty"),
        "files",
    )


def test_the_key_of_a_program(monkeypatch):
    """Of the same source, compiler and processor: programs that are there are found again."""
    monkeypatch.setattr(cache, "identity", lambda: "a compiler, a processor")
    sources = {"main.cpp": "int main() {}\n", "makefile": "all: main.o\n"}
    assert cache._key(sources) == "e1946ccf32b4f0ef92cc197847751c9c"


@pytest.mark.parametrize("point", POINTS)
def test_numbers_of_a_seed(point):
    """One trial of each regime, 1,000 neurons, to the rounding that processors may differ by."""
    with open(ROOT / "tests/study/golden/regimes.csv", newline="") as file:
        expected = [row for row in csv.DictReader(file) if row["point"] == point]
    params = replace(THOUSAND, **POINTS[point], duration=1.5 * second, transient=0.5 * second)
    rows = run_trial(params, 3, backend="dense").rows
    assert [row["model"] for row in rows] == [row["model"] for row in expected]
    for row, golden in zip(rows, expected):
        assert row["status"] == golden["status"]
        for name, value in golden.items():
            if name not in ("point", "model", "status"):
                number = float(value) if value else float("nan")
                found = row.get(name, float("nan"))
                assert found == pytest.approx(number, rel=1e-8, abs=1e-12, nan_ok=True), name
