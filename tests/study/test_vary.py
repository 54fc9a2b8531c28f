"""Any parameter as an axis: points, seeds, tables, arrays, figures, resumed after kill -9."""

import json
import os
import signal
from itertools import product

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from small_sweep import SIMULATION, again, start, sweep, tables, trial_files, wait_for

import study.sweep
from analysis.axes import axes_of, shown_axes, varied
from models.constants import MEANINGS
from models.parameters import from_si
from study import figures, findings, load, verify
from study.command.request import sweep_request
from study.trial.request import Request

GRID = "--p 0.1,0.4 --lam 0.8 --trials 1".split()
AXES = [*"--vary nu_ext=4:6:1*Hz --vary tau_inh=5,7*ms".split()]
VARIED = [*GRID, *SIMULATION, *AXES]


def request(*flags):
    parser = study.sweep.sweep_parser()
    return sweep_request(parser, parser.parse_args(flags), flags)[0]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A finished sweep over p, nu_ext and tau_inh."""
    folder = tmp_path_factory.mktemp("vary") / "sweep"
    sweep(*VARIED, "--workers", "2", "--out", folder)
    return folder


def test_points_are_the_product_of_the_axes():
    jobs = request(*VARIED).jobs()
    assert len(jobs) == 2 * 1 * 3 * 2
    names = ("p", "nu_ext", "tau_inh")
    values = {tuple(job.parameters[name] for name in names) for job in jobs}
    assert values == {*product((0.1, 0.4), (4.0, 5.0, 6.0), (0.005, 0.007))}
    assert list(jobs[0].at) == ["p", "lam", "nu_ext_Hz", "tau_inh_ms"]
    assert jobs[0].point_name.startswith("p=0.4 lam=0.8 nu_ext=4.0Hz tau_inh=5.0ms")
    assert sorted(j.point for j in jobs)[0] == (0.1, 0.8, 4.0, 5.0)


def test_a_point_of_an_axis_is_that_of_a_set_parameter():
    """To the hash, the seed and the name of the file: sweeps share what they have in common."""
    along = {job.digest(): job for job in request(*VARIED).jobs()}
    set_ = request(*GRID, *SIMULATION, "--set", "nu_ext=6*Hz", "--set", "tau_inh=5*ms").jobs()
    plain = request(*GRID, *SIMULATION).jobs()
    for job in (*set_, *plain):
        assert along[job.digest()].seed == job.seed and along[job.digest()].stem == job.stem
    assert len(along) == 12 and len({job.digest() for job in (*set_, *plain)}) == 4


def test_a_record_gives_the_request_back():
    for flags in (VARIED, [*VARIED, "--set", "tau_exc=tau_inh"], [*GRID, *SIMULATION]):
        wanted = request(*flags)
        assert Request.from_record(json.loads(json.dumps(wanted.record()))) == wanted
    assert "vary" not in wanted.record() and "ties" not in wanted.record()


@pytest.mark.parametrize("name", [n for n in MEANINGS if n not in ("p", "lam", "Q")])
def test_every_parameter_is_an_axis(name):
    si = request(*GRID).parameters[name]
    entry = request(*GRID).record()["parameters"][name]
    value = entry["value"]
    unit = {"1": "", "s": "*second"}.get(entry["unit"], f"*{entry['unit']}")
    values = f"{value:g},{(value * 0.999 if unit else value / 2) or 1:g}"
    found = request(*GRID, "--vary", f"{name}={values}{unit}")
    assert len(found.jobs()) == 4 and si in found.axes[name]
    assert [type(v) for v in found.axes[name]] == [type(si)] * 2
    assert name not in found.parameters


def test_the_noise_is_an_axis():
    found = request(*GRID, "--vary", "Q=1e-4,5e-4*volt**2/second")
    assert found.axes["Q"] == [1e-4, 5e-4] and list(found.jobs()[0].at)[-1] == "Q_V^2/s"


def test_a_parameter_follows_an_axis():
    found = request(*GRID, "--vary", "g_hat_exc=0.004,0.008*nS", "--set", "g_hat_inh=g_hat_exc")
    assert found.ties == {"g_hat_inh": "g_hat_exc"}
    for point in found.points():
        assert point["g_hat_inh"] == point["g_hat_exc"]


@pytest.mark.parametrize(
    "flags, told",
    [
        (["nu_ext"], "--vary: must be NAME=VALUES, got nu_ext"),
        (["nu_ext=3,5"], "--vary nu_ext: must be numbers of the dimensions of Hz, the unit at"),
        (["nu_ext=3*Hz,5*Hz"], "--vary nu_ext: must be a number with a unit"),
        (["nu_ext=3,5*ms"], "--vary nu_ext: must be numbers of the dimensions of Hz"),
        (["nu_ext=5:3:1*Hz"], "--vary nu_ext: START must not exceed STOP"),
        (["nu_ext=5,5*Hz"], "--vary nu_ext: must name each value once"),
        (["nu_ext=5*Hz", "nu_ext=6*Hz"], "--vary nu_ext: must be given once"),
        (["p=0.1,0.2"], "--vary: p has a flag of its own, --p"),
        (["N_exc=3"], "--vary: N_exc is derived and cannot be set"),
        (["nu_exx=3*Hz"], "did you mean nu_ext?"),
        (["tau_exc=-1,3*ms"], "--vary tau_exc: tau_exc must be positive, got -1. ms"),
        (["N=10.5"], "--vary N: N must be an integer >= 2, got 10.5"),
        (["v_reset=-60,-45*mV"], "--vary v_reset: v_reset must lie below v_thres"),
        (["v_reset=-60,-52*mV", "v_thres=-55,-50*mV"], "v_reset must lie below v_thres"),
        (["duration=3,30*second"], "--vary duration: duration must exceed transient"),
        (["p_ext=0:1:0.001", "lam=1"], "--vary: lam has a flag"),
        (["p_ext=0:1:0.001", "M=1:1000:1"], "--trials: must be 200000 or fewer in all"),
    ],
)
def test_mistakes_name_the_axis(flags, told, capsys):
    given = [word for text in flags for word in ("--vary", text)]
    with pytest.raises(SystemExit) as exit_:
        study.sweep.main([*GRID, *given, "--status"])
    (line,) = capsys.readouterr().err.splitlines()
    assert exit_.value.code == 2 and told in line, line


def test_an_axis_is_no_set_parameter(capsys):
    with pytest.raises(SystemExit):
        study.sweep.main([*GRID, "--vary", "nu_ext=3,5*Hz", "--set", "nu_ext=5*Hz"])
    assert "--vary nu_ext: must not stand beside --set nu_ext" in capsys.readouterr().err


def test_help_lists_every_name(capsys):
    with pytest.raises(SystemExit):
        study.sweep.main(["--help"])
    out = capsys.readouterr().out
    for name, meaning in MEANINGS.items():
        assert name in ("p", "lam") or (f"  {name} " in out and meaning in out), name


def test_tables_and_arrays(three):
    points, trials = (pd.read_csv(three / f"{name}.csv") for name in ("points", "trials"))
    axes = ["p", "lam", "nu_ext_Hz", "tau_inh_ms"]
    assert axes_of(points) == axes_of(trials) == axes
    assert varied(points) == ["p", "nu_ext_Hz", "tau_inh_ms"]
    assert shown_axes(points) == ("p", "nu_ext_Hz")
    assert len(points) == 12 * 3 and (points.status == "ok").all()
    assert points.rate_Hz[(points.model == "LIF") & (points.p == 0.4)].nunique() == 6
    spectra = pd.read_parquet(three / "spectra.parquet")
    assert axes_of(spectra) == axes and len(spectra.groupby([*axes, "model"])) == 36
    arrays = load(three).to_xarray()
    sizes = {"p": 2, "lam": 1, "nu_ext": 3, "tau_inh": 2, "model": 3}
    assert {name: arrays.sizes[name] for name in sizes} == sizes
    assert arrays.nu_ext.attrs == {"units": "Hz", "long_name": "rate of one external train"}
    row = points[(points.p == 0.4) & (points.nu_ext_Hz == 6) & (points.tau_inh_ms == 5)]
    there = arrays.rate.sel(p=0.4, lam=0.8, nu_ext=6, tau_inh=5, model="LIF")
    assert float(there) == row.rate_Hz[row.model == "LIF"].item()
    assert "12 points" in repr(load(three))


def test_a_row_is_what_its_parameters_give(three):
    """Against a simulation that knows nothing of axes."""
    from study.trial.trial import run_trial

    trials = pd.read_parquet(three / "trials.parquet")
    rows = trials[(trials.p == 0.4) & (trials.nu_ext_Hz == 6) & (trials.tau_inh_ms == 5)]
    flags = [*GRID, *SIMULATION, "--set", "nu_ext=6*Hz", "--set", "tau_inh=5*ms"]
    point = next(point for point in request(*flags).points() if point["p"] == 0.4)
    again = run_trial(from_si(point), int(rows.seed.iloc[0]), backend="dense").rows
    assert [row["rate_Hz"] for row in again[:1]] == [rows.rate_Hz.iloc[0]]
    np.testing.assert_allclose([row["mean_mV"] for row in again], rows.mean_mV, rtol=1e-12)


def test_status_verify_findings_and_rebuild(three, cluster, capsys, tmp_path):
    assert study.sweep.main([*VARIED, "--out", str(three), "--status"]) == 0
    assert "12 of 12 points are complete" in capsys.readouterr().out
    assert study.sweep.main([*VARIED, "--out", str(tmp_path / "none"), "--status"]) == 0
    assert "p=0.1 lam=0.8 nu_ext=4.0Hz tau_inh=5.0ms, " in capsys.readouterr().out
    assert verify.main([str(three), "--rows", "2"]) == 0
    assert "nu_ext=" in capsys.readouterr().out
    assert findings.main([str(three)]) == 0
    out = capsys.readouterr().out
    assert "nu_ext_Hz and tau_inh_ms down, p across" in out
    assert "The closest point of each nu_ext_Hz and tau_inh_ms" in out
    assert findings.main([str(three), "--at", "tau_inh=5"]) == 0
    assert "nu_ext_Hz down, p across" in capsys.readouterr().out
    assert not again(three, cluster, sweep=VARIED)
    before, record = tables(three), json.loads((three / "sweep.json").read_text())
    (three / "sweep.json").unlink()
    assert study.sweep.main(["--rebuild", "--out", str(three)]) == 0
    assert json.loads((three / "sweep.json").read_text())["request"] == record["request"]
    assert tables(three) == before
    with pytest.raises(SystemExit):
        study.sweep.main(["--out", str(three), "--vary", "nu_ext=3*Hz"])
    assert "that is recorded there has nu_ext, tau_inh" in capsys.readouterr().err


def test_figures_are_small_multiples_or_one_plane(three, tmp_path, capsys):
    assert figures.main([str(three), "--out", str(tmp_path / "all")]) == 0
    names = {path.stem for path in (tmp_path / "all").glob("*.png")}
    assert {"setup", "examples", "multiples_rho", "multiples_rate"} <= names
    assert "overview" not in names
    assert figures.main([str(three), "--at", "tau_inh=5", "--out", str(tmp_path / "one")]) == 0
    names = {path.stem for path in (tmp_path / "one").glob("*.png")}
    assert {"overview", "regimes", "chi_square"} <= names and "multiples_rho" not in names
    svg = (tmp_path / "one" / "overview.svg").read_text()
    assert "nu_ext (Hz)" in svg
    for path in tmp_path.rglob("*.png"):
        assert matplotlib.image.imread(path).std() > 0.01, path
    capsys.readouterr()
    for at, told in (
        ("tau_inh=6", "--at tau_inh: must be one of 5, 7, got 6"),
        ("tau=6", "--at: NAME must be one of p, lam, nu_ext, tau_inh, got tau=6"),
    ):
        with pytest.raises(SystemExit):
            figures.main([str(three), "--at", at])
        assert told in capsys.readouterr().err


def test_a_map_from_python(three):
    found = load(three)
    figure = found.map("rate_Hz", tau_inh=5)
    assert figure.axes[0].get_xlabel() == "p" and figure.axes[0].get_ylabel() == "nu_ext (Hz)"
    plt.close(figure)
    with pytest.raises(ValueError, match="the axes but two of p, nu_ext_Hz, tau_inh_ms"):
        found.map("rate_Hz")


def test_killed_and_resumed(three, tmp_path, cluster):
    """The same tables, whatever was computed before the kill."""
    folder = tmp_path / "sweep"
    process = start(*VARIED, "--workers", "1", "--out", folder)
    wait_for(lambda: len(trial_files(folder)) >= 3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    there = len(trial_files(folder))
    assert 3 <= there < 12
    assert len(again(folder, cluster, sweep=VARIED)) == 12 - there
    assert tables(folder) == tables(three)


def test_a_plane_grows_an_axis_in_its_own_folder(three, tmp_path, cluster):
    """The trials of the plane are those of one value of the new axis."""
    folder = tmp_path / "sweep"
    assert study.sweep.main([*GRID, *SIMULATION, *cluster, "--out", str(folder)]) == 0
    computed = again(folder, cluster, sweep=[*GRID, *SIMULATION, *AXES])
    assert len(computed) == 10 and len(trial_files(folder)) == 12
    points = [pd.read_parquet(f / "points.parquet") for f in (folder, three)]
    pd.testing.assert_frame_equal(*points)
