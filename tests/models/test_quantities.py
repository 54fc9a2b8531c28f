"""Text to quantity: what is read, and that nothing is begun that does not end."""

import re

import pytest
from brian2 import mV, nS, second, volt

from models.quantities import DIGITS, LONGEST, parse_value


@pytest.mark.parametrize(
    "text, value",
    [
        ("0.05*nS", 0.05 * nS),
        (" -70 * mV ", -70 * mV),
        ("5e-4*volt**2/second", 5e-4 * volt**2 / second),
        ("(22*mV*second**-0.5)**2", (22 * mV) ** 2 / second),
        ("0.25", 0.25),
        ("100", 100),
        ("10**4", 10_000),
        ("2**0.5", 2**0.5),
        ("1**999999999999", 1),
        ("((((100))))", 100),
        ("0e-400", 0),
    ],
)
def test_parse_value(text, value):
    assert parse_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nS*", "3 nS", "__import__('os')", "x*mV", "mV.dim", "[1]*mV", "1/0", "True"),
        *("0.05**nS", "2**(0.05*nS)", "(-1)**0.5*ms", "0**-1", "1j", "b'1'", "'1'", "nan", "inf"),
        *("--9", "-(-9)", "1\0", "1\n*ms", "١*ms", "010", "10__0", "1,2", "1-2", "1//2", "f(1)"),
        *("0.1or 1", "0.1if 1else 2", "(" * 150 + "1" + ")" * 49, "(" * 199, "-" * 199),
    ],
)
def test_only_numbers_and_units_are_read(text):
    with pytest.raises(ValueError, match=r"must be a number with a unit, such as 0.05\*nS, got"):
        parse_value(text)


@pytest.mark.parametrize(
    "text",
    [
        *("9**9**9*nS", "10**400", "10**10**10", "(10**100)**(10**100)", "mV**-60", "2**-9999"),
        *("1e400", "1e-400", "1e308", "1e-320", "1e-300*nS", "1e151", "1e-151*mV", "9" * 199),
        *("1e100*1e100*mV", "1e-100*mV/1e100", "1*mV/0", "0*mV/(0*mV)", "(-1*mV)**0.5"),
    ],
)
def test_what_leaves_the_range_of_numbers_is_refused(text):
    rule = f"must be 0 or of size 1e-{DIGITS} ... 1e{DIGITS}, in every part, got {text}"
    with pytest.raises(ValueError, match=re.escape(rule)):
        parse_value(text)


def test_a_long_text_is_not_read():
    assert parse_value("1" + " " * LONGEST) == 1
    with pytest.raises(ValueError, match="must be a text of 200 characters or fewer, got 1"):
        parse_value("1*" * LONGEST + "mV")


@pytest.mark.parametrize(
    "text, suggested",
    [("0.05nS", "0.05*nS"), ("0.05 nS", "0.05*nS"), ("-7e1 mV", "-7e1*mV"), ("3 x", None)],
)
def test_a_forgotten_sign_is_suggested(text, suggested):
    with pytest.raises(ValueError, match="must be a number with a unit") as caught:
        parse_value(text)
    hint = f"; did you mean {suggested}?" if suggested else ""
    assert str(caught.value).endswith(f"got {text}{hint}")
