"""--sample: sets of constants through the one pipeline, resumed, verified, rebuilt."""

import json

import pandas as pd
import pytest

from models.ensemble import RANGES
from study import ensemble, figures, findings, sweep, verify

WANTED = [*"--p 0.2,0.5 --lam 0.8 --sample 3 --trials 1 --workers 1".split(), "--budget"]
FLAGS = "--n 200 --duration 1 --transient 0.2 --set M=200 --set nu_ext=250*Hz --quiet".split()


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """The folder of a finished sample of three sets at two points."""
    folder = tmp_path_factory.mktemp("sample") / "sweep"
    assert sweep.main([*WANTED, *FLAGS, "--out", str(folder)]) == 0
    return folder


def test_each_set_has_its_columns_and_each_point_its_row(sampled):
    points = pd.read_parquet(sampled / "points.parquet")
    network = points[points.model == "LIF"]
    assert len(network) == 6 and network.groupby(["p", "lam"]).size().eq(3).all()
    of_sets = network.groupby("g_hat_exc_nS").size()
    assert len(of_sets) == 3 and of_sets.eq(2).all()
    record = json.loads((sampled / "sweep.json").read_text())["request"]
    assert set(record["sample"]) == set(RANGES) and not set(RANGES) & set(record["parameters"])
    assert record["sample"]["v_rest"]["unit"] == "mV"
    assert len(pd.read_parquet(sampled / "budget.parquet").groupby(["p", "g_hat_exc_nS"])) == 6
    for name in ("spectra", "examples", "rates"):
        assert pd.read_parquet(sampled / f"{name}.parquet").empty


def test_it_goes_on_is_verified_and_rebuilt(sampled, capsys):
    before = {path: path.stat().st_mtime_ns for path in sampled.glob("trials/*.trial")}
    assert sweep.main(["--out", str(sampled), "--quiet"]) == 0
    assert {p: p.stat().st_mtime_ns for p in sampled.glob("trials/*.trial")} == before
    assert verify.main([str(sampled), "--rows", "1"]) == 0
    wanted = json.loads((sampled / "sweep.json").read_text())["request"]
    (sampled / "sweep.json").unlink()
    assert sweep.main(["--out", str(sampled), "--rebuild", "--quiet"]) == 0
    assert json.loads((sampled / "sweep.json").read_text())["request"] == wanted


def test_what_survives_is_told(sampled, capsys):
    assert ensemble.main([str(sampled), "--no-figure"]) in (0, 2)
    table, costs = ensemble.read_ensemble(sampled)
    assert table.set.nunique() <= 3 and costs.keys() == {
        ("forward", "MFM"), ("backward to MFM", "MFM"), ("forward", "CFM"),
        ("backward to CFM", "CFM"),
    }  # fmt: skip


@pytest.mark.parametrize("command", [figures, findings])
def test_what_draws_axes_names_the_command_for_a_sample(sampled, command, capsys):
    with pytest.raises(SystemExit):
        command.main([str(sampled)])
    assert "study.ensemble reads a sample" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--sample", "1"], "--sample: must be an integer >= 2, got 1"),
        (["--sample", "3", "--vary", "v_rest=-65,-60*mV"], "draws v_rest, which must not stand"),
        (["--sample", "200000"], "must be 200000 or fewer in all"),
    ],
)
def test_mistakes_are_one_line(flags, message, capsys, tmp_path):
    with pytest.raises(SystemExit) as raised:
        sweep.main(["--p", "0.1", "--lam", "0.8", *flags, "--out", str(tmp_path / "out")])
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_set_flag_for_what_is_drawn_is_refused(capsys, tmp_path):
    with pytest.raises(SystemExit):
        sweep.main([*"--p 0.1 --lam 0.8 --sample 3 --set g_hat_exc=0.01*nS".split(),
            "--out", str(tmp_path / "out")])  # fmt: skip
    assert "g_hat_exc" in capsys.readouterr().err
