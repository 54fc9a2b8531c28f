"""Lags: delayed copies, a direct sum, AR(1) and oscillators with known answers, p-values."""

import math

import numpy as np
import pytest
from confidence import ALARM, Z
from scipy.signal import lfilter
from scipy.stats import binom, chi2, kstest, norm, pearsonr

from analysis.lags import Lag, cross_correlation, humps, lag
from analysis.significance import critical_correlation, effective_samples, pooled_pvalue


def autoregressive(rng, coefficient, n):
    """One stationary AR(1) series: r(k) = coefficient^k."""
    start = rng.standard_normal() / math.sqrt(1 - coefficient**2)
    return lfilter([1], [1, -coefficient], rng.standard_normal(n), zi=[coefficient * start])[0]


def noise(n, seed=1):
    return np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("delay", [-40, -1, 0, 1, 23])
def test_the_lag_of_a_delayed_copy_is_the_delay_with_its_sign(delay):
    x = noise(5000)
    network, model = x[100:4900], x[100 - delay : 4900 - delay]  # model(t) = network(t - delay)
    result = lag(-60 + 0.2 * model, -55 + 3 * network, 0.1)
    assert result.tau_max_ms == pytest.approx(0.1 * delay)
    assert result.rho == pytest.approx(1, abs=0.02)
    if delay > 0:
        assert result.tau_max_ms > 0  # the model lags behind


def test_the_largest_correlation_is_positive_even_beside_a_stronger_negative_one():
    t_ms = np.arange(0, 1000, 0.5)
    network = np.sin(2 * np.pi * t_ms / 100)
    result = lag(-network, network, 0.5, max_lag_ms=60)
    assert abs(result.tau_max_ms) == pytest.approx(50, abs=2)
    assert 0.9 < result.rho < 1


def test_a_low_pass_filter_lags_behind_its_input():
    rng = np.random.default_rng(2)
    network = autoregressive(rng, 0.99, 50_000)
    model = lfilter([0.01], [1, -0.99], network)
    assert lag(model, network, 0.1).tau_max_ms > 1


def test_equals_the_direct_sum():
    rng = np.random.default_rng(3)
    model, network = rng.normal(-60, 3, 200), rng.normal(5, 0.1, 200)
    lag_ms, correlation = cross_correlation(model, network, 0.5, max_lag_ms=20)
    x, y = ((z - z.mean()) / z.std() for z in (model, network))
    assert lag_ms == pytest.approx(np.arange(-40, 41) * 0.5)
    for tau, value in zip(range(-40, 41), correlation):
        total = sum(x[t + tau] * y[t] for t in range(200) if 0 <= t + tau < 200)
        assert value == pytest.approx(total / 200, abs=1e-12)


def test_without_a_lag_it_is_pearson():
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((2, 500))
    y = y + 0.1 * x
    result = lag(x, y, 0.1, max_lag_ms=0)
    expected = pearsonr(x, y)
    assert result.tau_max_ms == 0
    assert result.rho == pytest.approx(expected.statistic)
    # Fisher's transformation is an approximation to the exact p-value: 1 % of z, up to r = 0.35
    z, exact = norm.isf([result.pvalue_nominal / 2, expected.pvalue / 2])
    assert z == pytest.approx(exact, rel=0.01)


def test_fisher_pvalue_has_its_closed_form():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((2, 500))
    result = lag(x, y, 1, max_lag_ms=30)
    for pvalue, n in ((result.pvalue_nominal, 500), (result.pvalue, result.n_eff)):
        z = 0.5 * math.log((1 + result.rho) / (1 - result.rho)) * math.sqrt(n - 3)
        assert pvalue == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-9)


def test_exchanging_the_series_mirrors_the_lags():
    rng = np.random.default_rng(6)
    x, y = autoregressive(rng, 0.9, 1000), autoregressive(rng, 0.5, 1000)
    lag_ms, forward = cross_correlation(x, y, 0.1, 10)
    _, backward = cross_correlation(y, x, 0.1, 10)
    np.testing.assert_allclose(backward[::-1], forward, atol=1e-12)
    np.testing.assert_allclose(lag_ms[::-1], -lag_ms)


def test_offset_scale_and_unit_of_time_change_nothing_else():
    rng = np.random.default_rng(7)
    x = autoregressive(rng, 0.9, 3000)
    y = np.roll(x, -5) + rng.standard_normal(3000)
    expected = lag(x, y, 0.1, 10)
    assert lag(7 * x - 60, 0.01 * y + 3, 0.1, 10) == pytest.approx(expected)
    slower = lag(x, y, 0.2, 20)
    assert slower.tau_max_ms == pytest.approx(2 * expected.tau_max_ms)
    assert slower[1:] == pytest.approx(expected[1:])


