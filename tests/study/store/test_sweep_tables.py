"""Thinned spectra and the tables as arrays over the plane."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.tables import dataset
from study.store.tables import thinned

DF = 1 / 27


def test_thinned_spectra_keep_the_power_and_every_low_bin():
    frequency_Hz = np.arange(1, 13501) * DF
    power = np.random.default_rng(1).exponential(1, 13500)
    frequency, mean = thinned(frequency_Hz, power)
    low = frequency_Hz <= 20
    assert np.array_equal(frequency[: low.sum()], frequency_Hz[low])
    assert np.array_equal(mean[: low.sum()], power[low])
    assert len(frequency) < 1600
    step = np.diff(frequency[low.sum() :])
    assert step[:-1] == pytest.approx(13 * DF) and 13 * DF <= 0.5
    rest = power[~low]
    assert mean[low.sum()] == pytest.approx(rest[:13].mean())
    sizes = np.full(len(mean) - low.sum(), 13)
    sizes[-1] = len(rest) - 13 * (len(sizes) - 1)
    assert (mean[low.sum() :] * sizes).sum() == pytest.approx(rest.sum())


def test_coarse_spectra_are_left_alone():
    frequency_Hz = np.arange(1, 501) * 1.0
    power = np.linspace(1, 2, 500)
    for found, given in zip(thinned(frequency_Hz, power), (frequency_Hz, power)):
        assert np.array_equal(found, given)


@pytest.mark.parametrize("study", ["paper", "budget"])
def test_the_reference_studies_stay_small(study):
    """What a clone has to carry: less than 15 MB of tables, thinned spectra of every point."""
    folder = Path(__file__).parents[3] / "results" / study
    tables = [*folder.glob("*.parquet"), *folder.glob("*.csv")]
    assert 1e5 < sum(path.stat().st_size for path in tables) < 15e6
    spectra = pd.read_parquet(folder / "spectra.parquet")
    assert (spectra.groupby(["p", "lam", "model"]).size() < 1600).all()


@pytest.fixture
def points():
    rows = [
        {"p": p, "lam": lam, "model": model, "rate_Hz": 10 * p + lam, "rho": 0.5, "status": "ok"}
        for p in (0.0, 0.5)
        for lam in (0.6, 0.8, 1.0)
        for model in ("LIF", "CFM", "MFM")
    ]
    return pd.DataFrame(rows)


def test_dataset(points):
    bins = pd.DataFrame({"frequency_Hz": [1.0, 2.0]})
    spectra = points[["p", "lam", "model"]].merge(bins, "cross")
    spectra["power"] = np.arange(len(spectra), dtype=np.float32)
    arrays = dataset(points, spectra)
    assert dict(arrays.sizes) == {"p": 2, "lam": 3, "model": 3, "frequency": 2}
    assert list(arrays.model.values) == ["LIF", "CFM", "MFM"]
    assert arrays.rate.sel(p=0.5, lam=0.8, model="CFM") == pytest.approx(5.8)
    assert arrays.rate.attrs["units"] == "Hz" and arrays.rho.attrs["units"] == "1"
    assert arrays.power.attrs["units"] == "mV^2/Hz" and arrays.frequency.attrs["units"] == "Hz"
    assert arrays.lam.attrs["units"] == "1" and arrays.p.attrs["units"] == "1"
    last = spectra[(spectra.p == 0.5) & (spectra.lam == 1.0) & (spectra.model == "MFM")]
    assert list(arrays.power.sel(p=0.5, lam=1.0, model="MFM")) == list(last.power)


def test_points_that_are_not_in_the_table_are_nan(points):
    arrays = dataset(points.iloc[:-3])
    assert np.isnan(arrays.rate.sel(p=0.5, lam=1.0)).all()
    assert "frequency" not in arrays.dims
