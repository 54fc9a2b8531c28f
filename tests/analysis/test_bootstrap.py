"""Bootstrap intervals: closed forms, coverage, the same numbers as the point's own measures."""

import numpy as np
import pytest
from confidence import Z

from analysis.bootstrap import bootstrap_intervals
from analysis.chi_square import chi_square, spectral_distance
from analysis.spectra import median_frequency
from analysis.tables import trial_table

FREQUENCY = np.arange(1, 201) * 0.5


def table(values):
    rows = [
        {"model": "LIF", "trial": k, "status": "ok", "mean_mV": v} for k, v in enumerate(values)
    ]
    return trial_table(rows)


def intervals(values, seed=0, **options):
    power = {"LIF": [None] * len(values)}
    return bootstrap_intervals(
        table(values), FREQUENCY, power, np.random.default_rng(seed), **options
    ).iloc[0]


def test_equal_trials_leave_no_doubt():
    found = intervals([3.0] * 5)
    assert (found.mean_mV_low, found.mean_mV_high) == pytest.approx((3, 3))


def test_one_trial_gives_no_interval():
    found = intervals([3.0])
    assert np.isnan([found.mean_mV_low, found.mean_mV_high, found.chi2_mean]).all()


def test_width_is_that_of_the_resampled_mean():
    """Its s.d. is the trials' s.d. (over K) divided by the root of K."""
    values = np.random.default_rng(3).normal(size=40)
    found = intervals(values, resamples=20_000)
    half = 1.96 * values.std() / np.sqrt(40)
    sd = 0.0075  # over 60 draws
    assert found.mean_mV_high - found.mean_mV_low == pytest.approx(2 * half, rel=Z * sd)


def test_coverage_is_what_the_docstring_says():
    """400 times ten normal values: about 90 % of the nominal 95 % intervals hold the mean."""
    rng = np.random.default_rng(5)
    hit = 0
    for k in range(400):
        found = intervals(rng.normal(size=10), seed=k, resamples=400)
        hit += found.mean_mV_low <= 0 <= found.mean_mV_high
    assert abs(hit / 400 - 0.90) < Z * np.sqrt(0.9 * 0.1 / 400)


def spectra(trials, seed=1):
    rng = np.random.default_rng(seed)
    shape = np.exp(-FREQUENCY / 20)
    return {
        "LIF": list(rng.exponential(shape, (trials, 200))),
        "CFM": list(rng.exponential(shape * FREQUENCY, (trials, 200))),
    }


def spectral(power, **options):
    trials = len(power["LIF"])
    rows = [{"model": m, "trial": k, "status": "ok"} for k in range(trials) for m in power]
    found = bootstrap_intervals(
        trial_table(rows), FREQUENCY, power, np.random.default_rng(2), **options
    )
    return found.set_index("model")


def test_spectral_intervals_surround_the_points_own_values():
    power = spectra(10)
    found = spectral(power)
    P, Q = (np.mean(power[model], axis=0) for model in ("LIF", "CFM"))
    values = {
        ("LIF", "median_frequency_Hz"): median_frequency(FREQUENCY, P),
        ("CFM", "median_frequency_Hz"): median_frequency(FREQUENCY, Q),
        ("CFM", "chi2"): chi_square(P, Q, 10 * len(P)).chi2,
        ("CFM", "spectral_distance"): spectral_distance(P, Q),
    }
    for (model, name), value in values.items():
        low, high = found.loc[model, [f"{name}_low", f"{name}_high"]]
        assert low < value < high and high - low < value
    assert np.isnan(found.loc["LIF", ["chi2_low", "spectral_distance_high"]].to_numpy(float)).all()


def test_without_the_trials_disagreeing_the_interval_is_the_value():
    """All trials alike: resampling changes nothing, so both ends are the measure itself."""
    power = {model: [own[0]] * 4 for model, own in spectra(1).items()}
    found = spectral(power)
    P, Q = power["LIF"][0], power["CFM"][0]
    for end in ("low", "high"):
        assert found.loc["CFM", f"spectral_distance_{end}"] == pytest.approx(
            spectral_distance(P, Q), rel=1e-9
        )
        chi2 = chi_square(P, Q, 4 * len(P)).chi2
        assert found.loc["CFM", f"chi2_{end}"] == pytest.approx(chi2, rel=1e-9)
        assert found.loc["CFM", f"median_frequency_Hz_{end}"] == pytest.approx(
            median_frequency(FREQUENCY, Q), rel=1e-9
        )


def test_diverged_trials_are_left_out():
    power = spectra(6)
    power["CFM"][0] = None
    fewer = {model: own[1:] for model, own in power.items()}
    ends = ["spectral_distance_low", "spectral_distance_high"]
    (low, high), found = (spectral(each).loc["CFM", ends] for each in (fewer, power))
    P, Q = (np.mean(fewer[model], axis=0) for model in ("LIF", "CFM"))
    assert low < spectral_distance(P, Q) < high
    np.testing.assert_allclose(found, (low, high), rtol=0, atol=0.25 * (high - low))


def test_spectra_without_power_have_no_interval():
    power = {"LIF": [np.zeros(200)] * 3, "CFM": [np.zeros(200)] * 3}
    found = spectral(power)
    told = [name for name in found if name.endswith(("mean", "trials"))]
    assert found.drop(columns=told).isna().all().all()
