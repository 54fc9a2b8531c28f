"""The rhythm of a population: how often its volleys come, and how regularly."""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import find_peaks

from analysis.arguments import finite_array, require_positive

LONGEST_ms = 1000.0
"""The slowest rhythm has this period: 1 Hz."""
BIN_ms = 1.0
HIGH = 2 / 3
"""The rhythm is the first maximum of at least this part of the highest one: the others are its
multiples, lower ones the shape of a volley."""
SIGNIFICANT = 4.5
"""So many standard errors (Bartlett) a maximum must rise above zero and the troughs beside it."""


def rhythm(count, dt_ms):
    """Find the frequency of a population's volleys by the autocorrelation of its spike counts.

    Counts are summed over 1 ms around each step. Of their sample autocorrelation r(k), up to lags
    of 1 s or half the record, those maxima count that rise above zero, and above the troughs
    beside them, by `SIGNIFICANT` standard errors, sqrt((1 + 2 sum of r(j)^2 over 0 < j < k) / n)
    (Bartlett), which allow for what is correlated already at shorter lags. The rhythm is the first
    of them that is at least `HIGH` times the highest, interpolated by a parabola.

    Parameters
    ----------
    count : array_like, shape (K,)
        Spikes of the whole population in each step, not negative.
    dt_ms : float
        Length of a step in ms.

    Returns
    -------
    rhythm_Hz : float
        NaN where no maximum is significant.
    strength : float
        The autocorrelation there, in [0, 1]: the part of the variance of the counts that comes
        again one period later; 0 without a rhythm, NaN where the counts are constant.

    Raises
    ------
    ValueError
        The counts are not one-dimensional and finite, or the step is not positive.
    """
    count = finite_array(count, "count")
    require_positive(dt_ms, "dt_ms")
    width = max(1, round(BIN_ms / dt_ms))
    summed = np.convolve(count, np.ones(width), "valid") if count.size >= width else count[:0]
    n, longest = summed.size, int(min(LONGEST_ms / dt_ms, summed.size // 2))
    centred = summed - summed.mean() if n else summed
    if longest < 3 or not centred.any():
        return float("nan"), float("nan")
    length = next_fast_len(n + longest, real=True)  # zeros keep the ends apart
    r = irfft(np.abs(rfft(centred, length)) ** 2, length)[: longest + 1]
    r /= r[0]
    tops, of_tops = find_peaks(r, prominence=0)
    error = np.sqrt((1 + 2 * (np.cumsum(np.square(r))[tops - 1] - 1)) / n)
    tops = tops[np.minimum(of_tops["prominences"], r[tops]) >= SIGNIFICANT * error]
    if not tops.size:
        return float("nan"), 0.0
    first = tops[np.argmax(r[tops] >= HIGH * r[tops].max())]
    before, here, after = r[first - 1 : first + 2]
    shift = 0.5 * (before - after) / (before - 2 * here + after)
    return float(1000.0 / ((first + shift) * dt_ms)), float(min(max(here, 0.0), 1.0))
