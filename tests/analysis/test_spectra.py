"""Spectra: closed forms, an independent transcription, invariances, what has no power."""

import math

import numpy as np
import pytest

from analysis.spectra import is_constant, median_frequency, power_spectrum


def noise(n=4000, seed=1):
    return np.random.default_rng(seed).standard_normal(n)


def literal_periodogram(V_mV, dt_ms):
    """Transcribe the definition: mean removed, Hamming window, one-sided density."""
    n = len(V_mV)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(n) / n)
    spectrum = np.fft.fft((V_mV - np.mean(V_mV)) * window)
    density = np.abs(spectrum) ** 2 / (1000 / dt_ms * np.sum(window**2))
    kept = np.arange(1, (n + 1) // 2)  # without 0 and, for even n, without Nyquist
    return kept * 1000 / dt_ms / n, 2 * density[kept]


@pytest.mark.parametrize("n", [2000, 2001])
@pytest.mark.parametrize("dt_ms", [0.1, 0.25])
def test_equals_the_literal_transcription(n, dt_ms):
    V_mV = -60 + noise(n)
    frequency_Hz, power = power_spectrum(V_mV, dt_ms, band_Hz=400)
    expected_Hz, expected = literal_periodogram(V_mV, dt_ms)
    band = expected_Hz <= 400 + 1e-9
    np.testing.assert_allclose(frequency_Hz, expected_Hz[band], rtol=1e-12)
    np.testing.assert_allclose(power, expected[band], rtol=1e-9)


def test_the_band_of_the_paper_has_13500_bins_up_to_its_end():
    frequency_Hz, _ = power_spectrum(noise(270_000), 0.1)
    assert frequency_Hz.size == 13_500
    assert frequency_Hz[0] == pytest.approx(1 / 27)
    assert frequency_Hz[-1] == pytest.approx(500)


@pytest.mark.parametrize("n", [1000, 2700, 3300, 9000])
def test_a_bin_on_the_end_of_the_band_is_kept_in_spite_of_rounding(n):
    for bins in range(1, 40):
        frequency_Hz, _ = power_spectrum(noise(n), 0.1, band_Hz=bins * 10_000 / n)
        assert frequency_Hz.size == bins


def test_a_sine_on_a_bin_has_its_closed_form_height():
    n, dt_ms, amplitude_mV = 10_000, 0.1, 3.0  # 1 s, resolution 1 Hz
    t_s = np.arange(n) * dt_ms / 1000
    V_mV = -70 + amplitude_mV * np.sin(2 * np.pi * 12 * t_s)
    frequency_Hz, power = power_spectrum(V_mV, dt_ms)
    # |sum of window|^2 / (sum of window^2), per Hz, times the mean square of the sine
    window_gain = 0.54**2 / (0.54**2 + 0.46**2 / 2) * n * dt_ms / 1000
    assert power[frequency_Hz == 12.0] == pytest.approx(amplitude_mV**2 / 2 * window_gain)
    assert median_frequency(frequency_Hz, power) == pytest.approx(12, abs=1)
    far = np.abs(frequency_Hz - 12) > 1.5
    assert power[far].max() < 1e-20


def test_white_noise_has_the_density_two_sigma_squared_dt():
    n, dt_ms, sigma_mV = 200_000, 0.5, 2.0
    _, power = power_spectrum(sigma_mV * noise(n), dt_ms)
    expected = 2 * sigma_mV**2 * dt_ms / 1000
    # The Hamming window correlates neighbours: count every third bin as independent. 5 s.d.
    assert power.mean() == pytest.approx(expected, rel=5 / math.sqrt(power.size / 3))


def test_power_ignores_an_offset_and_is_quadratic_in_the_amplitude():
    V_mV = noise()
    _, power = power_spectrum(V_mV, 0.1)
    np.testing.assert_allclose(power_spectrum(V_mV + 40, 0.1)[1], power, rtol=1e-9)
    np.testing.assert_allclose(power_spectrum(-3 * V_mV, 0.1)[1], 9 * power, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, -70.0, -58.123456789, 1e-300, 1e9])
def test_a_constant_series_has_no_power_and_no_median_frequency(value):
    frequency_Hz, power = power_spectrum(np.full(1234, value), 0.1)
    assert power.shape == frequency_Hz.shape
    assert np.all(power == 0)
    assert math.isnan(median_frequency(frequency_Hz, power))


