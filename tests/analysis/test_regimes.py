"""Regimes: one label per region, sharp borders, no label without its measures."""

import math

import pytest

from analysis import regimes
from analysis.regimes import regime


@pytest.mark.parametrize(
    ("rate_Hz", "spike_contrast", "median_frequency_Hz", "expected"),
    [
        (0.0, math.nan, math.nan, "silent"),
        (0.0, math.nan, 3.0, "silent"),
        (0.01, 0.9, 10.0, "silent"),
        (0.5, math.nan, 10.0, "silent"),
        (1.4, 0.10, 9.9, "asynchronous"),  # unconnected
        (1.4, 0.0, math.nan, "asynchronous"),
        (2.0, 0.12, 4.4, "asynchronous"),  # p = 0.2, lam = 0.8
        (2.9, 0.155, 5.8, "asynchronous"),  # p = 0.2, lam = 1
        (4.4, 0.32, 1.8, "low-frequency synchronous"),  # p = 0.3, lam = 0.8
        (10.0, 0.56, 8.6, "low-frequency synchronous"),  # p = 0.4, lam = 0.8
        (12.2, 0.85, 11.3, "low-frequency synchronous"),  # p = 0.6, lam = 0.8
        (14.0, 0.96, 13.2, "low-frequency synchronous"),  # p = 1, lam = 0.8
        (103.0, 0.76, 98.9, "high-frequency synchronous"),  # p = 0.6, lam = 1
        (103.0, 1.0, 125.0, "high-frequency synchronous"),
        (200.0, 1.0, math.nan, "high-frequency synchronous"),  # held at the reset: V is constant
        (12.0, 0.9, math.nan, "low-frequency synchronous"),
    ],
)
def test_the_plane_at_the_default_parameters(
    rate_Hz, spike_contrast, median_frequency_Hz, expected
):
    assert regime(rate_Hz, spike_contrast, median_frequency_Hz) == expected


def test_a_border_belongs_to_the_region_above():
    rate, contrast, frequency = (
        regimes.SILENT_RATE_Hz,
        regimes.SYNCHRONOUS_CONTRAST,
        regimes.HIGH_FREQUENCY_Hz,
    )
    assert regime(rate, 0.0, 1.0) == "asynchronous"
    assert regime(math.nextafter(rate, 0), 0.0, 1.0) == "silent"
    assert regime(1.0, contrast, 1.0) == "low-frequency synchronous"
    assert regime(1.0, math.nextafter(contrast, 0), 1.0) == "asynchronous"
    assert regime(1.0, contrast, frequency) == "high-frequency synchronous"
    assert regime(1.0, contrast, math.nextafter(frequency, 0)) == "low-frequency synchronous"
    assert regime(frequency, contrast, math.nan) == "high-frequency synchronous"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 0.5, 10), "rate_Hz must not be negative, got -1"),
        ((math.nan, 0.5, 10), "rate_Hz must not be negative, got nan"),
        ((5, 1.5, 10), r"spike_contrast must lie in \[0, 1\], got 1.5"),
        ((5, -0.1, 10), r"spike_contrast must lie in \[0, 1\], got -0.1"),
        ((5, 0.5, 0), "rhythm_Hz must be positive, got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        regime(*arguments)
