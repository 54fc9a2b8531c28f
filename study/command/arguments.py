"""The command-line arguments that describe a simulation, shared by the commands."""

import difflib
import re
from dataclasses import fields

from brian2 import second

from analysis.axes import PLANE
from models.mass.registry import INTEGRATORS
from models.network.memory import check_memory
from models.network.simulate import BACKENDS, SEED_LIMIT
from models.parameters import (
    CONSTANTS,
    DERIVED,
    MEANINGS,
    TABLE_1,
    UNITS,
    ParameterError,
    Parameters,
    shown,
)
from models.quantities import parse_value, vanishes
from study.command.constants import changed, check_alike
from study.command.parser import UsageError
from study.trial.user_models import ModelError, own_models

FLAGS = {"N": "--n", **{name: f"--{name}" for name in ("p", "lam", "duration", "transient")}}
"""The parameters that have a flag of their own; the others go through --set."""
SETTABLE = [field.name for field in fields(Parameters) if field.name not in FLAGS]


def add_parameter_arguments(parser, duration_s=30, transient_s=3):
    """Add the flags that describe a network and how long it runs, all but p and lam."""
    add = parser.add_argument
    add("--n", metavar="N", default=str(TABLE_1.N), help="number of neurons (%(default)s)")
    add("--duration", metavar="S", default=f"{duration_s:g}",
        help="simulated time in s (%(default)s)")
    add("--transient", metavar="S", default=f"{transient_s:g}",
        help="time in s that is dropped before anything is measured (%(default)s)")
    add("--constants", choices=CONSTANTS, default="calibrated",
        help="the set of constants that --set changes (%(default)s; models/parameters.py has them)")
    add("--set", metavar="NAME=VALUE", action="append", default=[],
        help="set another parameter, named below, with its unit: g_hat_exc=0.05*nS; or let it "
        "follow one of the same unit: p_ext=p; repeatable")
    add("--quiet", action="store_true", help="show no progress")
    parser.epilog = settable("--set")


def settable(*flags):
    """List what --set takes, with default, unit and meaning."""
    lines = [f"NAME of {' and '.join(flags)}, its default (calibrated) and what it is:"]
    read_as = {"1": "", "(V^2)/s": "volt**2/second", "s": "second"}
    for name, entry in shown(TABLE_1).items():
        if name in SETTABLE or ("--vary" in flags and name not in PLANE):
            unit = read_as.get(entry["unit"], entry["unit"])
            of = f" (--vary alone; {FLAGS[name]} sets it)" if name in FLAGS else ""
            lines.append(f"  {name:<10} {entry['value']:>6g} {unit:<3} {MEANINGS[name]}{of}")
    return "\n".join(lines)


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


def parameters_from(arguments, p, lam, measured=True, varied=()):
    """Build the Parameters that the command line asks for.

    Parameters
    ----------
    arguments : argparse.Namespace
    p, lam : str or float
    measured : bool
        Refuse a record on which a measure would not be defined.
    varied : dict
        Values of parameters that --vary names.

    Returns
    -------
    params : Parameters
    ties : dict
        Names by name: the parameters that follow another one.

    Raises
    ------
    UsageError
        Names the flag, the rule and the value.
    """
    changes = {
        "p": number("--p", p),
        "lam": number("--lam", lam),
        "N": integer("--n", arguments.n, 2),
        "duration": number("--duration", arguments.duration) * second,
        "transient": number("--transient", arguments.transient) * second,
    }
    values, ties = _assignments(arguments)
    varied = dict(varied)
    if both := varied.keys() & (values.keys() | ties.keys()):
        name = min(both)
        raise UsageError(f"--vary {name}: must not stand beside --set {name}")
    try:
        return changed(arguments.constants, changes | values | varied, ties, measured)
    except ParameterError as error:
        flags = FLAGS | {name: f"--vary {name}" for name in varied}
        raise named(error, flags) from None


def _assignments(arguments):
    """Return what --set gives a value, and what it ties to another parameter."""
    values, ties = {}, {}
    for assignment in arguments.set:
        name, value = _assignment(assignment)
        if name in values or name in ties:
            raise UsageError(f"--set {name}: must be given once, got it again as {assignment}")
        (ties if isinstance(value, str) else values)[name] = value
    return values, ties


def models_from(arguments, params):
    """Return what `own_models` makes of each --model, or raise UsageError."""
    try:
        return own_models(arguments.model, params, arguments.budget)
    except ModelError as error:
        raise UsageError(f"--model: {error}") from None


def named(error, flags=FLAGS):
    """Turn a ParameterError into a UsageError that names the flag."""
    return UsageError(f"{flags.get(error.name, f'--set {error.name}')}: {error}")


def check_fits(params, backend, flags=FLAGS):
    """Raise UsageError where a network does not fit into the memory of this machine."""
    try:
        check_memory(params, backend)
    except ParameterError as error:
        raise named(error, flags) from None


def integer(flag, text, least, limit=None):
    """Read an integer in [least, limit), or raise UsageError; 1e4 is one."""
    rule = f">= {least}" if limit is None else f"in [{least}, {limit - 1}]"
    value = _integer(text)
    if value is None or value < least or (limit is not None and value >= limit):
        raise UsageError(f"{flag}: must be an integer {rule}, got {text}")
    return value


def _integer(text):
    """Return the integer that a text says, or None."""
    if not text.isascii():
        return None
    try:
        return int(text)
    except ValueError:  # also one of more than 4,300 digits
        value = _number(text)
    return int(value) if value is not None and value.is_integer() else None


def seed_from(arguments):
    """Read the seed, or raise UsageError."""
    return integer("--seed", arguments.seed, 0, SEED_LIMIT)


def number(flag, text):
    """Read one number, or raise UsageError."""
    value = _number(str(text))
    if value is None:
        single = flag in ("--p", "--lam") and re.search(r"[,:]", text)
        where = ", one value; study.sweep takes lists" if single else ""
        raise UsageError(f"{flag}: must be a number{where}, got {text}")
    return value


def _number(text):
    """Return the number that a text says, or None; what Python would silently read as 0 is none."""
    try:
        value = float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
    return None if value is None or vanishes(value, text) else value


def _assignment(text):
    """Read NAME=VALUE for --set; of NAME=OTHER the value is the other's name."""
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals:
        raise UsageError(f"--set: must be NAME=VALUE, got {text}")
    if name in FLAGS:
        raise UsageError(f"--set: {name} has a flag of its own, {FLAGS[name]}, got {text}")
    check_name("--set", name, SETTABLE, text)
    if value in MEANINGS:
        try:
            check_alike(name, value)
        except ParameterError as error:
            raise named(error) from None
        return name, value
    return name, value_from(f"--set {name}", name, value)


def check_name(flag, name, known, text):
    """Raise UsageError where a name is none of those that a flag takes."""
    if name in DERIVED:
        raise UsageError(f"{flag}: {name} is derived and cannot be set, got {text}")
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        got = f"got {name or 'nothing'}{hint}"
        raise UsageError(f"{flag}: NAME must be one of {', '.join(known)}, {got}")


def value_from(flag, name, text):
    """Read the value of a parameter, with its unit, or raise UsageError."""
    try:
        value = parse_value(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from None
    if name in ("N", "M"):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return float(value) if isinstance(value, int) and name not in UNITS else value
