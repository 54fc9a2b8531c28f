"""What run.json, sweep.json and a trial's record must hold: fields, and the type of each."""

import math
from dataclasses import dataclass

from analysis.axes import PLANE
from models.constants import LATER, MEANINGS
from models.mass.registry import INTEGRATORS
from models.network.simulate import BACKENDS, SEED_LIMIT

MOST = 1_000_000
"""Trials of a sweep, all together: beyond, a list of them alone takes gigabytes."""


@dataclass(frozen=True)
class Each:
    """An object of any names, whose values all keep one rule."""

    rule: object


@dataclass(frozen=True)
class Optional:
    """A field that may be left out."""

    rule: object


def _number(value):
    return (type(value) in (int, float) and -1e300 < value < 1e300) or "a number"  # nan fails too


def _whole(value):
    return (type(value) is int and value >= 0) or "a whole number"


def _trials(value):
    return (type(value) is int and 1 <= value <= MOST) or f"an integer in [1, {MOST}]"


def _seed(value):
    good = type(value) is int and 0 <= value < SEED_LIMIT
    return good or f"an integer in [0, {SEED_LIMIT - 1}]"


def _text(value):
    return isinstance(value, str) or "a text"


def _flag(value):
    return isinstance(value, bool) or "true or false"


def _object(value):
    return isinstance(value, dict) or "an object"


def _backend(value):
    return value in tuple(BACKENDS) or f"one of {', '.join(BACKENDS)}"


def _integrator(value):
    return value in tuple(INTEGRATORS) or f"one of {', '.join(INTEGRATORS)}"


def _values(value):
    good = isinstance(value, list) and value and all(_number(x) is True for x in value)
    return (good and value == sorted(set(value))) or "a list of ascending numbers"


def _axis(value):
    good = _values(value) is True and 0 <= value[0] and value[-1] <= 1
    return good or "a list of ascending numbers in [0, 1]"


ENTRY = {"value": _number, "unit": _text, "si": _number}
REQUEST = {
    "parameters": Each(ENTRY),
    "seed": _seed,
    "trials": _trials,
    "backend": _backend,
    "mass_integrator": _integrator,
    "models": [{"address": _text, "digest": _text}],
    "budget": _flag,
}
ALONG = {
    "vary": Optional(Each({"unit": _text, "values": [_number], "si": _values})),
    "ties": Optional(Each(_text)),
    "sample": Optional(Each({"unit": _text, "values": [_number], "si": [_number]})),
}
SWEEP_REQUEST = {**REQUEST, "p": _axis, "lam": _axis, **ALONG}
SIZES = {"p": _axis, "lam": _axis, "trials": _trials, "seed": _seed, **ALONG}
"""What a trial does not depend on, but its file says of the sweep that it was computed for."""
JOB = {
    **REQUEST,
    "parameters": Each(_number),
    "trial": _whole,
    "measures": _object,
}
del JOB["trials"]
TRIAL = {
    "job": JOB,
    "job_hash": _text,
    "rows": [_object],
    "budget": [_object],
    "models": [_text],
    "shown": [_text],
    "correlated": Optional([_text]),
    "populations": Optional([_text]),
    "code": _text,
    "seconds": Each(_number),
    "sweep": Optional(SIZES),
    "format": Optional(_whole),
}
SHOWN = dict.fromkeys(("N", "p", "lam", "duration", "transient"), ENTRY)
"""The parameters that the table of a run names; one that was made before another was thought of
lacks that, which makes it another run, not a damaged one."""
RULES = {
    "run.json": {
        "request": REQUEST,
        "seconds": {"total": _number},
        "files": Optional(Each(_text)),
    },
    "sweep.json": {
        "request": SWEEP_REQUEST,
        "sessions": [_object],
        "tables": Optional(Each(_text)),
        "trials": Optional({"finished": _whole}),
        "tables_of": Optional(SWEEP_REQUEST),
    },
}


def fault_in(record, name):
    """Say what is wrong with a record that was read from run.json or sweep.json, or return None."""
    if found := fault(record, RULES[name]):
        return found
    if name == "run.json":
        return fault(record["request"]["parameters"], SHOWN, "request.parameters")
    return None


def misfit_in(record, name, simulated=True):
    """Say why no trials can be listed, or none simulated, by what a record asks for, or None."""
    requests = [key for key in ("request", "tables_of") if key in record]
    requests = requests if name == "sweep.json" else ()
    rules = (_unlistable, _unfit) if simulated else (_unlistable,)
    faults = (rule(record[key], key) for key in requests for rule in rules)
    return next(filter(None, faults), None)


def fault(value, rule, where=""):
    """Return the first thing in which a value breaks its rule, as a sentence, or None."""
    if isinstance(rule, dict):
        if not isinstance(value, dict):
            return f"{where or 'it'} must be an object, got {_said(value)}"
        for key, inner in rule.items():
            optional = isinstance(inner, Optional)
            if key not in value and not optional:
                return f"{_inside(where, key)} is missing"
            if key in value:
                inner = inner.rule if optional else inner
                if found := fault(value[key], inner, _inside(where, key)):
                    return found
    elif isinstance(rule, Each):
        names = value if isinstance(value, dict) else ()
        return fault(value, dict.fromkeys(names, rule.rule), where)
    elif isinstance(rule, list):
        if not isinstance(value, list):
            return f"{where} must be a list, got {_said(value)}"
        faults = (fault(item, rule[0], f"{where}[{k}]") for k, item in enumerate(value))
        return next(filter(None, faults), None)
    elif (wanted := rule(value)) is not True:
        return f"{where} must be {wanted}, got {_said(value)}"
    return None


def _unlistable(request, where):
    """Say why the trials of a request cannot be listed, or return None."""
    vary, sample = request.get("vary", {}), request.get("sample", {})
    axes = {name: request[name] for name in PLANE}
    axes |= {name: axis["si"] for name, axis in vary.items()}
    members = {len(column["si"]) for column in sample.values()} or {1}
    if len(members) > 1 or 0 in members:
        return f"{where}.sample must have columns of one length, got {sorted(members)}"
    count = math.prod(map(len, axes.values())) * request["trials"] * max(members)
    axes |= sample
    if count > MOST:
        return f"{where} must name {MOST} trials or fewer, got {count}"
    known = set(MEANINGS)
    wanted = known - axes.keys()
    for name in sorted((wanted ^ request["parameters"].keys()) - (wanted & LATER.keys())):
        said = "is missing" if name in known - axes.keys() else "is no parameter"
        said = "is an axis" if name in axes else said
        return f"{where}.parameters.{name} {said}"
    for of, names in (("vary", vary.keys()), ("sample", sample.keys())):
        for name in sorted(names - (known - set(PLANE))):
            return f"{where}.{of}.{name} is no parameter"
    for name, other in request.get("ties", {}).items():
        if name not in request["parameters"] or other not in axes:
            return f"{where}.ties.{name} must be the value of an axis, got {_said(other)}"
    return None


def _unfit(request, where):
    """Say why not every point of a request can be simulated, or return None."""
    from models.parameters import ParameterError  # Brian2
    from study.trial.request import Request

    try:
        Request.from_record(request).check()
    except ParameterError as error:
        return f"{where}.parameters.{error}"
    return None


def _inside(where, key):
    return f"{where}.{key}" if where else key


def _said(value):
    """Show a value, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]} ..."
