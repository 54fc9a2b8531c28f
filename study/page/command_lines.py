"""The command that computes a row of a study again, made from the record of what was asked for."""

import shlex

from models.constants import LATER, SETS, TIES, default_entry, entry
from models.mass.registry import ADDRESS, SECOND
from study.command.flags import FLAGS, SETTABLE

FLAG_UNITS = {"1": "", "(V^2)/s": "volt**2/second", "s": "second"}
"""Units that --set spells otherwise than tables do."""


def shared_flags(request, more=()):
    """Return the flags that all rows of a study have in common.

    Parameters
    ----------
    request : dict
        What sweep.json or run.json records of the request.
    more : iterable of str
        Names of parameters that a row names itself.

    Returns
    -------
    str
        Without the program; "" where nothing differs from the defaults.
    """
    given = {**{n: entry(n, si) for n, si in LATER.items()}, **request["parameters"]}
    given = {name: shown for name, shown in given.items() if name not in {"p", "lam", *more}}
    name, ties, changed = _nearest_set(given, request.get("ties", {}), more)
    flags = [] if name == "calibrated" else ["--constants", name]
    for parameter in changed:
        flags += _flag(parameter, given[parameter]["value"], given[parameter]["unit"])
    for parameter, other in ties.items():
        flags += ["--set", f"{parameter}={other}"]
    for flag, default in (
        ("backend", "dense"), ("precision", "double"), ("mass_integrator", "euler"),
    ):  # fmt: skip
        if request.get(flag, default) != default:
            flags += [f"--{flag.replace('_', '-')}", request[flag]]
    flags += _models(model["address"] for model in request.get("models", []))
    flags += ["--budget"] if request.get("budget") else []
    return shlex.join(flags)


def _nearest_set(given, ties, more):
    """Return the set of constants that most values agree with, ties it lacks, and other values."""
    found = []
    for name, values in SETS.items():
        own = TIES.get(name, {})
        if not own.keys() <= {*ties, *more} or any(ties.get(k, v) != v for k, v in own.items()):
            continue
        changed = [
            parameter
            for parameter, shown in given.items()
            if float(shown["value"]) != float(values[parameter]) and parameter not in ties
        ]
        left = {k: v for k, v in ties.items() if k not in own}
        found.append((len(changed) + len(left), name, left, changed))
    return min(found, key=lambda one: one[0])[1:]


def _flag(parameter, value, unit):
    if parameter in FLAGS:
        return [FLAGS[parameter], f"{value!r}".removesuffix(".0")]
    assert parameter in SETTABLE, parameter
    return ["--set", f"{parameter}={value!r}{_times(unit)}"]


def _times(unit):
    unit = FLAG_UNITS.get(unit, unit)
    return f"*{unit}" if unit else ""


def _models(addresses):
    closed, flags = [], []
    for address in addresses:
        name = address.removeprefix(ADDRESS)
        if name == address:
            flags += ["--model", address]
        elif name == SECOND:
            flags.append("--ceiling")
        else:
            closed.append(name)
    return [*(["--closed", ",".join(closed)] if closed else []), *flags]


def axis_flags(names):
    """Say how a row names its place: for each axis what stands before and after the value.

    Returns
    -------
    list of (str, str)
    """
    forms = []
    for name in names:
        if name in ("p", "lam"):
            forms.append((f"--{name} ", ""))
        else:
            unit = default_entry(name)["unit"]
            forms.append((f"--vary {name}=", _times(unit)))
    return forms


def set_flags(names):
    """Say the same of constants that a sample draws, for study.run."""
    return [(f"--set {name}=", _times(default_entry(name)["unit"])) for name in names]
