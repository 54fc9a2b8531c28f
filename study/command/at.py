"""--at NAME=VALUE: the part of a study with more axes than two that is looked at."""

import math

from analysis.arguments import ROUNDING
from analysis.axes import axes_of, axis_parts
from study.command.parser import UsageError


def add_at_argument(parser):
    """Add the flag that names values of axes."""
    parser.add_argument("--at", metavar="NAME=VALUE", action="append", default=[],
        help="only the points with this value of an axis, in the unit of the tables: "
        "g_hat_inh=0.02; repeatable")  # fmt: skip


def points_at(table, given):
    """Return the rows of the points that --at names.

    Parameters
    ----------
    table : DataFrame
        With the columns of the axes before that of the model.
    given : list of str
        NAME=VALUE; the name with or without its unit.

    Raises
    ------
    UsageError
        No axis has that name, or no point that value.
    """
    for text in given:
        name, _, value = (part.strip() for part in text.partition("="))
        columns = {axis_parts(column)[0]: column for column in axes_of(table)}
        column = columns.get(name, name)
        if column not in columns.values():
            raise UsageError(f"--at: NAME must be one of {', '.join(columns)}, got {text}")
        try:
            wanted = float(value)
        except ValueError:
            raise UsageError(f"--at {name}: must be a number, got {value or 'nothing'}") from None
        there = sorted(table[column].unique())
        found = [v for v in there if math.isclose(v, wanted, rel_tol=ROUNDING, abs_tol=0)]
        if not found:
            values = ", ".join(f"{v:g}" for v in there)
            raise UsageError(f"--at {name}: must be one of {values}, got {value}")
        table = table[table[column] == found[0]]
    return table
