"""Progress of a long computation, for people: a bar on a terminal, plain lines elsewhere.

Showing it never fails: where standard error is closed, full or a broken pipe, nothing is shown.
"""

import sys
import threading
import time
from contextlib import contextmanager, suppress

from tqdm import tqdm

TICK_S = 1.0  # how often the clock of a bar moves when nothing else does


def say(line):
    """Print a line on standard error, above the bar where there is one."""
    with suppress(OSError, ValueError):  # ValueError: closed
        if sys.stderr is not None:
            tqdm.write(line, file=sys.stderr)
            sys.stderr.flush()


def say_loading():
    """Say on a terminal that a command loads its libraries; what is shown next covers it."""
    with suppress(OSError, ValueError):
        if "--quiet" not in sys.argv and sys.stderr is not None and sys.stderr.isatty():
            print("loading", end="\r", file=sys.stderr, flush=True)


@contextmanager
def progress_reporter(label, quiet=False, doing="compiling or starting"):
    """Yield a function that shows the completed fraction, 0 ... 1, and what is being done.

    A terminal gets a live bar with the time left, anything else a line every 10 %. `quiet` shows
    nothing.

    Parameters
    ----------
    label : str
    quiet : bool
    doing : str
        What is said until the first call.
    """
    form = "{desc}: {percentage:3.0f}% {bar} {elapsed} gone, {remaining} left"
    shown = 0
    with _bar(quiet, total=100, desc=f"{label}, {doing}", bar_format=form) as move:
        if move is None and not quiet:
            say(f"{label}: {doing}")

        def show(fraction, doing=""):
            nonlocal shown
            if move:
                move(100 * fraction, f"{label}, {doing}" if doing else label)
                return
            tenth = int(10 * fraction + 1e-9)
            if tenth > shown and not quiet:
                shown = tenth
                say(f"{label}: {10 * tenth} %")

        yield show


@contextmanager
def trial_reporter(total, quiet=False):
    """Yield a function that shows the numbers of trials done, running and failed.

    A terminal gets a live bar with the time left, anything else a line every 10 % and for every
    failure. `quiet` shows nothing.
    """
    form = "{n_fmt} of {total_fmt} trials {bar} {desc}, {elapsed} gone, {remaining} left"
    waiting = "waiting for workers"
    started, shown = time.monotonic(), (0, 0)
    with _bar(quiet, total=total, desc=waiting, bar_format=form) as move:
        if move is None and not quiet:
            say(f"0 of {total} trials done, {waiting}")

        def show(done, running, failed):
            nonlocal shown
            over = done + failed
            state = f"{running} running" if running or over == total else waiting
            if move:
                move(over, f"{state}, {failed} failed")
                return
            now = (10 * over // total, failed)
            if now > shown and not quiet:
                shown = now
                left = _minutes((time.monotonic() - started) / over * (total - over))
                say(f"{done} of {total} trials done, {state}, {failed} failed, {left} left")

        yield show


@contextmanager
def _bar(quiet, **options):
    """Yield a function that sets a bar's value and text, None where there is no bar.

    Its clock goes on by itself.
    """
    bar, over = None, threading.Event()
    with suppress(OSError, ValueError):  # a terminal that is gone
        if not quiet and sys.stderr is not None and sys.stderr.isatty():
            bar = tqdm(file=sys.stderr, dynamic_ncols=True, **options)
    if bar is None:
        yield None
        return

    def move(value, text):
        bar.desc = text
        with suppress(OSError, ValueError):
            bar.update(value - bar.n)

    def tick():
        while not over.wait(TICK_S):
            with suppress(OSError, ValueError):
                bar.refresh()

    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield move
    finally:
        over.set()
        clock.join()
        with suppress(OSError, ValueError):
            bar.close()


def _minutes(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
