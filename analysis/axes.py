"""What tells a point of a study: the columns of the parameters that vary, their names and units."""

PLANE = ("p", "lam")
"""The axes of the paper, which every table has."""
UNITS = ("Hz", "ms", "mV", "nS", "s", "V^2/s")
"""The units that stand at the end of a column's name."""
ENDS = ("model", "order", "population")
"""The columns that follow those of the axes, whichever a table has."""


def axis_column(name, unit):
    """Return the column of a parameter: its name, with the unit at the end where it has one."""
    unit = unit.replace("(", "").replace(")", "")
    return name if unit == "1" else f"{name}_{unit}"


def axes_of(table):
    """Return the columns that tell a point, in a table with rows of several points.

    Those before the column of the model, of a budget's order, or of a population.
    """
    columns = list(table.columns)
    return columns[: min(columns.index(name) for name in ENDS if name in columns)]


def varied(table):
    """Return those of `axes_of` that have several values."""
    return [name for name in axes_of(table) if table[name].nunique() > 1]


def shown_axes(table):
    """Return the two axes that a map shows, across and up: p and lam, or what varies instead.

    Where fewer than two vary, the plane fills up; where more do, the first two of them.
    """
    names = varied(table)[:2]
    names += [name for name in PLANE if name not in names][: 2 - len(names)]
    return tuple(sorted(names, key=axes_of(table).index))


def fixed_label(table):
    """Name what a map does not show: the axes with one value; "" where that is p or lambda."""
    fixed = [n for n in axes_of(table) if table[n].nunique() == 1 and n not in shown_axes(table)]
    return point_label(table.iloc[0], fixed)


def axis_parts(column):
    """Return name and unit of an axis from its column, the unit "" where it has none."""
    name, _, unit = column.rpartition("_")
    return (name, unit) if name and unit in UNITS else (column, "")


GREEK = {"lam": "λ"}
"""Names that pictures spell otherwise."""


def axis_label(column):
    """Return what an axis is called in a picture: `g_hat_inh (nS)`, `λ`."""
    name, unit = axis_parts(column)
    name = GREEK.get(name, name)
    return f"{name} ({unit})" if unit else name


def point_label(row, axes):
    """Name a point: `p = 0.1, λ = 0.8, g_hat_inh = 0.02 nS`."""
    parts = []
    for column in axes:
        name, unit = axis_parts(column)
        parts.append(f"{GREEK.get(name, name)} = {row[column]:g} {unit}".rstrip())
    return ", ".join(parts)