@pytest.mark.parametrize("dt_ms", [0.1, 0.3, 0.05, 0.7])
def test_the_largest_lag_is_included_in_spite_of_rounding(dt_ms):
    for steps in range(60):
        lag_ms, correlation = cross_correlation(noise(100), noise(100, 2), dt_ms, steps * dt_ms)
        assert lag_ms.size == correlation.size == 2 * steps + 1
        assert lag_ms[-1] == -lag_ms[0] == pytest.approx(steps * dt_ms)


@pytest.mark.parametrize(
    ("a", "b", "sd"),
    [(0.9, 0.8, 0.009), (0.99, 0.99, 0.032), (0.0, 0.95, 0.008), (0.5, 0.5, 0.004)],
)
def test_effective_samples_of_ar1_series(a, b, sd):
    """Within the relative s.d. that 60 draws had."""
    rng = np.random.default_rng(8)
    n = 200_000
    x, y = autoregressive(rng, a, n), autoregressive(rng, b, n)
    expected = n * (1 - a * b) / (1 + a * b)
    assert effective_samples(x, y) == pytest.approx(expected, rel=Z * sd)


def test_effective_samples_of_oscillators():
    # r(k) = cos(w k) exp(-k / s) for both: the sum of r^2 is known
    rng = np.random.default_rng(9)
    n, w, s = 200_000, 2 * math.pi / 100, 300.0
    decay = math.exp(-1 / s)
    k = np.arange(1, 20_000)
    total = 1 + 2 * np.sum((np.cos(w * k) * np.exp(-k / s)) ** 2)
    # the real part of a complex AR(1) series has this autocorrelation exactly
    x, y = (
        lfilter(
            [1],
            [1, -decay * np.exp(1j * w)],
            rng.standard_normal(n + 5000) + 1j * rng.standard_normal(n + 5000),
        ).real[5000:]
        for _ in range(2)
    )
    assert effective_samples(x, y) == pytest.approx(n / total, rel=Z * 0.04)  # s.d. over 60 draws


def test_effective_samples_do_not_depend_on_the_step():
    rng = np.random.default_rng(10)
    x, y = autoregressive(rng, 0.995, 100_000), autoregressive(rng, 0.995, 100_000)
    every_sample, every_tenth = effective_samples(x, y), effective_samples(x[::10], y[::10])
    assert every_tenth == pytest.approx(every_sample, rel=Z * 0.002)  # likewise


def test_effective_samples_are_at_most_all_of_them():
    rng = np.random.default_rng(11)
    x, y = autoregressive(rng, 0.8, 10_000), autoregressive(rng, -0.8, 10_000)
    assert effective_samples(x, y) == 10_000  # the formula alone gives 45,556
    result = lag(x, y, 1, 0)
    assert result.pvalue == result.pvalue_nominal


def test_effective_samples_are_unknown_in_a_record_without_a_window():
    t = np.arange(2000)
    assert math.isnan(effective_samples(t, t))  # a trend
    result = lag(np.sin(0.01 * t), np.sin(0.01 * t + 0.3), 0.1, 100)  # three periods
    assert math.isnan(result.n_eff)
    assert math.isnan(result.pvalue)
    assert result.pvalue_nominal == 0


def test_pvalue_is_uniform_for_unrelated_series_and_the_nominal_one_is_not():
    rng = np.random.default_rng(12)
    n, repetitions = 3000, 400
    results = [
        lag(autoregressive(rng, 0.95, n), autoregressive(rng, 0.9, n), 1.0, max_lag_ms=0)
        for _ in range(repetitions)
    ]
    assert kstest([result.pvalue for result in results], "uniform").pvalue > ALARM
    nominal = np.count_nonzero([result.pvalue_nominal < 0.01 for result in results])
    assert nominal > binom.ppf(1 - 1e-9, repetitions, 0.01)


def test_the_scatter_of_the_correlation_is_one_over_the_effective_samples():
    rng = np.random.default_rng(13)
    n, repetitions = 3000, 400
    results = [
        lag(autoregressive(rng, 0.97, n), autoregressive(rng, 0.97, n), 1.0, max_lag_ms=0)
        for _ in range(repetitions)
    ]
    ratio = sum(result.rho**2 * result.n_eff for result in results)
    # chi-square with one degree of freedom each, two-sided; 6 % bias of r in n samples
    low, high = chi2.interval(1 - ALARM, repetitions)
    assert 0.94 * low < ratio < 1.06 * high


