"""The points of a sweep: what is read, what is refused."""

import re
from types import SimpleNamespace

import pytest

from study.command.axes import (
    GRIDS,
    MOST_TRIALS,
    check_size,
    fraction,
    grid_from,
    listed,
    values_from,
)
from study.command.parser import UsageError


def grid(name):
    return grid_from(SimpleNamespace(grid=name, p=None, lam=None))


def test_paper_has_105_points_and_fine_includes_them():
    p, lam = grid("paper")
    assert (len(p), lam) == (21, [0.6, 0.7, 0.8, 0.9, 1.0])
    assert p == [k / 20 for k in range(21)]  # the very numbers that are written 0.05, 0.1 ...
    fine_p, fine_lam = grid("fine")
    assert set(p) < set(fine_p) and set(lam) < set(fine_lam)
    assert len(fine_p) * len(fine_lam) == 451


@pytest.mark.parametrize(
    "text, values",
    [
        ("0.5", [0.5]),
        ("0.7,0.5", [0.5, 0.7]),
        ("0:1:0.25", [0, 0.25, 0.5, 0.75, 1]),
        ("0:0.3:0.1", [0, 0.1, 0.2, 0.3]),
        ("0.2:0.2:0.1", [0.2]),
        ("0:0.1:0.05, 0.2, 0.9", [0, 0.05, 0.1, 0.2, 0.9]),
        ("0.3:0.9:0.3,0.1", [0.1, 0.3, 0.6, 0.9]),
        ("0:1e-11:5e-12", [0, 5e-12, 1e-11]),
        ("0.7:0.7003:0.0001", [0.7, 0.7001, 0.7002, 0.7003]),
        ("-0.0", [0]),
    ],
)
def test_values(text, values):
    assert values_from("--p", text) == values
    assert [repr(v) for v in values_from("--p", text)] == [repr(float(v)) for v in values]


@pytest.mark.parametrize(
    "text, message",
    [
        ("0:1", "--p: must be numbers or START:STOP:STEP, separated by commas, got 0:1"),
        ("0:1:0.1:2", "--p: must be numbers or START:STOP:STEP, separated by commas, got 0:1"),
        ("much", "--p: must be numbers or START:STOP:STEP, separated by commas, got much"),
        ("", "--p: must be numbers or START:STOP:STEP, separated by commas, got "),
        ("0.1,", "--p: must be numbers or START:STOP:STEP, separated by commas, got 0.1,"),
        ("nan", "--p: must be numbers or START:STOP:STEP, separated by commas, got nan"),
        ("0:inf:1", "--p: must be numbers or START:STOP:STEP, separated by commas, got 0:inf"),
        ("1:0:0.1", "--p: START must not exceed STOP, got 1:0:0.1"),
        ("0:1:0", "--p: STEP must be positive, got 0:1:0"),
        ("0:1:-0.1", "--p: STEP must be positive, got 0:1:-0.1"),
        ("0.5:1.5:0.5", "--p: p must lie in [0, 1], got 1.5 in 0.5:1.5:0.5"),
        ("0.5,-0.1", "--p: p must lie in [0, 1], got -0.1 in 0.5,-0.1"),
        ("0:1:1e-9", "--p: must be 10000 values or fewer, got 0:1:1e-9"),
        ("0:1:1e-300", "--p: must be 10000 values or fewer, got 0:1:1e-300"),
        ("0:1:0.0001", "--p: must be 10000 values or fewer, got 0:1:0.0001"),
        ("0:1:1e-9999", "--p: must be numbers or START:STOP:STEP"),
        ("0:0.35:0.1", "--p: STEP must divide STOP - START, got 0:0.35:0.1"),
        ("0:1:2", "--p: STEP must divide STOP - START, got 0:1:2"),
        ("0.1,0.3,0.10", "--p: must name each value once, got 0.1 twice in 0.1,0.3,0.10"),
        ("0:0.1:0.05,0.1", "--p: must name each value once, got 0.1 twice in 0:0.1:0.05,0.1"),
        ("0,-0.0", "--p: must name each value once, got 0 twice in 0,-0.0"),
        ("1e-400", "--p: p must be 0 or 1e-30 or more, got 1e-400"),
        ("1e-31", "--p: p must be 0 or 1e-30 or more, got 1e-31"),
        ("1_0", "--p: must be numbers or START:STOP:STEP, separated by commas, got 1_0"),
        ("٠.5", "--p: must be numbers or START:STOP:STEP, separated by commas, got"),
        ("0x1", "--p: must be numbers or START:STOP:STEP, separated by commas, got 0x1"),
    ],
)
def test_refused_values(text, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        values_from("--p", text)


def test_a_list_keeps_the_order_where_that_matters():
    assert listed("--p", "0.5,0.1:0.3:0.1", fraction) == [0.5, 0.1, 0.2, 0.3]


def test_sizes_are_counted_before_a_sweep_is_listed():
    check_size({"p": [0.1] * 451, "lam": [0.8]}, 100)
    check_size({"p": [0.1], "lam": [0.8]}, MOST_TRIALS)
    with pytest.raises(UsageError, match="--trials: must be 200000 or fewer in all, got 2 points"):
        check_size({"p": [0.1, 0.2], "lam": [0.8]}, 10**9)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"p": "0.1"}, "--lam: must be given, or --grid instead of --p and --lam"),
        ({"lam": "0.1"}, "--p: must be given, or --grid instead of --p and --lam"),
        ({"grid": "paper", "p": "0.1"}, "--p: must not stand beside --grid, got 0.1"),
    ],
)
def test_refused_combinations(given, message):
    arguments = {"grid": None, "p": None, "lam": None, **given}
    with pytest.raises(UsageError, match=re.escape(message)):
        grid_from(SimpleNamespace(**arguments))


def test_every_grid_is_readable():
    for name in GRIDS:
        assert all(grid(name))
