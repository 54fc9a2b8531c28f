"""What error to expect of a mass model of your network: python -m study.expect --rate 5."""

import sys
from pathlib import Path

import pandas as pd

from analysis.axes import axes_of, axis_parts
from analysis.ensemble import (
    CLOSED_ERRORS,
    DESCRIBED_BY,
    ERRORS,
    QUANTILES,
    nearest,
    networks_and_errors,
)
from models.mass.registry import CLOSED
from study.command.ending import run_command
from study.command.numbers import number
from study.command.parser import Parser, UsageError
from study.store.folders import StoreError
from study.store.read_sweep import read_points

ENSEMBLE = "results/ensemble"
SHOWN = 5
"""So many of the nearest networks are listed."""
MOST_Hz = 1000.0
"""A neuron does not fire faster."""
FAR = 2.0
"""The nearest ones are farther than a factor of four in rate: nothing like it was simulated."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.expect", description=__doc__)
    add = parser.add_argument
    add("--rate", metavar="HZ", help="spikes per neuron and second")
    add("--rhythm", metavar="HZ", help="frequency of its volleys; 0 where it has none")
    add("--spike-contrast", metavar="S", help="synchrony, 0 to 1 (about 0.1 without any)")
    add("--ensemble", metavar="DIR", type=Path, default=Path(ENSEMBLE),
        help="folder of a sweep with --sample (%(default)s)")  # fmt: skip
    arguments = parser.parse_args(argv)
    try:
        given = {
            "rate_Hz": _known("--rate", arguments.rate, MOST_Hz),
            "rhythm_Hz": _known("--rhythm", arguments.rhythm, MOST_Hz, none=True),
            "spike_contrast": _known("--spike-contrast", arguments.spike_contrast, 1.0, none=True),
        }
        if set(given.values()) == {None}:
            raise UsageError("--rate: must be given, or --rhythm or --spike-contrast")
        table = networks_and_errors(read_points(arguments.ensemble))
        if table.empty:
            raise StoreError(f"must hold networks that fire, got {arguments.ensemble}")
    except UsageError as error:
        parser.error(str(error))
    except StoreError as error:
        parser.error(f"--ensemble: {error}")
    print(expectation(table, **given))
    return 0


def _known(flag, text, most, none=False):
    """Read a number in (0, most], with `none` in [0, most]; None where it is not given."""
    if text is None:
        return None
    value = number(flag, text)
    if not (0 <= value if none else 0 < value) or value > most:
        raise UsageError(f"{flag}: must lie in {'[' if none else '('}0, {most:g}], got {text}")
    return value


def expectation(table, rate_Hz=None, rhythm_Hz=None, spike_contrast=None):
    """Say what error to expect, and of which networks it is known.

    Parameters
    ----------
    table : DataFrame
        `analysis.ensemble.networks_and_errors`.
    rate_Hz, rhythm_Hz, spike_contrast : float, optional
        Of the network in question, what is known of it.

    Returns
    -------
    str
    """
    place = rate_Hz, rhythm_Hz, spike_contrast
    models = {model: nearest(mine, *place) for model, mine in table.groupby("model", sort=False)}
    first = next(iter(models.values()))
    lines = [
        f"The {len(first)} nearest of {len(table.drop_duplicates(axes_of(table)))} networks, of "
        f"{first.set.nunique()} sets of constants: median, and where 80 % of them lie"
    ]
    if first.distance.median() > FAR:
        lines.append("none of them is near: this is an extrapolation")
    for kind, errors, closed in (
        ("given the network's input", ERRORS, False),
        ("given parameters alone", CLOSED_ERRORS, True),
    ):
        rows = {
            model: {error: _interval(mine[error]) for error in errors}
            for model, mine in models.items()
            if (model in CLOSED) == closed
        }
        if rows:
            lines += ["", kind, pd.DataFrame(rows).T.to_string()]
    lines += ["", f"The {SHOWN} nearest", _members(first.head(SHOWN)).to_string(index=False)]
    return "\n".join(lines)


def _interval(values):
    """Write median and ends of what most networks have."""
    if not values.notna().any():
        return "-"
    low, middle, high = (values.quantile(q) for q in QUANTILES)
    return f"{middle:.2g} [{low:.2g}, {high:.2g}]"


def _members(rows):
    """Return what describes networks, and their constants, in few digits."""
    columns = [*DESCRIBED_BY, "regime", *axes_of(rows)]
    shown = rows[columns].copy()
    for name in shown.select_dtypes("number"):
        shown[name] = [float(f"{value:.3g}") for value in shown[name]]
    return shown.rename(columns={name: axis_parts(name)[0] for name in axes_of(rows)})


if __name__ == "__main__":
    sys.exit(run_command(main))
