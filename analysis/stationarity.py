"""Whether a population's rate is that of one state all through a record."""

import numpy as np
from scipy.special import fdtrc

from analysis.arguments import finite_array, require_positive

ALPHA = 1e-5
"""Nominal level, of independent parts. Of stationary records of 27 s whose rates fluctuate by half,
with a corner frequency of 2 Hz, one in a hundred falls below it, of faster ones next to none
(`python -m study.calibration`)."""
WINDOW_ms = 1000.0
PARTS = 4
"""A window is compared with what its own quarters scatter."""
RELATIVE = 0.1
"""What is significant and smaller than this part of the rate, on a logarithmic scale, is no change
of state."""
FEWEST = 5
"""Windows without which nothing is said."""


def stationarity_pvalue(count, dt_ms):
    """Test whether a population's rate varies between windows as it does within them.

    The record is cut into windows of `WINDOW_ms`, each into `PARTS`. An analysis of variance of the
    logarithms of the parts' spike counts (plus one) compares the mean square between windows with
    that between the parts of one window. If the parts are independent and alike and their
    logarithms normal, the ratio follows F(W - 1, W (PARTS - 1)).

    Parameters
    ----------
    count : array_like, shape (K,)
        Spikes of the whole population in each step.
    dt_ms : float
        Length of a step in ms.

    Returns
    -------
    pvalue : float
        NaN where the record has fewer than `FEWEST` windows or no spike.
    excess : float
        The standard deviation of the windows' log rates beyond what their parts explain: 0.1 is
        about a tenth of the rate.

    Raises
    ------
    ValueError
        The counts are not one-dimensional and finite, or the step is not positive.
    """
    count = finite_array(count, "count")
    require_positive(dt_ms, "dt_ms")
    part = round(WINDOW_ms / PARTS / dt_ms)
    windows = count.size // (part * PARTS) if part else 0
    if windows < FEWEST or not count.any():
        return float("nan"), float("nan")
    kept = count[count.size - windows * PARTS * part :]
    parts = np.log1p(kept.reshape(windows, PARTS, part).sum(axis=2))
    means = parts.mean(axis=1)
    between = PARTS * means.var(ddof=1)
    within = np.square(parts - means[:, None]).sum() / (windows * (PARTS - 1))
    excess = np.sqrt(max(between - within, 0.0) / PARTS)
    if within == 0.0:
        return (1.0 if between == 0.0 else 0.0), float(excess)
    pvalue = fdtrc(windows - 1, windows * (PARTS - 1), between / within)
    return float(pvalue), float(excess)


def is_not_stationary(count, dt_ms):
    """Tell whether the rate changes within a record by more than its own fluctuations explain.

    Where `stationarity_pvalue` is below `ALPHA` and the excess above `RELATIVE`.

    Parameters
    ----------
    count, dt_ms
        As `stationarity_pvalue`.

    Returns
    -------
    bool
    """
    pvalue, excess = stationarity_pvalue(count, dt_ms)
    return bool(pvalue < ALPHA and excess > RELATIVE)
