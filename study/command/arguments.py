"""What the flags that describe a simulation say: Parameters and the models of the user."""

import difflib

from brian2 import second

from models.constants import COUNTS, MEANINGS
from models.mass.registry import ADDRESS, SECOND
from models.network.memory import check_memory
from models.parameters import DERIVED, UNITS, ParameterError
from models.quantities import parse_value
from study.command.constants import changed, check_alike
from study.command.flags import FLAGS, SETTABLE
from study.command.numbers import integer, number
from study.command.parser import UsageError
from study.trial.closed import closed_names
from study.trial.user_models import ModelError, own_models

MOST_THREADS = 1024


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
        raise as_usage_error(error, flags) from None


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
    """Return address and digest of each model of --closed and --model, or raise UsageError."""
    closed = closed_from(arguments.closed or "", closed_names())
    other = [SECOND] * arguments.ceiling
    if closed and params.delay > 0 * second:
        raise UsageError(f"--closed: closed models know no delay, got delay = {params.delay}")
    try:
        own = own_models(arguments.model, params, arguments.budget)
        return [{"address": ADDRESS + name, "digest": ""} for name in closed + other] + own
    except ModelError as error:
        raise UsageError(f"--model: {error}") from None


def closed_from(text, known):
    """Return the names of closed models in a list of --closed, or raise UsageError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"--closed: must be of {', '.join(known)}, got {name}")
        if names.count(name) > 1:
            raise UsageError(f"--closed: must name each once, got {name} twice")
    return names


def threads_from(arguments):
    """Return the number of threads of --threads, or raise UsageError."""
    threads = integer("--threads", arguments.threads, 1)
    if threads > 1 and getattr(arguments, "backend", "dense") != "dense":
        raise UsageError(f"--threads: the backend {arguments.backend} has one, got {threads}")
    if threads > MOST_THREADS:
        raise UsageError(f"--threads: must be {MOST_THREADS} or fewer, got {threads}")
    return threads


def as_usage_error(error, flags=FLAGS):
    """Turn a ParameterError into a UsageError that names the flag."""
    return UsageError(f"{flags.get(error.name, f'--set {error.name}')}: {error}")


def check_fits(params, backend, flags=FLAGS):
    """Raise UsageError where a network does not fit into the memory of this machine."""
    try:
        check_memory(params, backend)
    except ParameterError as error:
        raise as_usage_error(error, flags) from None


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
            raise as_usage_error(error) from None
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
    if name in COUNTS:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return float(value) if isinstance(value, int) and name not in UNITS else value
