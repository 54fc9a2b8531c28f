"""The measures: told once, and everything made from it says the same."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.bootstrap import LAGGED, SPECTRAL
from analysis.measures import BY_NAME, MEASURES, TRIALS, as_markdown, names
from analysis.tables import AVERAGED, SUMMARY_COLUMNS, TRIAL_COLUMNS, dataset
from study.drawing.maps import shared_scale

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "results" / "paper"


def test_the_table_tells_every_measure():
    """The site shows it: tests/test_docs.py."""
    assert as_markdown().count("\n") == len(MEASURES) - 1
    assert all(f"| {measure.row} | {measure.meaning} |" in as_markdown() for measure in MEASURES)


def test_tables_of_the_shipped_study_have_these_columns():
    points = pd.read_parquet(STUDY / "points.parquet")
    assert tuple(points.columns[: len(SUMMARY_COLUMNS)]) == SUMMARY_COLUMNS
    ends = [f"{name}_{end}" for name in AVERAGED for end in ("low", "high")]
    ends += [f"{n}_{end}" for n in (*SPECTRAL, *LAGGED) for end in ("mean", "low", "high")]
    ends += [f"{name}_trials" for name in (*AVERAGED, *LAGGED)]
    assert list(points.columns[len(SUMMARY_COLUMNS):]) == ends
    trials = pd.read_parquet(STUDY / "trials.parquet")
    assert tuple(trials.columns) == (*TRIAL_COLUMNS, "message")


def test_records_are_whole():
    assert len(BY_NAME) == len(MEASURES)
    scales = [np.array([[0.5, 1.0]])]
    for measure in MEASURES:
        assert measure.name == measure.quantity + (f"_{measure.unit}" if measure.unit else "")
        assert format(0.5, measure.form) and measure.meaning
        shared_scale([pd.DataFrame(scales[0])], measure.scale)
        for test in measure.tested_by:
            pvalue = BY_NAME[test]
            assert pvalue.pvalue and pvalue.label and pvalue.beyond
    assert all(BY_NAME[name].over_trials == TRIALS for name in names(network=True))


def test_arrays_carry_unit_and_meaning():
    arrays = dataset(pd.read_parquet(STUDY / "points.parquet"))
    for name, unit in (("median_frequency", "Hz"), ("tau_max", "ms"), ("rho", "1"), ("chi2", "1")):
        assert arrays[name].attrs["units"] == unit
    assert arrays.rate_low.attrs == arrays.rate.attrs
    assert arrays.rate.attrs["long_name"] == "rate"
    assert arrays.rate.attrs["description"] == BY_NAME["rate_Hz"].meaning
    assert "Hz" not in "".join(arrays.data_vars)
