"""What all commands share: their help, their version, one line for a mistake."""

import importlib
import re
import subprocess
import sys

import pytest
from small_sweep import ENVIRONMENT, ROOT

from models.parameters import TABLE_1
from study.__main__ import COMMANDS
from study.command.flags import FLAGS
from study.command.numbers import integer, number
from study.command.parser import DISTRIBUTION, LONGEST_LINE, one_line


def exit_of(main, arguments):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return exit_.value.code


def command(name):
    return importlib.import_module(f"study.{name}").main


def test_python_m_study_names_every_command():
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-m", "study"],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert printed.stderr == ""
    named = re.findall(r"python -m study\.(\w+)", printed.stdout)
    sources = {path.stem: path.read_text() for path in (ROOT / "study").glob("*.py")}
    assert named == list(COMMANDS)
    assert set(named) == {name for name, text in sources.items() if "(run_command(main))" in text}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_its_version(name, capsys):
    assert exit_of(command(name), ["--version"]) == 0
    version = re.search(r"^version = (\S+)", (ROOT / "setup.cfg").read_text(), re.M).group(1)
    assert capsys.readouterr().out == f"{DISTRIBUTION} {version}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_flag_is_written_out(name, capsys):
    """A prefix that means one flag today may mean two tomorrow."""
    assert exit_of(command(name), ["x", "--vers"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert printed.err.endswith("; did you mean --version by --vers?\n")


@pytest.mark.parametrize("name", ["run", "sweep", "bench"])
def test_help_says_what_can_be_set(name, capsys):
    assert exit_of(command(name), ["--help"]) == 0
    printed = capsys.readouterr().out
    unnamed = ("p", "lam") if name == "sweep" else FLAGS  # the others are there for --vary
    for parameter in TABLE_1.si():
        assert (re.search(rf"^  {parameter} ", printed, re.M) is None) == (parameter in unnamed)
    assert "  g_hat_exc   0.008 nS  peak conductance per excitatory spike\n" in printed
    assert "  Q          0.0005 volt**2/second " in printed


@pytest.mark.parametrize("text, value", [("7", 7), (" 7 ", 7), ("7e3", 7000), ("7.0", 7)])
def test_integers(text, value):
    assert integer("--n", text, 2) == value and isinstance(integer("--n", text, 2), int)


@pytest.mark.parametrize("text, value", [("0.5", 0.5), (" 5e-1 ", 0.5), ("0e-999", 0), (0.5, 0.5)])
def test_numbers(text, value):
    assert number("--p", text) == value


def test_one_line():
    assert one_line("got a\nb\x1b[1m\udc80\0 é λ") == r"got a\nb\x1b[1m\udc80\x00 é λ"
    cut = one_line("got " + "x" * 10_000 + " at the end")
    assert len(cut) <= LONGEST_LINE and cut.startswith("got x") and cut.endswith("at the end")
