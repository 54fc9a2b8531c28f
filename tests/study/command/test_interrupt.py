"""Ctrl-C waits for a moment of our choice, but not for ever."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from study.command import interrupt
from study.command.interrupt import deferred_interrupt, no_interrupt

TELL = "from signal import *; print(SIGINT in pthread_sigmask(SIG_BLOCK, []))"


class Interrupted:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Start with Python's own handler: the shell may ignore SIGINT, and Brian2 has another."""
    outside = signal.signal(signal.SIGINT, signal.default_int_handler)
    alarm = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) is alarm
    assert signal.signal(signal.SIGINT, outside) is signal.default_int_handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_it_waits_for_the_check():
    passed = []
    with pytest.raises(KeyboardInterrupt), deferred_interrupt() as check:
        check()
        signal.raise_signal(signal.SIGINT)
        passed.append("the signal")
        check()
        passed.append("the check")
    assert passed == ["the signal"]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_in_a_destructor():
    """Where Python would only print an exception that is raised."""
    with deferred_interrupt() as check:
        doomed = Interrupted()
        del doomed
        with pytest.raises(KeyboardInterrupt):
            check()


def test_the_second_does_not_wait():
    with deferred_interrupt():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_without_a_check_it_waits_for_the_grace_only(monkeypatch):
    monkeypatch.setattr(interrupt, "GRACE_S", 0.1)
    with deferred_interrupt():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(30)


def test_the_check_leaves_time_to_tidy_up(monkeypatch):
    """What follows KeyboardInterrupt inside the block is not interrupted again."""
    monkeypatch.setattr(interrupt, "GRACE_S", 0.1)
    with deferred_interrupt() as check:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()
        time.sleep(0.2)


def test_the_grace_does_not_break_off_what_is_started(monkeypatch):
    """The signal may have been taken by a thread that does not hold it back."""
    monkeypatch.setattr(interrupt, "GRACE_S", 0.1)
    with deferred_interrupt() as check:
        signal.raise_signal(signal.SIGINT)
        with no_interrupt():
            time.sleep(0.2)
        with pytest.raises(KeyboardInterrupt):
            check()


def test_nothing_is_done_outside_the_main_thread():
    def in_a_thread():
        with deferred_interrupt() as check:
            check()
            handlers.append(signal.getsignal(signal.SIGINT))

    handlers = []
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]


def test_it_is_held_back_from_what_is_started_meanwhile():
    """From processes of a thread that goes on after the block, too; but from nothing else."""

    def in_a_thread():
        over.wait()
        told.append(told_by_a_process())

    def told_by_a_process():
        return subprocess.check_output([sys.executable, "-c", TELL], text=True).strip()

    told, over = [], threading.Event()
    thread = threading.Thread(target=in_a_thread, daemon=True)
    with pytest.raises(KeyboardInterrupt), no_interrupt():
        thread.start()
        signal.raise_signal(signal.SIGINT)  # arrives when the block ends
        told.append(told_by_a_process())
    over.set()
    thread.join()
    told.append(told_by_a_process())
    assert told == ["True", "True", "False"]
