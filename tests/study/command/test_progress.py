"""What people see while they wait: on a terminal, elsewhere, and where nobody can look."""

import io
import os
import pty
import subprocess
import sys
import time
from contextlib import redirect_stderr

import pytest
from small_sweep import ENVIRONMENT, ROOT, SWEEP, wait_for

from study import sweep
from study.command import progress
from study.command.progress import progress_reporter, say, trial_reporter


class Terminal(io.StringIO):
    """A terminal that remembers everything."""

    def isatty(self):
        return True

    def lines(self):
        """Return what each line shows in the end; a carriage return goes back to its start."""
        shown = []
        for line in self.getvalue().split("\n"):
            screen = ""
            for text in line.split("\r"):
                screen = text + screen[len(text) :]
            shown.append(screen.rstrip())
        return shown


def test_nothing_is_printed_into_the_bar():
    with redirect_stderr(Terminal()) as terminal, trial_reporter(4) as show:
        first = terminal.lines()[0]
        assert "0 of 4 trials" in first and "waiting for workers" in first
        say("the dashboard")
        show(1, 2, 1)
        say("another line")
    *said, bar = [line for line in terminal.lines() if line]
    assert said == ["the dashboard", "another line"]
    assert "2 of 4 trials" in bar and "2 running, 1 failed" in bar


def test_a_bar_says_what_is_done_from_the_start():
    with redirect_stderr(Terminal()) as terminal:
        with progress_reporter("simulation") as show:
            assert "simulation, compiling or starting:   0%" in terminal.lines()[-1]
            show(0.5)
            time.sleep(0.11)  # a bar is drawn ten times a second at most
            show(0.51)
            assert "simulation:  51%" in terminal.lines()[-1]
    assert terminal.getvalue().endswith("\n")


@pytest.mark.parametrize("reporter", [lambda: progress_reporter("x"), lambda: trial_reporter(3)])
def test_a_bar_moves_by_itself_and_is_ended_by_whatever_happens(reporter, monkeypatch):
    monkeypatch.setattr(progress, "TICK_S", 0.01)
    with redirect_stderr(Terminal()) as terminal:
        with pytest.raises(KeyboardInterrupt), reporter():
            drawn = len(terminal.getvalue())
            wait_for(lambda: len(terminal.getvalue()) >= 3 * drawn)
            raise KeyboardInterrupt
        ended = terminal.getvalue()
        say("interrupted")
    assert ended.endswith("\n") and terminal.getvalue() == ended + "interrupted\n"


def test_lines_where_there_is_no_terminal(capsys):
    with progress_reporter("simulation") as show:
        for k in range(101):
            show(k / 100)
    with trial_reporter(2) as show:
        show(0, 0, 0)
        show(0, 2, 0)
        show(1, 1, 0)
        show(1, 0, 1)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "simulation: compiling or starting",
        *(f"simulation: {10 * k} %" for k in range(1, 11)),
        "0 of 2 trials done, waiting for workers",
        "1 of 2 trials done, 1 running, 0 failed, 0 s left",
        "1 of 2 trials done, 0 running, 1 failed, 0 s left",
    ]


def test_quiet():
    with redirect_stderr(Terminal()) as terminal:
        with progress_reporter("x", quiet=True) as show, trial_reporter(2, quiet=True) as count:
            show(0.5)
            count(2, 0, 0)
    assert terminal.getvalue() == ""


class Broken(Terminal):
    """A terminal that has gone away."""

    def write(self, text):
        raise BrokenPipeError

    def flush(self):
        raise BrokenPipeError


def closed():
    stream = Terminal()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [lambda: None, closed, Broken])
def test_nobody_can_look(capsys, stream):
    """What is computed is not lost for that, and nothing strays to standard output."""
    with redirect_stderr(stream()):
        with progress_reporter("x") as show, trial_reporter(2) as count:
            show(0.5)
            say("a line")
            count(1, 1, 0)
            show(1)
    assert capsys.readouterr().out == ""


def test_the_dashboard_of_a_sweep_stands_on_its_own_line(cluster, tmp_path):
    flags = [flag for flag in SWEEP if flag != "--quiet"]
    with redirect_stderr(Terminal()) as terminal:
        assert sweep.main([*flags, *cluster, "--out", str(tmp_path / "sweep")]) == 0
    *_, dashboard, bar, last = terminal.lines()
    assert dashboard.startswith("Dask's dashboard: http") and last == ""
    assert bar.startswith("8 of 8 trials") and "0 running, 0 failed" in bar


def test_a_command_says_that_it_loads():
    """Its libraries take seconds; only where somebody looks, and what follows covers it."""
    own, other = pty.openpty()
    flags = ["-m", "study.bench", "--repeats", "0"]
    process = subprocess.Popen([sys.executable, *flags], cwd=ROOT, env=ENVIRONMENT, stderr=other)
    os.close(other)
    printed = b""
    try:
        while text := os.read(own, 1000):
            printed += text
    except OSError:  # Linux: nobody is at the other end any more
        pass
    os.close(own)
    assert process.wait() == 2
    before, _, line = printed.decode().partition("python -m study.bench: error: ")
    assert before == "loading\r"
    assert line == "--repeats: must be an integer >= 1, got 0\r\n"
