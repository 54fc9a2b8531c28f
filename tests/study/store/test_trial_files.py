"""Jobs and the files of finished trials: the same name for the same thing, no damage unseen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.parameters import TABLE_1
from study.command.axes import values_from
from study.command.flags import GRIDS
from study.store import folders
from study.store.trial_files import (
    DamagedError,
    read_failure,
    read_job,
    read_trial,
    trial_path,
    write_failure,
    write_trial,
)
from study.trial.request import Request
from study.trial.seeds import distinct_seeds, point_seeds, trial_seeds

REQUEST = Request(
    axes={"p": [0.0, 0.5], "lam": [0.6, 1.0]},
    parameters={n: v for n, v in TABLE_1.si().items() if n not in ("p", "lam")},
    trials=3,
    seed=1,
    backend="dense",
    mass_integrator="euler",
    models=[],
    budget=False,
)
RESULT = {
    "record": {
        "rows": [{"model": "LIF", "rate_Hz": 0.1 + 0.2}],
        "budget": [],
        "models": ["LIF"],
        "shown": ["LIF"],
        "correlated": ["MFM"],
        "code": "c",
        "seconds": {"simulate": 1.5},
    },
    "spectra": np.random.default_rng(1).exponential(1, (2, 50)),
    "potentials": np.random.default_rng(2).normal(-60, 1, (2, 20)).astype(np.float32),
    "correlations": np.random.default_rng(3).uniform(-1, 1, (2, 7)),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trials").mkdir()
    return tmp_path


@pytest.fixture
def job():
    return REQUEST.jobs()[0]


def test_jobs_are_every_trial_once_the_longest_first():
    jobs = REQUEST.jobs()
    assert len(jobs) == len({job.digest() for job in jobs}) == 12
    assert [job.parameters["p"] for job in jobs[:6]] == [0.5] * 6
    assert jobs[0].parameters["lam"] == 1.0
    assert [job.cost() for job in jobs] == sorted((job.cost() for job in jobs), reverse=True)


def test_a_job_does_not_depend_on_the_grid_it_is_part_of():
    small = replace(REQUEST, axes={"p": [0.5], "lam": [0.6]}, trials=2).jobs()
    hashes = {job.digest() for job in REQUEST.jobs()}
    assert {job.digest() for job in small} < hashes


def test_seeds_differ_between_trials_points_and_roots():
    seeds = [
        seed
        for root in range(3)
        for p in (0.0, 0.05, 0.1)
        for lam in (0.0, 0.05, 0.1)
        for seed in point_seeds(root, p, lam, 20)
    ]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert point_seeds(1, 0.1, 0.8, 1) == [921519247]  # what is published stays regenerable


@pytest.mark.parametrize("study", ["paper", "budget"])
def test_the_seeds_of_the_shipped_studies(study):
    results = Path(__file__).resolve().parents[3] / "results"
    table = pd.read_csv(results / study / "trials.csv")
    of_points = table[table.model == "LIF"].sort_values("trial").groupby(["p", "lam"]).seed
    assert len(of_points) == 105
    for (p, lam), seeds in of_points:
        assert point_seeds(1, p, lam, len(seeds)) == list(seeds)


def test_a_seed_that_is_taken_is_drawn_again():
    """The entropies (1, 36995) and (1, 87042) give the same first word."""
    first, second = (np.random.SeedSequence((1, k)).generate_state(2) for k in (36995, 87042))
    assert first[0] == second[0]
    assert distinct_seeds([(1, 36995), (1, 87042)]) == [first[0], second[1]]
    assert distinct_seeds([(1, 87042), (1, 36995)]) == [second[0], first[1]]
    assert distinct_seeds([(1, 36995)], taken={int(first[0])}) == [first[1]]


def test_seeds_of_a_point_do_not_depend_on_how_many_there_are():
    seeds = trial_seeds(1, 100_000)  # as many as this share some seeds at the first draw
    assert len(set(seeds)) == 100_000
    assert trial_seeds(1, 1000) == seeds[:1000]
    assert point_seeds(5, 0.5, 0.5, 3) == point_seeds(5, 0.5, 0.5, 30)[:3]


def test_points_may_share_a_seed():
    """Root 16 on the fine grid with 100 trials: two points share one, and all trials stand."""
    p, lam = (values_from(f, text) for f, text in zip(("--p", "--lam"), GRIDS["fine"]))
    assert 0.6 in p and 0.275 in p and {0.5, 0.85} < set(lam)
    axes = {"p": [0.275, 0.6], "lam": [0.5, 0.85]}
    jobs = replace(REQUEST, axes=axes, trials=100, seed=16).jobs()
    assert len({job.seed for job in jobs}) < len(jobs) == 400
    assert len({job.digest() for job in jobs}) == len({trial_path(Path(), j) for j in jobs}) == 400


@pytest.mark.parametrize("name", ["seed", "backend", "precision", "mass_integrator", "measures"])
def test_the_hash_covers_everything_that_decides(job, name):
    assert replace(job, **{name: "other"}).digest() != job.digest()
    assert replace(job, trial=9).digest() == replace(job, axes=("p",)).digest() == job.digest()
    assert replace(job, threads=2).digest() == job.digest()


def test_the_hash_covers_the_parameters_and_a_delay_where_there_is_one(job):
    def with_(**changes):
        return replace(job, parameters={**job.parameters, **changes}).digest()

    assert with_(delay=1e-3) != with_(delay=0.0) == job.digest() != with_(M=17)


def test_a_trial_comes_back_as_it_was(folder, job):
    write_trial(folder, job, RESULT)
    record, spectra, potentials, correlations = read_trial(trial_path(folder, job))
    assert record["job"] == job and record["job_hash"] == job.digest()
    assert record["rows"] == RESULT["record"]["rows"]
    assert np.array_equal(spectra, RESULT["spectra"]) and spectra.dtype == np.float64
    assert np.array_equal(potentials, RESULT["potentials"]) and potentials.dtype == np.float32
    assert np.array_equal(correlations, RESULT["correlations"])
    assert [path.suffix for path in (folder / "trials").iterdir()] == [".trial"]


def test_a_file_of_before_correlation_functions_is_read(folder, job):
    record = {name: value for name, value in RESULT["record"].items() if name != "correlated"}
    older = {name: value for name, value in RESULT.items() if name != "correlations"}
    write_trial(folder, job, {**older, "record": record})
    record, *_, correlations = read_trial(trial_path(folder, job))
    assert record["correlated"] == [] and correlations.size == 0


def test_what_an_older_version_repeated_in_every_row_is_left_out(folder, job):
    """Up to format 1, the network's rates and Spike-contrast stood in each model's row."""
    rows = [{"model": m, "rate_Hz": 2.5, "spike_contrast": 0.4, "rho": 0.5} for m in ("LIF", "MFM")]
    own = [rows[0], {"model": "MFM", "rho": 0.5}]
    for record, expected in (({}, own), ({"format": 1}, own), ({"format": 2}, rows)):
        write_trial(folder, job, {**RESULT, "record": {**RESULT["record"], "rows": rows, **record}})
        assert read_trial(trial_path(folder, job))[0]["rows"] == expected


def test_the_same_trial_is_the_same_bytes(folder, job):
    write_trial(folder, job, RESULT)
    first = trial_path(folder, job).read_bytes()
    write_trial(folder, job, RESULT)
    assert trial_path(folder, job).read_bytes() == first


def test_every_flipped_bit_and_every_truncation_is_seen(folder, job):
    write_trial(folder, job, RESULT)
    path = trial_path(folder, job)
    whole = path.read_bytes()
    for k in range(len(whole)):
        flipped = bytearray(whole)
        flipped[k] ^= 1 << (k % 8)
        path.write_bytes(flipped)
        with pytest.raises(DamagedError, match="does not match its hash"):
            read_trial(path)
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedError, match="does not match its hash"):
            read_trial(path)


def test_a_job_can_be_read_or_is_none(folder, job):
    write_trial(folder, job, RESULT)
    assert read_job(trial_path(folder, job)) == job
    (folder / "x").write_text("nothing")
    assert read_job(folder / "x") is None and read_job(folder / "y") is None


def test_a_failure_is_kept_and_forgotten_after_success(folder, job):
    assert read_failure(folder, job) is None
    write_failure(folder, job, "no luck")
    assert read_failure(folder, job) == "no luck"
    write_trial(folder, job, RESULT)
    assert read_failure(folder, job) is None


def test_a_write_that_dies_leaves_what_was_there(folder, job, monkeypatch):
    write_trial(folder, job, RESULT)
    before = trial_path(folder, job).read_bytes()

    def dies(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.os, "fsync", dies)
    with pytest.raises(OSError, match="No space left"):
        write_trial(folder, job, {**RESULT, "spectra": np.zeros((2, 50))})
    assert trial_path(folder, job).read_bytes() == before
    assert len(list((folder / "trials").iterdir())) == 1


def test_nan_never_reaches_a_file(folder, job):
    """JSON has no NaN: one that comes this far is refused, and nothing is written."""
    record = {**RESULT["record"], "rows": [{"rate_Hz": float("nan")}]}
    with pytest.raises(ValueError, match="JSON"):
        write_trial(folder, job, {**RESULT, "record": record})
    assert not trial_path(folder, job).exists()
