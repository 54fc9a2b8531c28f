"""The command line: its contract, its errors, its files."""

import json
import os
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from models.engine import cache
from study import figures, run
from study.command.folder_name import run_name
from study.run import main
from study.store import keep_run
from study.store.folders import check_destination, check_writable
from study.store.hashes import changed_files
from study.store.replace_folder import atomic_folder
from study.trial import run_job
from study.trial.seeds import trial_seeds

UNWEIGHTED = "--p 0.4 --lam 0.8 --n 500 --duration 1.2 --transient 0.2 --set M=500 --quiet".split()
SMALL_WEIGHTS = "--set g_hat_exc=0.16*nS --set g_hat_inh=0.36*nS --set g_hat_ext=2.1*nS".split()
SMALL = [*UNWEIGHTED, *SMALL_WEIGHTS]
FILES = {"summary.csv", "trials.csv", "spectra.parquet", "traces.npz", "run.json", "figure.png"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run with two trials."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    assert main([*SMALL, "--trials", "2", "--out", str(folder)]) == 0
    return folder


def no_simulation(*arguments, **options):
    raise AssertionError("simulated although it should not")


def refused(capsys, tmp_path, monkeypatch, arguments):
    """Run a command that must be refused; return its one line of stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_job, "run_trial", no_simulation)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    printed = capsys.readouterr()
    assert exit_.value.code == 2
    assert printed.out == "" and printed.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    return printed.err


BASE = ["--p", "0.1", "--lam", "0.8"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--p", "1.3", "--lam", "0.8"], "--p: p must lie in [0, 1], got 1.3"),
        (["--p", "-0.1", "--lam", "0.8"], "--p: p must lie in [0, 1], got -0.1"),
        (["--p", "nan", "--lam", "0.8"], "--p: p must lie in [0, 1], got nan"),
        (["--p", "0.1", "--lam", "2"], "--lam: lam must lie in [0, 1], got 2"),
        (["--p", "0.1", "--lam", "nan"], "--lam: lam must lie in [0, 1], got nan"),
        (["--p", "much", "--lam", "0.8"], "--p: must be a number, got much"),
        (["--p", "0.1"], "the following arguments are required: --lam"),
        ([*BASE, "--n", "1"], "--n: must be an integer >= 2, got 1"),
        ([*BASE, "--n", "2.5"], "--n: must be an integer >= 2, got 2.5"),
        ([*BASE, "--n", "many"], "--n: must be an integer >= 2, got many"),
        ([*BASE, "--duration", "3"], "--duration: duration must exceed transient = 3. s by 500"),
        ([*BASE, "--duration", "2"], "--duration: duration must exceed transient = 3. s by 500"),
        ([*BASE, "--duration", "3.4"], "--duration: duration must exceed transient = 3. s by 500"),
        ([*BASE, "--duration", "inf"], "--duration: duration must be finite, got inf"),
        ([*BASE, "--transient", "-1"], "--transient: transient must not be negative, got -1. s"),
        ([*BASE, "--set", "dt=0*ms"], "--set dt: dt must be positive, got 0. s"),
        ([*BASE, "--set", "dt=-0.1*ms"], "--set dt: dt must be positive, got -100. us"),
        ([*BASE, "--set", "dt=2*ms"], "--set dt: dt must not exceed 1 ms, for spectra up to 500"),
        ([*BASE, "--set", "g_hat=1*nS"], "--set: NAME must be one of M, p_ext, nu_ext"),
        ([*BASE, "--set", "g_hat_exc=1*mV"], "--set g_hat_exc: g_hat_exc must have the dimen"),
        ([*BASE, "--set", "g_hat_exc=1"], "--set g_hat_exc: g_hat_exc must have the dimensions"),
        ([*BASE, "--set", "g_hat_exc=1 nS"], "--set g_hat_exc: must be a number with a unit"),
        ([*BASE, "--set", "M=10*mV"], "--set M: M must be an integer >= 1, got 10. mV"),
        ([*BASE, "--set", "p_ext=2"], "--set p_ext: p_ext must lie in [0, 1], got 2"),
        ([*BASE, "--set", "N_exc=5"], "--set: N_exc is derived and cannot be set, got N_exc=5"),
        ([*BASE, "--set", "p=0.5"], "--set: p has a flag of its own, --p, got p=0.5"),
        ([*BASE, "--set", "tau_mem"], "--set: must be NAME=VALUE, got tau_mem"),
        ([*BASE, "--trials", "0"], "--trials: must be an integer >= 1, got 0"),
        ([*BASE, "--trials", "1.5"], "--trials: must be an integer >= 1, got 1.5"),
        ([*BASE, "--seed", "-1"], "--seed: must be an integer in [0, 4294967295], got -1"),
        ([*BASE, "--seed", "4294967296"], "--seed: must be an integer in [0, 4294967295], got 42"),
        ([*BASE, "--backend", "nest"], "--backend: invalid choice: 'nest'"),
        ([*BASE, "--mass-integrator", "rk4"], "--mass-integrator: invalid choice: 'rk4'"),
        ([*BASE, "--trails", "3"], "unrecognized arguments: --trails 3; did you mean --trials"),
        (["--p", "1", "--lambda", "1"], "required: --lam; did you mean --lam by --lambda?"),
        ([*BASE, "--dur", "9"], "unrecognized arguments: --dur 9; did you mean --duration by"),
        (["--p", "0.1,0.2", "--lam", "1"], "--p: must be a number, one value; study.sweep takes"),
        (["--p", "0.1", "0.2", "--lam", "1"], "study.sweep takes lists, got 0.1,0.2"),
        (["--p", "1", "--lam", "0:1:0.5"], "--lam: must be a number, one value; study.sweep takes"),
        (["--p", "1e-400", "--lam", "1"], "--p: must be a number, got 1e-400"),
        (["--p", "1e-40", "--lam", "1"], "--p: p must be 0 or of size 1e-30 ... 1e30 in SI units"),
        (["--p", "1_0", "--lam", "1"], "--p: must be a number, got 1_0"),
        (["--p", "1", "--lam", ""], "--lam: must not be empty"),
        (["--p", "1", "--lam="], "--lam: must not be empty"),
        ([*BASE, "--out", ""], "--out: must not be empty"),
        ([*BASE, "--n", "1" + 400 * "0"], "--n: N must not exceed 2147483647, got an integer of"),
        ([*BASE, "--n", "1" + 5000 * "0"], "--n: must be an integer >= 2, got 1000"),
        ([*BASE, "--n", "1e400"], "--n: must be an integer >= 2, got 1e400"),
        ([*BASE, "--n", "٣٠٠"], "--n: must be an integer >= 2, got"),
        ([*BASE, "--n", "100000000"], "--n: N must fit into memory: "),
        ([*BASE, "--n", "9e5", "--backend", "synapses"], "--n: N must fit into memory: "),
        ([*BASE, "--set", "M=2e9"], "--set M: M must fit into memory: "),
        ([*BASE, "--duration", "1e308"], "--duration: duration must be 0 or of size 1e-30 ... "),
        ([*BASE, "--duration", "1e6"], "--duration: duration must be 2147483647 steps of dt"),
        ([*BASE, "--trials", "1e9"], "--trials: must be 10000 or fewer, got 1000000000"),
        ([*BASE, "--set", "nu_ext=9**9**9*Hz"], "--set nu_ext: must be 0 or of size 1e-150 ... "),
        ([*BASE, "--set", "v_rest=-1e31*volt"], "--set v_rest: v_rest must be 0 or of size 1e-30"),
        ([*BASE, "--set", "dt=1\n*ms"], "--set dt: must be a number with a unit, such as"),
        ([*BASE, "--set", "tau_mem=20ms"], "got 20ms; did you mean 20*ms?"),
        ([*BASE, "--set", "ghat_ext=1*nS"], "got ghat_ext; did you mean g_hat_ext?"),
        ([*BASE, "--set", "=1"], "--set: NAME must be one of M, p_ext"),
        ([*BASE, "--set", "M=7", "--set", " M =8"], "--set M: must be given once, got it again as"),
        ([*BASE, "--set", "M=7", "--set", "M=7"], "--set M: must be given once, got it again as"),
        ([*BASE, "--set", "x" * 9999], "--set: must be NAME=VALUE, got xxx"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys, tmp_path, monkeypatch, arguments, message):
    printed = refused(capsys, tmp_path, monkeypatch, arguments)
    assert message in printed


def test_out_that_is_a_file(capsys, tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("mine")
    for out in (file, file / "below"):
        printed = refused(capsys, tmp_path, monkeypatch, [*BASE, "--out", str(out)])
        assert f"--out: must {'be a folder' if out == file else 'lie in a folder'}, got" in printed
    assert file.read_text() == "mine"


def test_out_that_is_not_writable(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    printed = refused(capsys, tmp_path, monkeypatch, [*BASE, "--out", str(tmp_path / "new")])
    assert "--out: must be writable, got" in printed


def test_out_that_holds_something_else(capsys, tmp_path, monkeypatch):
    (tmp_path / "thesis.tex").write_text("mine")
    for force in ([], ["--force"]):
        arguments = [*BASE, "--out", str(tmp_path), *force]
        printed = refused(capsys, tmp_path, monkeypatch, arguments)
        assert "--out: must be new, empty or hold a finished run, got" in printed


@pytest.mark.parametrize("kept", [".git", "notes.txt"])
def test_out_that_would_lose_something(capsys, tmp_path, monkeypatch, kept):
    """The folder is replaced as a whole: nothing else may be in it, seen or unseen."""
    (tmp_path / "out" / kept).mkdir(parents=True)
    (tmp_path / "out" / kept / "mine").write_text("mine")
    arguments = [*BASE, "--force", "--out", str(tmp_path / "out")]
    printed = refused(capsys, tmp_path, monkeypatch, arguments)
    assert "--out: must be new, empty or hold a finished run, got" in printed
    (tmp_path / "out" / "run.json").write_text('{"request": {}}')
    printed = refused(capsys, tmp_path, monkeypatch, arguments)
    assert f"--out: must hold nothing but a finished run, got {tmp_path}/out with {kept}" in printed


def test_out_that_is_where_one_stands(capsys, tmp_path, monkeypatch):
    printed = refused(capsys, tmp_path, monkeypatch, [*BASE, "--out", "."])
    assert f"--out: must not be the folder that you are in, got {tmp_path}" in printed


def test_a_record_of_something_else(capsys, tmp_path, monkeypatch):
    (tmp_path / "run.json").write_text('{"cmd": "npm start"}')
    printed = refused(capsys, tmp_path, monkeypatch, [*BASE, "--out", str(tmp_path)])
    assert "--out: holds a run.json that this project has not written" in printed


@pytest.mark.parametrize(
    "other, difference",
    [
        (["--seed", "2"], "seed = 1 there, 2 here"),
        (["--set", "Q=1e-3*volt**2/second"], "Q = 0.0005 (V^2)/s there, 0.001 here"),
        (["--mass-integrator", "exact"], "mass_integrator = euler there, exact here"),
    ],
)
def test_finished_folder_of_other_parameters(
    capsys, tmp_path, monkeypatch, finished, other, difference
):
    arguments = [*SMALL, "--trials", "2", "--out", str(finished), *other]
    printed = refused(capsys, tmp_path, monkeypatch, arguments)
    assert "holds a finished run of another parameter set" in printed and difference in printed


def test_files_of_a_run(finished):
    assert {file.name for file in finished.iterdir()} == FILES
    assert [path.name for path in finished.parent.iterdir()] == ["run"]  # nothing private left


def test_summary_has_one_row_per_model(finished):
    summary = pd.read_csv(finished / "summary.csv")
    assert list(summary.model) == ["LIF", "CFM", "MFM"]
    assert (summary.trials == 2).all() and (summary.status == "ok").all()
    assert summary.regime.nunique() == 1 and summary.regime.notna().all()
    for name in ("rate_Hz", "rate_exc_Hz", "rate_inh_Hz", "spike_contrast"):
        assert list(summary[name].notna()) == [True, False, False]  # the network's own
    comparison = ["chi2", "chi2_dof", "spectral_distance", "tau_max_ms", "rho", "rho_pvalue"]
    assert summary.loc[0, comparison].isna().all()
    assert summary.loc[1:, comparison].notna().all().all()
    assert summary.rate_Hz[0] == pytest.approx(
        0.8 * summary.rate_exc_Hz[0] + 0.2 * summary.rate_inh_Hz[0], rel=1e-12
    )


def test_summary_follows_from_trials_and_spectra(finished):
    summary = pd.read_csv(finished / "summary.csv").set_index("model")
    trials = pd.read_csv(finished / "trials.csv")
    assert len(trials) == 6 and trials.groupby("model").seed.nunique().eq(2).all()
    of_cfm = trials[trials.model == "CFM"]
    for name in ("nrmse", "rho_0", "bias_mV"):
        assert summary[name]["CFM"] == pytest.approx(of_cfm[name].mean())
    assert summary.rho_0["CFM"] <= summary.rho["CFM"] <= of_cfm.rho.mean()  # of the mean function
    spectra = pd.read_parquet(finished / "spectra.parquet")
    power = spectra.pivot(index="frequency_Hz", columns="model", values="power")
    assert 0 < power.index.min() <= 1 and power.index.max() == pytest.approx(500)
    p, q = power.LIF / power.LIF.sum(), power.CFM / power.CFM.sum()
    distance = ((p - q) ** 2 / (p + q)).sum() / 2
    assert summary.spectral_distance["CFM"] == pytest.approx(distance, rel=1e-9)


def test_traces_are_those_of_trial_0(finished):
    traces = np.load(finished / "traces.npz")
    assert set(traces) == {
        *("t_ms", "V_mV_LIF", "V_mV_CFM", "V_mV_MFM"),
        *("phi_exc_Hz", "phi_inh_Hz", "phi_ext_Hz", "count_exc", "count_inh"),
        *("N", "N_exc", "spike_neuron", "spike_step"),
    }
    shown = [*range(80), *range(400, 420)]  # of 500 neurons, in their proportion
    assert set(traces["spike_neuron"]) <= set(shown)
    assert traces["spike_step"].shape == traces["spike_neuron"].shape
    counts = traces["count_exc"] + traces["count_inh"]
    assert 0 < len(traces["spike_step"]) < counts.sum()
    assert traces["V_mV_LIF"].dtype == np.float32
    trials = pd.read_csv(finished / "trials.csv")
    first = trials[trials.trial == 0].set_index("model")
    for model in ("LIF", "CFM", "MFM"):
        assert traces[f"V_mV_{model}"][2000:].mean() == pytest.approx(first.mean_mV[model])
    assert traces["t_ms"][[0, -1]] == pytest.approx([0, 1199.9])


def test_pictures_are_drawn_again_from_the_folder_alone(finished, tmp_path, capsys):
    """Every pixel; run.json vouches for the new picture; what was changed is refused."""
    copied = shutil.copytree(finished, tmp_path / "run")
    before = plt.imread(copied / "figure.png")
    (copied / "figure.png").unlink()
    assert figures.main([str(copied)]) == 0
    assert str(copied / "figure.png") in capsys.readouterr().out
    assert np.array_equal(plt.imread(copied / "figure.png"), before)
    record = json.loads((copied / "run.json").read_text())
    assert not changed_files(copied, record["files"], "run.json")
    assert figures.main([str(copied), "--out", str(tmp_path / "elsewhere")]) == 0
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["figure.png"]
    (copied / "summary.csv").write_text("changed")
    with pytest.raises(SystemExit):
        figures.main([str(copied)])
    assert "summary.csv" in capsys.readouterr().err


def test_traces_of_an_earlier_version_are_named(finished, tmp_path, capsys):
    copied = shutil.copytree(finished, tmp_path / "run")
    np.savez(copied / "traces.npz", t_ms=np.arange(3.0))
    with pytest.raises(SystemExit):
        figures.main([str(copied)])
    assert "earlier version, without spikes" in capsys.readouterr().err


def test_record_is_complete(finished):
    record = json.loads((finished / "run.json").read_text())
    request = record["request"]
    expected = {"value": 0.16, "unit": "nS", "si": pytest.approx(1.6e-10)}
    assert request["parameters"]["g_hat_exc"] == expected
    assert len(request["parameters"]) == 27
    assert (request["seed"], request["trials"]) == (1, 2)
    assert record["trial_seeds"] == trial_seeds(1, 2)
    assert {"simulate", "mass_models", "measures", "figure", "total"} == set(record["seconds"])
    for name in ("versions", "compiler", "cpu", "git_commit", "peak_memory_MB", "simulation"):
        assert name in record
    assert record["measures"]["chi2_total_per_trial"] == record["measures"]["bins_in_band"] == 500


def test_finished_run_is_shown_and_not_recomputed(finished, capsys, monkeypatch):
    monkeypatch.setattr(run_job, "run_trial", no_simulation)
    assert main([*SMALL, "--trials", "2", "--out", str(finished)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == str(finished)
    assert any("shown again" in line for line in printed)
    assert any(line.split()[:2] == ["rho", "n"] for line in printed)


def test_one_trial_regenerates_its_row(finished, tmp_path):
    """Trial 1's own seed, given as --seed, gives its row back, digit for digit."""
    seed = trial_seeds(1, 2)[1]
    out = tmp_path / "again"
    assert main([*SMALL, "--seed", str(seed), "--no-figure", "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == FILES - {"figure.png"}
    trials = pd.read_csv(finished / "trials.csv")
    expected = trials[trials.trial == 1].drop(columns="trial").reset_index(drop=True)
    again = pd.read_csv(out / "trials.csv").drop(columns="trial")
    pd.testing.assert_frame_equal(again, expected, check_exact=True)


def test_out_may_be_a_link(tmp_path):
    """The folder that it points to is replaced, wherever that lies."""
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    check_destination(link)
    check_writable(link, in_one_step=True)
    with atomic_folder(link) as private:
        (private / "run.json").write_text("{}")
    assert link.is_symlink() and (real / "run.json").read_text() == "{}"
    assert list(real.parent.iterdir()) == [real]


def test_a_run_that_dies_leaves_no_folder(tmp_path, monkeypatch, finished):
    """Neither where there was none, nor in the place of a finished one."""

    def dies(path, tables):
        (path / "traces.npz").write_bytes(b"half")
        raise KeyboardInterrupt

    run_trial = run_job.run_trial
    monkeypatch.setattr(keep_run, "write_outcome", dies)
    monkeypatch.setattr(run_job, "run_trial", lambda *a, **k: _remembered(run_trial, *a, **k))
    before = {file.name: file.read_bytes() for file in finished.iterdir()}
    for out, force in ((tmp_path / "new", []), (finished, ["--force"])):
        with pytest.raises(KeyboardInterrupt):
            main([*SMALL, "--trials", "2", "--out", str(out), *force])
    assert list(tmp_path.iterdir()) == []
    assert {file.name: file.read_bytes() for file in finished.iterdir()} == before
    assert len(list(finished.parent.iterdir())) == 1


def _remembered(function, *arguments, _cache={}, **options):  # noqa: B006
    if "trial" not in _cache:
        _cache["trial"] = function(*arguments, **options)
    return _cache["trial"]


def test_folder_is_named_after_what_differs_from_the_defaults():
    def name(*arguments):
        parsed = run.run_parser().parse_args(list(arguments))
        return run_name(run._request(parsed).run_record())

    assert name("--p", "0.1", "--lam", "0.8") == "p=0.1_lam=0.8_seed=1"
    assert name("--p=-0.0", "--lam", " 1 ", "--transient=-0") == name("--p", "0", "--lam", "1e0",
        "--transient", "0") == "p=0_lam=1_seed=1_transient=0s"  # fmt: skip
    assert name(*BASE, "--n", "2e3") == name(*BASE, "--n", "2000")
    assert name(*BASE, "--set", "M=1e3") == name(*BASE, "--set", "M=10**3")
    assert (
        name("--p", "1", "--lam", "0.8", "--seed", "7", "--n", "2000", "--trials", "3")
        == "p=1_lam=0.8_seed=7_N=2000_trials=3"
    )
    assert (
        name(*BASE, "--set", "g_hat_exc=0.05*nS", "--mass-integrator", "exact")
        == "p=0.1_lam=0.8_seed=1_g_hat_exc=0.05nS_mass_integrator=exact"
    )


def test_trial_seeds_are_different_and_do_not_depend_on_how_many():
    seeds = trial_seeds(1, 1000)
    assert seeds[0] == 1 and len(set(seeds)) == 1000
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert trial_seeds(1, 5) == seeds[:5]
    assert not set(seeds[1:]) & set(trial_seeds(2, 1000)[1:])


def test_clear_cache_removes_the_compiled_programs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    with pytest.raises(SystemExit) as exit_:
        main(["--clear-cache"])
    assert exit_.value.code == 0 and not (tmp_path / "cache").exists()


WEIGHTS = [f"--set=g_hat_{s}={w}*nS" for s, w in (("exc", 0.8), ("inh", 1.8), ("ext", 10.5))]
REST = ["--set=Q=0*volt**2/second", "--set=nu_ext=0*Hz"]


@pytest.mark.parametrize(
    "p, lam, more, network, mass",
    [
        (0, 0.8, [], {"ok"}, {"ok"}),
        (1, 0.8, [], {"ok"}, {"ok"}),
        (0.5, 0, [], {"silent"}, {"silent+constant"}),
        (0.5, 1, [], {"ok"}, {"ok", "unphysical"}),
        (0.5, 0.8, REST, {"silent+constant"}, {"silent+constant"}),
        (1, 1, WEIGHTS, {"ok"}, {"diverged", "unphysical"}),
    ],
)
def test_edges_of_the_plane_have_a_row_with_a_status(tmp_path, p, lam, more, network, mass):
    """Five hundred neurons with the total weights of ten thousand; the last five times as much."""
    times = ["--transient", "1.2", "--duration", "2.2"]
    out = tmp_path / "out"
    weights = [] if more == WEIGHTS else SMALL_WEIGHTS
    place = [f"--p={p}", f"--lam={lam}", "--out", str(out)]
    arguments = [*UNWEIGHTED, *weights, *times, *more, *place]
    assert main(arguments) == 0
    assert {file.name for file in out.iterdir()} == FILES
    summary = pd.read_csv(out / "summary.csv").set_index("model")
    assert summary.status["LIF"] in network
    assert set(summary.status[["CFM", "MFM"]]) <= mass
    if more == WEIGHTS:
        assert summary.status["MFM"] == "diverged"
        assert summary.loc["MFM", ["mean_mV", "rho", "chi2"]].isna().all()
    if more == REST:
        assert summary.mean_mV["LIF"] == pytest.approx(-70, abs=1e-9)
        assert summary.regime["LIF"] == "silent"
