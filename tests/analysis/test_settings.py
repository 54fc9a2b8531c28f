"""The settings of the measures: arguments, which decide what is measured, and no globals."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, second
from small_networks import THOUSAND, made_up

from analysis.settings import DEFAULT, Settings
from models.parameters import ParameterError
from study.trial.measure import measure
from study.trial.request import Request
from study.trial.trial import check_measurable

PARAMS = replace(THOUSAND, duration=0.3 * second, transient=0 * second)


@pytest.mark.parametrize("name", vars(DEFAULT))
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_not_positive_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Settings(**{name: value})


def test_measures_follow_their_settings():
    record = made_up()
    record = replace(record, V_mV=record.V_mV + np.random.default_rng(1).normal(size=3000))
    narrow = Settings(band_Hz=100.0, max_lag_ms=20.0)
    model = {"late": np.roll(record.V_mV, 300)}  # 30 ms
    (_, wide_row), wide_Hz, *_ = measure(record, model, PARAMS, DEFAULT)
    (_, narrow_row), narrow_Hz, *_ = measure(record, model, PARAMS, narrow)
    assert wide_Hz[-1] == pytest.approx(500) and narrow_Hz[-1] == pytest.approx(100)
    assert wide_row["tau_max_ms"] == 30 and abs(narrow_row["tau_max_ms"]) <= 20


def test_limits_of_a_record_follow_their_settings():
    check_measurable(replace(PARAMS, duration=0.5 * second))
    with pytest.raises(ParameterError, match="by 600 ms or more, twice the largest lag"):
        check_measurable(replace(PARAMS, duration=0.5 * second), Settings(max_lag_ms=300.0))
    with pytest.raises(ParameterError, match=r"must not exceed 0\.5 ms, for spectra up to 1000 Hz"):
        check_measurable(
            replace(PARAMS, duration=1 * second, dt=0.6 * ms), Settings(band_Hz=1000.0)
        )


def test_the_settings_are_part_of_a_job():
    axes, decided = {"p": [0.1], "lam": [0.8]}, {"backend": "dense", "mass_integrator": "euler"}
    request = Request.of(PARAMS, axes, {}, trials=1, seed=1, **decided, models=[], budget=False)
    (job,) = request.jobs()
    assert Settings(**job.measures) == DEFAULT
    other = replace(job, measures={**job.measures, "band_Hz": 400.0})
    assert other.digest() != job.digest()
