"""Generated input for the door: a command works or says in one line why not, within seconds.

Nothing is simulated: a run stops where it would begin to compute. The examples are the same each
time (derandomised, no database), so that what passes once passes again.
"""

import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.parameters import TABLE_1, UNITS, ParameterError, from_si, shown
from models.quantities import parse_value
from study import bench, run, sweep

SECONDS = 20  # of one example, on a loaded machine; nothing here takes more than one
EVERY = settings(
    derandomize=True,
    database=None,
    deadline=SECONDS * 1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

integers = st.integers(-(10**30), 10**30).map(str)
reals = st.floats(allow_nan=True, allow_infinity=True).map(repr)
odd = st.sampled_from(
    ["", " ", "-", "--", "nan", "inf", "-0.0", "1e400", "1e-400", "9**9**9", "10**400", "1_0", "٣"]
    + ["0x10", "1j", "True", "None", "a", "0.1,", ",", "0:1:0.1", "1:0:0.1", "0:1:0", "0:1:-1"]
    + ["0:1:1e-9", "((((", "1" * 5000, "\0", "\n", "λ", "0.5 0.6", "b'1'", "nS", "--p", "-h"]
)
anything = st.one_of(integers, reals, odd, st.text(max_size=12))
fractions = st.one_of(st.floats(0, 1).map(repr), anything)
units = st.sampled_from(["", "*nS", "*mV", "*ms", "*second", "*Hz", "*volt**2/second", "nS", "*"])
quantities = st.builds(lambda number, unit: number + unit, anything, units)
names = st.one_of(st.sampled_from([*UNITS, "M", "p_ext", "N_exc", "p", "lam"]), st.text(max_size=6))
assignments = st.builds(lambda name, value: f"{name}={value}", names, quantities)


def flags(**strategies):
    """Generate command lines: some of the flags, each with a value, in one way or the other."""
    def pair(name, value):
        return [f"--{name}={value}"] if len(value) % 2 else [f"--{name}", value]

    chosen = [
        st.one_of(st.just([]), values.map(lambda value, name=name: pair(name, value)))
        for name, values in strategies.items()
    ]
    return st.tuples(*chosen).map(lambda parts: [text for part in parts for text in part])


SIMULATED = {
    "n": st.one_of(st.integers(2, 10**5).map(str), anything),
    "duration": st.one_of(st.floats(0.5, 100).map(repr), anything),
    "transient": st.one_of(st.floats(0, 10).map(repr), anything),
    "seed": st.one_of(st.integers(0, 2**32 - 1).map(str), anything),
    "set": assignments,
}


class Computed(Exception):
    """The command has come as far as to compute."""


@pytest.fixture
def stopped(monkeypatch, tmp_path):
    """An empty folder to stand in; commands stop where they would simulate."""

    def stop(*given, **options):
        raise Computed

    for place, name in ((run, "_compute"), (sweep, "_sweep"), (bench, "time_all")):
        monkeypatch.setattr(place, name, stop)
    monkeypatch.setattr(run, "_drawing", lambda parser: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(main, arguments, capsys, folder):
    """Run a command; it computes, is refused in one line, or says what was asked for."""
    capsys.readouterr()
    started = time.monotonic()
    try:
        status = main(arguments)
    except Computed:
        status = "computed"
    except SystemExit as exit_:
        status = exit_.code
    printed = capsys.readouterr()
    assert time.monotonic() - started < SECONDS
    assert status in (0, 2, "computed"), (status, printed)
    if status == 2:
        assert printed.out == "" and printed.err.count("\n") == 1 and len(printed.err) < 1000
        assert not any(folder.iterdir()), "refused, and something is written"
    elif status == "computed":  # a sweep has made and locked its folder, under results/
        assert {path.name for path in folder.iterdir()} <= {"results"}
        remove(folder / "results")


def remove(folder):
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if folder.exists():
        folder.rmdir()


@settings(EVERY, max_examples=150)
@given(flags(p=fractions, lam=fractions, trials=anything, **SIMULATED))
def test_run(capsys, stopped, arguments):
    check(run.main, arguments, capsys, stopped)


@settings(EVERY, max_examples=40)
@given(flags(set=assignments))
def test_run_with_a_point(capsys, stopped, arguments):
    check(run.main, ["--p", "0.1", "--lam", "0.8", *arguments], capsys, stopped)


@settings(EVERY, max_examples=100)
@given(
    flags(grid=st.sampled_from(["paper", "fine", "x"]), p=fractions, lam=fractions, trials=anything,
          workers=anything, retries=anything, **SIMULATED),
    st.sampled_from(["--dry-run", "--status", "--tables"]),
)  # fmt: skip
def test_sweep(capsys, stopped, arguments, only):
    check(sweep.main, [*arguments, only], capsys, stopped)


@settings(EVERY, max_examples=75)
@given(flags(p=fractions, lam=fractions, repeats=anything, backends=anything, scaling=anything,
             **SIMULATED))  # fmt: skip
def test_bench(capsys, stopped, arguments):
    check(bench.main, arguments, capsys, stopped)


@settings(EVERY, max_examples=300)
@given(quantities)
def test_values(text):
    """A value is a finite number with a unit, or there is one line that quotes it."""
    try:
        value = parse_value(text)
    except ValueError as error:
        assert str(error).startswith("must be")
    else:
        assert math.isfinite(float(value)) and not isinstance(value, bool)


@settings(EVERY, max_examples=200)
@given(st.dictionaries(st.sampled_from(list(TABLE_1.si())), st.floats() | st.integers()))
def test_parameters_come_back_from_si(changes):
    """What is accepted goes to plain numbers and back unchanged, and can be shown."""
    changed = {name: value * UNITS[name] if name in UNITS else value
        for name, value in changes.items()}  # fmt: skip
    try:
        params = replace(TABLE_1, **changed)
    except ParameterError as error:
        assert error.name in TABLE_1.si() and "\n" not in str(error)
        return
    again = from_si(params.si())
    assert again.si() == params.si()
    assert all(entry["si"] == params.si()[name] for name, entry in shown(params).items())
    assert Path(str(params.steps)).name.isdigit() and params.N_exc + params.N_inh == params.N