def test_equal_series_are_certain_at_lag_zero():
    x = autoregressive(np.random.default_rng(14), 0.9, 4000)
    result = lag(x, x, 0.1)
    assert result.tau_max_ms == 0
    assert result.rho == pytest.approx(1)
    assert result.pvalue < 1e-300
    assert result.pvalue_nominal < 1e-300


@pytest.mark.parametrize("constant", [0.0, -70.0, -58.123456789])
def test_a_constant_series_has_no_correlation(constant):
    flat, series = np.full(3000, constant), noise(3000)
    for pair in ((flat, series), (series, flat), (flat, flat)):
        assert np.isnan(lag(*pair, 0.1)).all()
        lag_ms, correlation = cross_correlation(*pair, 0.1, 5)
        assert np.isnan(correlation).all()
        assert lag_ms.size == correlation.size == 101
        assert math.isnan(effective_samples(*pair))
    assert isinstance(lag(flat, flat, 0.1), Lag)


def test_three_samples_bear_no_pvalue():
    result = lag([1.0, 2.0, 4.0], [2.0, 1.0, 3.0], 0.1, 0.1)
    assert math.isnan(result.pvalue)
    assert math.isnan(result.pvalue_nominal)
    assert -1 <= result.rho <= 1


@pytest.mark.parametrize("measure", [cross_correlation, lag])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (noise(9), noise(8), 0.1),
            "model_mV and network_mV must have the same length, at least 2, got 9 and 8",
        ),
        (([1.0], [1.0], 0.1), "same length, at least 2, got 1 and 1"),
        (([1.0, math.nan], [1.0, 2.0], 0.1), "model_mV must be finite, got nan"),
        (([1.0, 2.0], [1.0, math.inf], 0.1), "network_mV must be finite, got inf"),
        ((noise(9), [noise(9)], 0.1), r"network_mV must have 1 dimension\(s\), got shape \(1, 9"),
        ((noise(9), noise(9), -1), "dt_ms must be positive, got -1"),
        ((noise(9), noise(9), 0.1, -5), "max_lag_ms must not be negative, got -5"),
        ((noise(9), noise(9), 0.1, math.nan), "max_lag_ms must not be negative, got nan"),
        ((noise(9), noise(9), 0.1), "max_lag_ms must be shorter than the record, 0.9 ms, got 250"),
    ],
)
def test_bad_arguments_are_named(measure, arguments, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments)


def test_effective_samples_name_their_arguments():
    with pytest.raises(ValueError, match="x and y must have the same length, at least 2, got 3 a"):
        effective_samples(noise(3), noise(4))


def test_a_correlation_that_grows_beyond_the_window_has_no_lag():
    rng = np.random.default_rng(8)
    network = lfilter([1], [1, -0.99], rng.normal(size=30_000))
    late = np.roll(network, 400)  # 40 ms
    found = lag(late, network, 0.1, 30)
    assert found.at_edge and np.isnan([found.tau_max_ms, found.rho, found.pvalue]).all()
    assert 0 < found.rho_0 < 1 and found.n_eff > 3
    for window_ms in (40, 50):  # a maximum on the edge is one
        found = lag(late, network, 0.1, window_ms)
        assert found.tau_max_ms == pytest.approx(40) and not found.at_edge


def test_the_correlation_at_lag_0_stands_beside_the_largest():
    """A maximum over lags hides that two series move against each other."""
    t = np.arange(30_000) * 0.1
    network, model = np.sin(2 * np.pi * t / 100), -np.sin(2 * np.pi * t / 100)
    found = lag(model, network, 0.1)
    assert found.rho > 0.98 and found.rho_0 == pytest.approx(-1)
    assert found.rho_0 == pytest.approx(np.corrcoef(model, network)[0, 1])


def test_trials_in_another_hump_are_counted():
    lag_ms = np.linspace(-50, 50, 1001)
    mean = np.exp(-((lag_ms + 20) ** 2) / 50) + 0.6 * np.exp(-((lag_ms - 20) ** 2) / 50)
    assert humps(lag_ms, mean, [-20, -18, -23, np.nan]) == 0
    assert humps(lag_ms, mean, [-20, 20, 21, -19]) == 2


def test_ten_trials_are_significant_from_three_quarters_on():
    rho = critical_correlation(10)
    assert rho == pytest.approx(0.75, abs=0.005)
    assert pooled_pvalue([rho], [10]) == pytest.approx(0.01)
    assert np.isnan(critical_correlation(3))
