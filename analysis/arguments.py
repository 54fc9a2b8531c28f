"""What every measure demands of its arguments, checked once, at the door."""

import numpy as np

ROUNDING = 1e-9
"""What rounding may add to a number, as a part of it, where it is compared with another."""
EDGE = 1e-12
"""The same of one division: what lies on an edge belongs to what lies inside."""


def require_positive(value, name):
    """Raise ValueError unless a number is positive and finite."""
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")


def finite_array(values, name, ndim=1):
    """Return values as an array of floats, or raise ValueError.

    Parameters
    ----------
    values : array_like, `ndim` dimensions
        Anything that `numpy.asarray` turns into floats.
    name : str
        The argument's name, for the message.
    ndim : int
        The number of dimensions demanded.

    Returns
    -------
    ndarray of float64
        The values, copied only where they were of another type.

    Raises
    ------
    ValueError
        If the number of dimensions differs or a value is NaN or infinite.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} must be finite, got {array[~finite][0]}")
    return array