def test_rounding_is_no_power_and_small_dynamics_are():
    rounding = -70 + np.spacing(70.0) * np.random.default_rng(2).integers(-20, 21, 5000)
    assert is_constant(rounding)
    assert np.all(power_spectrum(rounding, 0.1)[1] == 0)
    small = -70 + 1e-9 * np.sin(2 * np.pi * 0.02 * np.arange(5000))  # 200 Hz
    assert not is_constant(small)
    assert median_frequency(*power_spectrum(small, 0.1)) == pytest.approx(200, abs=2)


def test_whether_a_series_is_constant_does_not_depend_on_its_unit():
    for scale in (1e-3, 1, 1e150):
        assert not is_constant(scale * np.array([0.0, 1e-200, 0.0]))
        assert not is_constant(scale * np.array([1.0, 1.0 + 1e-10]))
        assert is_constant(scale * np.array([1.0, 1.0 + 1e-14]))


def test_median_frequency_of_a_flat_spectrum_is_the_middle_of_the_band():
    frequency_Hz = np.arange(1, 1001) / 2
    assert median_frequency(frequency_Hz, np.ones(1000)) == pytest.approx(250)


def test_median_frequency_is_interpolated_between_bins():
    frequency_Hz = np.array([10.0, 20.0, 30.0])
    assert median_frequency(frequency_Hz, [1, 2, 1]) == 15  # cumulative 1, 3, 4: half is 2
    assert median_frequency(frequency_Hz, [2, 0, 2]) == 10  # reached at 10 Hz already
    assert median_frequency(frequency_Hz, [1, 0, 3]) == pytest.approx(20 + 10 / 3)
    assert median_frequency(frequency_Hz, [9, 1, 1]) == 10  # all that is known
    assert median_frequency([7.0], [3.0]) == 7


def test_median_frequency_of_an_exponential_spectrum():
    scale_Hz = 20.0
    frequency_Hz = np.arange(1, 50_001) / 100
    power = np.exp(-frequency_Hz / scale_Hz)
    assert median_frequency(frequency_Hz, power) == pytest.approx(scale_Hz * math.log(2), abs=0.01)


def test_median_frequency_equals_numpy_interpolation_and_ignores_the_unit_of_power():
    rng = np.random.default_rng(3)
    frequency_Hz = np.arange(1, 301) / 3
    for _ in range(50):
        power = rng.exponential(1 / frequency_Hz)
        cumulative = np.cumsum(power) / power.sum()
        median_Hz = median_frequency(frequency_Hz, power)
        assert median_Hz == pytest.approx(np.interp(0.5, cumulative, frequency_Hz), abs=1e-9)
        assert median_frequency(frequency_Hz, 1e-9 * power) == pytest.approx(median_Hz)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((noise(), -1), "dt_ms must be positive, got -1"),
        ((noise(), 0), "dt_ms must be positive, got 0"),
        ((noise(), math.nan), "dt_ms must be positive, got nan"),
        ((noise(), math.inf), "dt_ms must be finite, got inf"),
        ((noise(), 0.1, 0), "band_Hz must be positive, got 0"),
        ((noise(), 2), "band_Hz must not exceed half the sampling rate, 250 Hz, got 500.0"),
        ((noise(10), 0.1), "V_mV must last at least one period of band_Hz = 500.0, got 10 sample"),
        (([], 0.1), "V_mV must last at least one period of band_Hz = 500.0, got 0 sample"),
        (([[1.0, 2.0]], 0.1), r"V_mV must have 1 dimension\(s\), got shape \(1, 2\)"),
        (([1.0, math.nan], 0.1), "V_mV must be finite, got nan"),
        (([1.0, -math.inf], 0.1), "V_mV must be finite, got -inf"),
    ],
)
def test_power_spectrum_names_the_argument_the_rule_and_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        power_spectrum(*arguments)


@pytest.mark.parametrize(
    ("frequency_Hz", "power", "message"),
    [
        ([1.0, 2.0], [1.0], "must have the same length, at least 1, got 2 and 1"),
        ([], [], "must have the same length, at least 1, got 0 and 0"),
        ([2.0, 1.0], [1.0, 1.0], "frequency_Hz must ascend, got a step of -1.0 Hz"),
        ([1.0, 2.0], [1.0, -3.0], "power must not be negative, got -3.0"),
        ([1.0, 2.0], [1.0, math.inf], "power must be finite, got inf"),
        ([1.0, math.nan], [1.0, 1.0], "frequency_Hz must be finite, got nan"),
    ],
)
def test_median_frequency_names_the_argument_the_rule_and_the_value(frequency_Hz, power, message):
    with pytest.raises(ValueError, match=message):
        median_frequency(frequency_Hz, power)
