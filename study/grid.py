"""The points {p, lambda} of a sweep."""

import math

from study.arguments import UsageError

GRIDS = {
    "paper": ("0:1:0.05", "0.6,0.7,0.8,0.9,1.0"),  # 105 points: our reading of the paper's 105
    "fine": ("0:1:0.025", "0.5:1:0.05"),  # 451 points, those of `paper` among them
}
LARGEST = 10_000  # values of p, or of lambda
DIGITS = 12  # so that 0:1:0.05 gives 0.15, the number that is written 0.15


def add_grid_arguments(parser):
    """Add the flags that name the points."""
    add = parser.add_argument
    add("--grid", choices=GRIDS, help="the paper's 105 points, or 451 that include them")
    add("--p", metavar="VALUES", help="instead of --grid: 0:1:0.05 (both ends), 0.1,0.3 or both")
    add("--lam", metavar="VALUES", help="likewise")


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


def values_from(flag, text):
    """Read numbers and ranges START:STOP:STEP, separated by commas, all in [0, 1]."""
    found = set()
    for part in text.split(","):
        found.update(_part(flag, part.strip(), text))
    for value in sorted(found):
        if not 0 <= value <= 1:
            raise UsageError(f"{flag}: {flag[2:]} must lie in [0, 1], got {value:g} in {text}")
    if len(found) > LARGEST:
        raise UsageError(f"{flag}: must be {LARGEST} values or fewer, got {len(found)} in {text}")
    return sorted(found)


def _part(flag, part, text):
    """Read one number or one range."""
    pieces = part.split(":")
    try:
        numbers = [float(piece) for piece in pieces]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        rule = "must be numbers or START:STOP:STEP, separated by commas"
        raise UsageError(f"{flag}: {rule}, got {text}")
    if len(numbers) == 1:
        return [numbers[0] + 0.0]  # + 0.0: -0 is 0
    start, stop, step = numbers
    if step <= 0:
        raise UsageError(f"{flag}: STEP must be positive, got {part}")
    if start > stop:
        raise UsageError(f"{flag}: START must not exceed STOP, got {part}")
    last = math.floor((stop - start) / step + 1e-9)
    if last >= LARGEST:
        raise UsageError(f"{flag}: must be {LARGEST} values or fewer, got {part}")
    return [round(start + k * step, DIGITS) + 0.0 for k in range(last + 1)]
