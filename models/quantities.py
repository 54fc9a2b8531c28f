"""Text to quantity: what `--set` reads, such as 0.05*nS."""

import ast
import math
import operator
import re
import warnings

import numpy as np
from brian2 import DimensionMismatchError, Quantity
from brian2.units import allunits, stdunits

from models.numerals import vanishes

LONGEST = 200  # characters
DIGITS = 150  # no product of two numbers of size 1e-150 ... 1e150 leaves the range of numbers
RULE = "must be a number with a unit, such as 0.05*nS"
RANGE = f"must be 0 or of size 1e-{DIGITS} ... 1e{DIGITS}, in every part"
_UNITS = vars(allunits) | vars(stdunits)
_OPERATORS = {ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow}
_SIGNS = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def parse_value(text):
    """Read a number with a unit, such as `0.05*nS`, `5e-4*volt**2/second` or `0.1`.

    Only numbers, the names of Brian2 units, brackets and the operators * / ** are read; nothing is
    run. What is read in is bounded before it is computed: 9**9**9 is refused, not begun.

    Raises
    ------
    ValueError
        The text is anything else.
    """
    try:
        return _value(text.strip())
    except _NotReadable as error:
        hint = _hint(text.strip())
        raise ValueError(f"{error}, got {text or 'nothing'}{hint}") from None


class _NotReadable(ValueError):
    """A text is no value; the message is the rule that it breaks."""


def _value(text):
    if len(text) > LONGEST:
        raise _NotReadable(f"must be a text of {LONGEST} characters or fewer")
    if not re.fullmatch(r"[\w.*/+() -]+", text, re.ASCII):
        raise _NotReadable(RULE)
    failures = (SyntaxError, TypeError, ValueError, ArithmeticError, DimensionMismatchError)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # Python has some for what is nearly a number
            return _evaluated(ast.parse(text, mode="eval").body, text)
    except _NotReadable:
        raise
    except (*failures, RecursionError, MemoryError):
        raise _NotReadable(RULE) from None


def _evaluated(node, text):
    """Compute the value of a syntax tree of `text`."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        if vanishes(node.value, ast.get_source_segment(text, node)):
            raise _NotReadable(RANGE)
        return _bounded(node.value)
    if isinstance(node, ast.Name) and isinstance(_UNITS.get(node.id), Quantity):
        return _UNITS[node.id]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        if isinstance(node.operand, ast.UnaryOp):
            raise TypeError("two signs")
        return _SIGNS[type(node.op)](_evaluated(node.operand, text))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluated(node.left, text), _evaluated(node.right, text)
        if isinstance(node.op, ast.Pow):
            _check_power(left, right)
        return _bounded(_OPERATORS[type(node.op)](left, right))
    raise TypeError(f"not part of a value: {node}")


def _bounded(value):
    """Return a value that lies in the range; refuse any other."""
    if not np.isrealobj(value):
        raise TypeError("complex")
    size = abs(float(np.asarray(value)))
    if size != 0 and not 10.0**-DIGITS <= size <= 10.0**DIGITS:  # nan neither
        raise _NotReadable(RANGE)
    return value


def _check_power(base, exponent):
    """Refuse a power before it is computed where it would leave the range."""
    if isinstance(exponent, Quantity):
        raise TypeError("an exponent with a unit")
    size = abs(float(np.asarray(base)))
    if size != 0 and abs(math.log10(size) * exponent) > DIGITS:
        raise _NotReadable(RANGE)


def _hint(text):
    """Suggest `0.05*nS` for `0.05nS`, where that can be read."""
    if match := re.fullmatch(f"({_NUMBER}) *([a-zA-Z].*)", text):
        suggested = "*".join(match.groups())
        try:
            _value(suggested)
        except _NotReadable:
            return ""
        return f"; did you mean {suggested}?"
    return ""
