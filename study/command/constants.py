"""Parameters made of a set of constants: some changed, some that follow another one."""

from dataclasses import replace

from models.constants import COUNTS, MEANINGS, TIES
from models.parameters import CONSTANTS, UNITS, ParameterError
from study.trial.trial import check_measurable, too_short


def changed(constants, changes, ties, measured=True):
    """Return a set of constants with some values changed, and others that follow them.

    Parameters
    ----------
    constants : str
        A key of CONSTANTS.
    changes : dict
        Values by name; `duration` and `transient` among them.
    ties : dict
        Names by name: whose value a parameter takes. Those of the set hold where nothing else is
        said of the parameter.
    measured : bool
        Refuse a record on which a measure would not be defined.

    Returns
    -------
    params : models.parameters.Parameters
    ties : dict
        All of them.

    Raises
    ------
    ParameterError
    """
    own = TIES.get(constants, {})
    ties = {name: other for name, other in own.items() if name not in changes} | ties
    for name, other in ties.items():
        if other in ties:
            rule = "must follow a parameter that has a value"
            raise ParameterError(name, rule, f"{other}, which follows {ties[other]}")
        changes = {**changes, name: changes.get(other, getattr(CONSTANTS[constants], other))}
    try:
        params = replace(CONSTANTS[constants], **changes)
        if measured:
            check_measurable(params)
    except ParameterError as error:
        if measured and error.name == "duration" and "transient" in error.rule:
            raise too_short(changes["transient"], changes["duration"]) from None
        raise
    return params, ties


def check_alike(name, other):
    """Raise ParameterError where a parameter cannot follow another one."""
    if name == other or _kind(name) != _kind(other):
        alike = [n for n in MEANINGS if n != name and _kind(n) == _kind(name)]
        rule = f"can follow {', '.join(alike)}" if alike else "can follow no other parameter"
        raise ParameterError(name, rule, other)


def _kind(name):
    """Return what tells apart parameters that cannot stand for each other."""
    return UNITS[name].dim if name in UNITS else "a count" if name in COUNTS else "a fraction"
