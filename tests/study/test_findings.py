"""The numbers that a sweep is summarised by, from tables whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from study import findings


@pytest.fixture
def points():
    """Two points of one regime and one of another."""
    shared = {"chi2": 1.0, "chi2_dof": 100, "chi2_permutation_pvalue": 0.5}
    shared |= {"trials": 2, "status": "ok", "std_mV": 1.0}
    rows = []
    for p, regime, rate_Hz, rho, distance in (
        (0.1, "asynchronous", 1.0, 0.99, 0.01),
        (0.2, "asynchronous", 2.0, 0.90, 0.02),
        (0.9, "low-frequency synchronous", 12.0, 0.60, 0.10),
    ):
        common = {"p": p, "lam": 0.8, "regime": regime}
        of_spikes = {"rate_Hz": rate_Hz, "spike_contrast": p}
        for model, worse, mean_mV, median_Hz in (
            ("LIF", np.nan, -60.0, 4.0),
            ("CFM", 2.0, -50.0, 8.0),
            ("MFM", 1.0, -55.0, 4.0),
        ):
            rows.append({
                **shared,
                **common,
                **(of_spikes if model == "LIF" else {}),
                "model": model,
                "mean_mV": mean_mV,
                "median_frequency_Hz": median_Hz,
                "rho": rho - 0.01 * worse,
                "spectral_distance": worse * distance,
                "tau_max_ms": 5 * worse,
            })  # fmt: skip
    table = pd.DataFrame(rows)
    return table[["p", "lam", "model", *table.columns.drop(["p", "lam", "model"])]]


def test_regimes_and_their_ranges(points):
    table = findings.findings(points)["Regimes of the network"]
    assert list(table.index) == ["asynchronous", "low-frequency synchronous"]
    assert list(table.points) == [2, 1]
    assert tuple(table.loc["asynchronous", ["p from", "to p"]]) == (0.1, 0.2)
    assert tuple(table.loc["asynchronous", ["rate_Hz from", "to rate_Hz"]]) == (1, 2)


def test_mass_models_by_regime(points):
    title = next(name for name in findings.findings(points) if name.startswith("Mass models"))
    table = findings.findings(points)[title]
    mfm = table.loc["asynchronous", "MFM"]
    assert mfm.rho == pytest.approx((0.98 + 0.89) / 2)
    assert (mfm.bias_mV, mfm.octaves, mfm.close, mfm["of"]) == (5, 0, 1, 2)
    assert table.loc["asynchronous", "CFM"].octaves == 1


def test_the_closest_point_and_the_difference_of_the_models(points):
    tables = findings.findings(points)
    closest = tables["The closest point of each lambda"]
    assert closest.loc[(0.8, "MFM"), "p"] == 0.1
    apart = tables["CFM against MFM: medians of the differences"]
    assert apart.loc["low-frequency synchronous", "spectral_distance"] == pytest.approx(0.1)
    assert tables["MFM: tau_max_ms, lambda down, p across"].loc[0.8, 0.2] == 5


def test_a_row_without_any_distance_has_no_closest_point(points):
    empty = points.assign(lam=0.0, spectral_distance=np.nan, rho=np.nan)
    closest = findings.findings(pd.concat([points, empty]))["The closest point of each lambda"]
    assert list(closest.index) == [(0.8, "CFM"), (0.8, "MFM")]


def test_a_folder_without_a_sweep_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        findings.main([str(tmp_path)])
    assert exit_.value.code == 2 and "must hold points.parquet" in capsys.readouterr().err
