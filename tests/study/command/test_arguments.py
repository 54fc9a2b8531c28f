"""What all commands share: their help, their version, one line for a mistake."""

import importlib
import re
import subprocess
import sys
from importlib import metadata

import pytest
from small_sweep import ENVIRONMENT, ROOT

from models.parameters import TABLE_1
from study.command.commands import COMMANDS, summary
from study.command.flags import FLAGS
from study.command.numbers import integer, number
from study.command.parser import LONGEST_LINE, one_line
from study.command.version import DISTRIBUTION, release


def exit_of(main, arguments):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return exit_.value.code


def command(name):
    return importlib.import_module(f"study.{name}").main


def python_m_study(*arguments, code=None):
    """Run it, or a piece of code in its place; no warning may be raised."""
    what = ["-c", code] if code else ["-m", "study", *arguments]
    return subprocess.run(
        [sys.executable, "-W", "error", *what],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip


def test_python_m_study_lists_every_command():
    """A line each: its name, then the first line of its docstring, which --help shows, too."""
    done = python_m_study()
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()[1:]]
    assert [name for name, _ in lines] == list(COMMANDS)
    for name, told in lines:
        assert told == importlib.import_module(f"study.{name}").__doc__.splitlines()[0]
        assert f"python -m study.{name}" in told
    assert all(len(line) <= 110 for line in done.stdout.splitlines())
    sources = {path.stem: path.read_text() for path in (ROOT / "study").glob("[!_]*.py")}
    found = {name for name, text in sources.items() if "(run_command(main))" in text}
    assert set(COMMANDS) == found


def test_the_list_needs_no_library():
    code = """import runpy, sys
sys.argv = ["study"]
try:
    runpy.run_module("study", run_name="__main__", alter_sys=True)
except SystemExit as exit:
    print(exit.code, {"numpy", "pandas", "brian2", "matplotlib"}.intersection(sys.modules))"""
    done = python_m_study(code=code)
    assert done.stdout.splitlines()[-1] == "0 set()", done.stderr


@pytest.mark.parametrize(
    "given, told",
    [
        (["rum"], "there is no command rum; did you mean python -m study.run?"),
        (["run", "--p", "0.1"], "there is no command run; did you mean python -m study.run?"),
        (["study.sweeps"], "there is no command study.sweeps; did you mean python -m study.sweep?"),
        (["xyzzy"], "there is no command xyzzy; python -m study lists them"),
        (["--versin"], "unrecognized arguments: --versin; did you mean --version by --versin?"),
    ],
)
def test_what_is_no_command_is_one_line(given, told):
    done = python_m_study(*given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"python -m study: error: {told}\n"


def version():
    return re.search(r"^version = (\S+)", (ROOT / "setup.cfg").read_text(), re.M).group(1)


@pytest.mark.parametrize("name", ["__main__", *COMMANDS])
def test_every_command_says_its_version(name, capsys):
    assert exit_of(command(name), ["--version"]) == 0
    assert capsys.readouterr().out == f"{DISTRIBUTION} {version()}\n"


def test_a_bare_checkout_knows_its_version(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("study.command.version.metadata.version", missing)
    assert release() == f"{DISTRIBUTION} {version()}"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_begins_with_what_the_command_does(name, capsys):
    assert exit_of(command(name), ["--help"]) == 0
    assert " ".join(summary(name).split()) in " ".join(capsys.readouterr().out.split())


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
