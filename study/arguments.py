"""The command-line arguments that describe a simulation, shared by the commands."""

import argparse
import sys
from dataclasses import fields, replace

from brian2 import second

from models.mass.operator import INTEGRATORS
from models.network import BACKENDS
from models.parameters import (
    DERIVED,
    SEED_LIMIT,
    TABLE_1,
    UNITS,
    ParameterError,
    Parameters,
    parse_value,
)
from study.interrupt import exit_status, handle_signals, ignore_signals
from study.point import check_measurable

FLAGS = {"N": "--n", **{name: f"--{name}" for name in ("p", "lam", "duration", "transient")}}
"""The parameters that have a flag of their own; the others go through --set."""


class UsageError(ValueError):
    """A mistake of the person at the command line; the message is one line that names the flag."""


class Parser(argparse.ArgumentParser):
    """An argument parser that reports a mistake as one line and exits with status 2."""

    def error(self, message):
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        sys.exit(2)


def add_parameter_arguments(parser, duration_s=30, transient_s=3):
    """Add the flags that describe a network and how long it runs, all but p and lam."""
    add = parser.add_argument
    add("--n", metavar="N", default=str(TABLE_1.N), help="number of neurons (%(default)s)")
    add("--duration", metavar="S", default=f"{duration_s:g}",
        help="simulated time in s (%(default)s)")
    add("--transient", metavar="S", default=f"{transient_s:g}",
        help="time in s that is dropped before anything is measured (%(default)s)")
    add("--set", metavar="NAME=VALUE", action="append", default=[],
        help="set another parameter, with its unit: g_hat_exc=0.05*nS; may be repeated")
    add("--quiet", action="store_true", help="show no progress")


def add_trial_arguments(parser):
    """Add the flags that say how a network is simulated and its mass models are integrated."""
    add = parser.add_argument
    add("--seed", default="1", help="0 ... 2**32 - 1 (%(default)s)")
    add("--backend", choices=BACKENDS, default="dense", help="(%(default)s)")
    add("--mass-integrator", choices=INTEGRATORS, default="euler",
        help="how the mass models are integrated (%(default)s, as in the paper)")
    add("--model", metavar="MODULE:FUNCTION", action="append", default=[],
        help="a mass model of your own beside the others; may be repeated")
    add("--budget", action="store_true",
        help="also say what each assumption of the mass models costs, as budget.csv")


def parameters_from(arguments, p, lam):
    """Build the Parameters that the command line asks for.

    Raises
    ------
    UsageError
        Names the flag, the rule and the value.
    """
    changes = {
        "p": _number("--p", p),
        "lam": _number("--lam", lam),
        "N": integer("--n", arguments.n, 2),
        "duration": _number("--duration", arguments.duration) * second,
        "transient": _number("--transient", arguments.transient) * second,
    }
    for assignment in arguments.set:
        name, value = _assignment(assignment)
        changes[name] = value
    try:
        params = replace(TABLE_1, **changes)
        check_measurable(params)
        return params
    except ParameterError as error:
        raise UsageError(f"{FLAGS.get(error.name, f'--set {error.name}')}: {error}") from None


def integer(flag, text, least, limit=None):
    """Read an integer in [least, limit), or raise UsageError."""
    rule = f">= {least}" if limit is None else f"in [{least}, {limit - 1}]"
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or value < least or (limit is not None and value >= limit):
        raise UsageError(f"{flag}: must be an integer {rule}, got {text}")
    return value


def seed_from(arguments):
    """Read the seed, or raise UsageError."""
    return integer("--seed", arguments.seed, 0, SEED_LIMIT)


def _number(flag, text):
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{flag}: must be a number, got {text}") from None


def _assignment(text):
    """Read NAME=VALUE for --set."""
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals:
        raise UsageError(f"--set: must be NAME=VALUE, got {text}")
    if name in FLAGS:
        raise UsageError(f"--set: {name} has a flag of its own, {FLAGS[name]}, got {text}")
    if name in DERIVED:
        raise UsageError(f"--set: {name} is derived and cannot be set, got {text}")
    known = [field.name for field in fields(Parameters) if field.name not in FLAGS]
    if name not in known:
        raise UsageError(f"--set: NAME must be one of {', '.join(known)}, got {name}")
    try:
        value = parse_value(value)
    except ValueError as error:
        raise UsageError(f"--set {name}: {error}") from None
    if name not in UNITS and name != "M":
        value = float(value) if isinstance(value, int) else value
    return name, value


def run_command(main):
    """Run a command's main; a failure is one line on stderr and 1, an interrupt 130, 143 or 129."""
    handle_signals()
    try:
        status = main()
    except ParameterError as error:  # what only the backend can know: the memory
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (RuntimeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print("interrupted; nothing was kept of the run in progress", file=sys.stderr)
        status = exit_status(interrupt)
    if status > 128:
        ignore_signals()
    return status
