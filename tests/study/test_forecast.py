"""How long a sweep takes: the forecast, from trials of a recorded sweep."""

import re

import pytest
from small_sweep import SWEEP, TRIALS, sweep

from study import bench


def test_forecast_of_a_recorded_sweep(tmp_path, capsys):
    sweep(*SWEEP, "--out", tmp_path / "s")
    capsys.readouterr()
    assert bench.main(["--study", str(tmp_path / "s"), "--precisions", "single", "--quiet"]) == 0
    first, *phases, tables = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{TRIALS} trials in single precision on \d+ cores: \d+\.\d min", first)
    shares = {name: float(share[:-1]) for name, share in map(str.split, phases)}
    assert set(shares) == {"simulate", "mass_models", "measures"}
    assert sum(shares.values()) == pytest.approx(100, abs=15)  # of a trial, little is none of these
    assert min(shares.values()) > 0 and tables.endswith(" s, as recorded")


def test_forecast_of_no_sweep(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        bench.main(["--study", str(tmp_path)])
    said = capsys.readouterr().err
    assert exit_.value.code == 2 and said.count("\n") == 1
    assert "error: --study: must be the folder of a sweep, got" in said
