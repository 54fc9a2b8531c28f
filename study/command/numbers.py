"""Numbers of the command line: read, or refused in one line that names the flag."""

import re

from models.network.simulate import SEED_LIMIT
from models.numerals import vanishes
from study.command.parser import UsageError


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
