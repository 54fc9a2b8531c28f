"""Lists of values, as every command reads them, and the points of a sweep."""

import math
from decimal import Decimal, DecimalException

import numpy as np
from brian2 import have_same_dimensions

from analysis.axes import PLANE
from models.constants import MEANINGS
from models.parameters import DIGITS, UNITS
from study.command.arguments import check_name, value_from
from study.command.flags import GRIDS
from study.command.parser import UsageError

LARGEST = 10_000  # values in one list
MOST_TRIALS = 200_000
"""The trials of a sweep: each is a job in memory, a task of Dask's scheduler and a file of one
folder. So many take half a minute and 0.6 GB to list; 451 points of 100 trials are 45,100."""


def grid_from(arguments):
    """Return the values of p and of lambda that the command line asks for, ascending.

    Raises
    ------
    UsageError
        Names the flag, the rule and the value.
    """
    given = {"--p": arguments.p, "--lam": arguments.lam}
    if arguments.grid:
        for flag, text in given.items():
            if text is not None:
                raise UsageError(f"{flag}: must not stand beside --grid, got {text}")
        given = dict(zip(given, GRIDS[arguments.grid]))
    for flag, text in given.items():
        if text is None:
            raise UsageError(f"{flag}: must be given, or --grid instead of --p and --lam")
    return tuple(values_from(flag, text) for flag, text in given.items())


def varied_from(arguments):
    """Return the values of each parameter that --vary names, ascending, in SI units.

    Raises
    ------
    UsageError
        Names the flag, the rule and the value.
    """
    found = {}
    for given in arguments.vary:
        name, equals, text = (part.strip() for part in given.partition("="))
        if not equals:
            raise UsageError(f"--vary: must be NAME=VALUES, got {given}")
        if name in PLANE:
            raise UsageError(f"--vary: {name} has a flag of its own, --{name}, got {given}")
        check_name("--vary", name, [n for n in MEANINGS if n not in PLANE], given)
        if name in found:
            raise UsageError(f"--vary {name}: must be given once, got it again as {given}")
        found[name] = sorted(_with_unit(f"--vary {name}", name, text))
    return found


def _with_unit(flag, name, text):
    """Read a list whose unit stands at its end: 0.01:0.05:0.01*nS."""
    numbers, star, unit = text.partition("*")

    def read(flag, value, text):
        value = value_from(flag, name, f"{value}{star}{unit}")
        wanted = UNITS.get(name, 1)
        if not have_same_dimensions(value, wanted):
            told = f"of the dimensions of {wanted}, the unit at the end" if name in UNITS else ""
            raise UsageError(f"{flag}: must be numbers {told}".rstrip() + f", got {text}")
        return value if isinstance(value, int) else float(np.asarray(value))

    return listed(flag, numbers, read)


def check_size(axes, trials, members=1):
    """Raise UsageError where a sweep has more trials than can be kept, before they are listed."""
    number = math.prod(map(len, axes.values())) * members
    if (total := number * trials) > MOST_TRIALS:
        flags = ", ".join(f"--{n}" if n in PLANE else f"--vary {n}" for n in axes)
        points = f"{number} points ({flags})"
        rule = f"must be {MOST_TRIALS} or fewer in all"
        raise UsageError(f"--trials: {rule}, got {points} of {trials} trials, {total} in all")


def values_from(flag, text):
    """Read numbers and ranges in [0, 1]; return them ascending."""
    return sorted(listed(flag, text, fraction))


def listed(flag, text, read):
    """Read numbers and ranges START:STOP:STEP, both ends included, separated by commas.

    They are counted in decimals, so that 0:1:0.05 gives 0.15, the number that is written so.

    Parameters
    ----------
    flag, text : str
    read : callable
        Turns (flag, a decimal, the text that it stands in) into a value, or raises UsageError.

    Returns
    -------
    list
        In the order given.
    """
    found = [value for part in text.split(",") for value in _part(flag, part.strip(), text, read)]
    if len(found) > LARGEST:
        raise UsageError(f"{flag}: must be {LARGEST} values or fewer, got {len(found)} in {text}")
    seen = set()
    for value in found:
        if value in seen:
            raise UsageError(f"{flag}: must name each value once, got {value:g} twice in {text}")
        seen.add(value)
    return found


def fraction(flag, value, text):
    """Turn a decimal into a number in [0, 1]."""
    if not 0 <= value <= 1:
        raise UsageError(f"{flag}: {flag[2:]} must lie in [0, 1], got {value:g} in {text}")
    if 0 < value < 10.0**-DIGITS:
        raise UsageError(f"{flag}: {flag[2:]} must be 0 or 1e-{DIGITS} or more, got {text}")
    return float(value) + 0.0  # + 0.0: -0 is 0


def _part(flag, part, text, read):
    """Read one number or one range."""
    pieces = [_decimal(piece) for piece in part.split(":")]
    if len(pieces) not in (1, 3) or None in pieces:
        rule = "must be numbers or START:STOP:STEP, separated by commas"
        raise UsageError(f"{flag}: {rule}, got {text}")
    if len(pieces) == 1:
        return [read(flag, pieces[0], text)]
    start, stop, step = pieces
    if step <= 0:
        raise UsageError(f"{flag}: STEP must be positive, got {part}")
    if start > stop:
        raise UsageError(f"{flag}: START must not exceed STOP, got {part}")
    read(flag, start, text), read(flag, stop, text)
    if stop - start >= LARGEST * step:
        raise UsageError(f"{flag}: must be {LARGEST} values or fewer, got {part}")
    if (stop - start) % step:
        raise UsageError(f"{flag}: STEP must divide STOP - START, got {part}")
    return [read(flag, start + k * step, text) for k in range(int((stop - start) / step) + 1)]


def _decimal(text):
    """Return the finite decimal number that a text says, or None."""
    if not text.isascii() or "_" in text:
        return None
    try:
        value = Decimal(text)
    except DecimalException:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 1000 else None
