"""Power spectrum of a mean potential and its median frequency."""

import numpy as np
from scipy.signal import periodogram

from analysis.arguments import EDGE, finite_array, require_positive

# A range below this fraction of the largest magnitude is rounding, not dynamics. A double
# resolves 2e-16 of its size and the mean over 10,000 neurons loses at most a few hundred of
# these units, so 1e-12 lies above any rounding; at 70 mV it is 7e-11 mV, seven orders of
# magnitude below the smallest fluctuation that noise leaves in the mean of a real network.
ROUNDING = 1e-12


def is_constant(series):
    """Tell whether a series varies by no more than the rounding of its own numbers.

    Parameters
    ----------
    series : ndarray, shape (n,)
        Samples, in any unit: the rule has no scale of its own.

    Returns
    -------
    bool
        True where max - min <= `ROUNDING` max(abs(x)).
    """
    return bool(np.ptp(series) <= ROUNDING * np.abs(series).max())


def power_spectrum(V_mV, dt_ms, band_Hz=500.0):
    """Estimate the one-sided power spectral density of a mean potential.

    The periodogram of the whole record, mean removed, under one Hamming window (Methods, Data
    Analysis: "a discrete Fourier transform after boundary correction using a Hamming window").
    Average it over trials before anything is derived from it.

    Parameters
    ----------
    V_mV : array_like, shape (n,)
        Mean potential in mV, transient dropped.
    dt_ms : float
        Sampling step in ms.
    band_Hz : float
        Upper end of the band in Hz. The bins with 0 < f <= band_Hz are kept.

    Returns
    -------
    frequency_Hz : ndarray, shape (L,)
        Frequencies in Hz, spaced by 1 / (n dt).
    power : ndarray, shape (L,)
        Power spectral density in mV^2/Hz.

    Raises
    ------
    ValueError
        If the series is not one-dimensional and finite, the step or the band not positive, the
        band beyond half the sampling rate, or the record too short for one bin in the band.

    Notes
    -----
    **Assumptions.** The record is stationary. A constant series has exactly zero power: left to
    itself, the mean removed from a constant leaves rounding near 1e-30 mV^2/Hz, whose median
    frequency looks like a result. See `is_constant` for what counts as constant.
    """
    V_mV = finite_array(V_mV, "V_mV")
    require_positive(dt_ms, "dt_ms")
    require_positive(band_Hz, "band_Hz")
    rate_Hz = 1000.0 / dt_ms
    tolerance = 1.0 + EDGE  # a bin that lies on the end of the band belongs to it
    if band_Hz > rate_Hz / 2.0 * tolerance:
        raise ValueError(
            f"band_Hz must not exceed half the sampling rate, {rate_Hz / 2:g} Hz, got {band_Hz}"
        )
    if V_mV.size < 2 or rate_Hz / V_mV.size > band_Hz * tolerance:
        raise ValueError(
            f"V_mV must last at least one period of band_Hz = {band_Hz}, "
            f"got {V_mV.size} sample(s) of {dt_ms} ms"
        )
    frequency_Hz, power = periodogram(
        V_mV,
        fs=rate_Hz,
        window="hamming",
        detrend="constant",
        return_onesided=True,
        scaling="density",
    )
    band = (frequency_Hz > 0.0) & (frequency_Hz <= band_Hz * tolerance)
    if is_constant(V_mV):
        return frequency_Hz[band], np.zeros(np.count_nonzero(band))
    return frequency_Hz[band], power[band]


def median_frequency(frequency_Hz, power):
    """Find the frequency below which half of the power lies.

    The cumulative power, sum of `power` up to and including each bin, is interpolated linearly
    between bins; the median is where it first reaches one half of its last value.

    Parameters
    ----------
    frequency_Hz : array_like, shape (L,)
        Frequencies in Hz, ascending and evenly spaced: those of the band.
    power : array_like, shape (L,)
        Power in any unit, not negative.

    Returns
    -------
    float
        Median frequency in Hz. NaN where there is no power at all.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or not finite, the frequencies do not ascend,
        or a power is negative.

    Notes
    -----
    **Assumptions.** Nothing is known below the first bin: a spectrum with half of its power
    there has the first bin's frequency as its median. A single line is found to within one bin.
    """
    frequency_Hz = finite_array(frequency_Hz, "frequency_Hz")
    power = finite_array(power, "power")
    if frequency_Hz.size != power.size or power.size == 0:
        raise ValueError(
            "frequency_Hz and power must have the same length, at least 1, "
            f"got {frequency_Hz.size} and {power.size}"
        )
    if np.any(np.diff(frequency_Hz) <= 0.0):
        raise ValueError(
            f"frequency_Hz must ascend, got a step of {np.diff(frequency_Hz).min()} Hz"
        )
    if power.min() < 0.0:
        raise ValueError(f"power must not be negative, got {power.min()}")
    cumulative = np.cumsum(power)
    half = cumulative[-1] / 2.0
    if half == 0.0:
        return float("nan")
    above = int(np.searchsorted(cumulative, half))  # first bin that reaches one half
    if above == 0:
        return float(frequency_Hz[0])
    below = above - 1
    fraction = (half - cumulative[below]) / power[above]
    return float(frequency_Hz[below] + fraction * (frequency_Hz[above] - frequency_Hz[below]))
