"""Ctrl-C, SIGTERM and SIGHUP: all in the same way, once, and at moments of our choice."""

import signal
import threading
import time
from contextlib import contextmanager
from multiprocessing import resource_tracker

GRACE_S = 5.0  # how long an interrupt waits for such a moment
CLEAN_UP_S = 10.0  # how long after it further ones are ignored: they would break off the tidying up
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ignored_until = 0.0


def handle_signals():
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt for the rest of this process, as SIGINT does.

    Its argument is the number of the signal. More of them within ten seconds are ignored, so that
    whoever holds down Ctrl-C leaves nothing behind. SIGTERM and SIGHUP stay ignored where they are,
    as nohup has it. Outside the main thread, which alone may handle signals, nothing is done.
    """
    for number in _handled_here():
        signal.signal(number, _interrupt)


def ignore_signals():
    """Ignore what would break off the last steps of a process that an interrupt ends."""
    for number in _handled_here():
        signal.signal(number, signal.SIG_IGN)


def exit_status(error):
    """Return the exit status of a command that KeyboardInterrupt ends: 130, 143 or 129."""
    return 128 + (error.args[0] if error.args else signal.SIGINT)


def _interrupt(number, frame=None):
    global _ignored_until
    if time.monotonic() >= _ignored_until:
        _ignored_until = time.monotonic() + CLEAN_UP_S
        raise KeyboardInterrupt(number)


def _handled_here():
    """Return the signals to be handled. A shell ignores SIGINT for what it does not wait for."""
    if threading.current_thread() is not threading.main_thread():
        return []
    ignored = signal.SIG_IGN
    return [n for n in SIGNALS if n == signal.SIGINT or signal.getsignal(n) is not ignored]


@contextmanager
def _replaced(handler, numbers):
    """Handle some signals by another function in this block."""
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def deferred_interrupt():
    """Yield a function that raises KeyboardInterrupt if there was an interrupt in this block.

    Raised wherever it happens to arrive, KeyboardInterrupt can leave a library's lock held, and in
    a destructor Python only prints it (docs.python.org/3/reference/datamodel.html#object.__del__);
    Dask's futures have one that runs for every trial. Here it waits for the next call of the
    function. A second signal, and five seconds without a call, raise it wherever that may be. An
    error after a signal is taken for its consequence: workers may have got the signal, too.

    Outside the main thread, which alone may handle signals, the function does nothing.
    """
    global _ignored_until
    numbers, seen = _handled_here(), []
    if not numbers:
        yield lambda: None
        return

    def interrupt(number, frame):
        if seen:
            _interrupt(seen[0])
        elif number != signal.SIGALRM:
            seen.append(number)
            signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def check():
        global _ignored_until
        if seen:
            signal.setitimer(signal.ITIMER_REAL, 0)
            _ignored_until = time.monotonic() + CLEAN_UP_S
            raise KeyboardInterrupt(seen[0])

    _ignored_until = 0.0
    with _replaced(interrupt, [*numbers, signal.SIGALRM]):
        try:
            yield check
        except Exception:
            check()
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def no_interrupt():
    """Hold interrupts back in this block, and from the threads and processes started here.

    Ctrl-C and the end of a terminal reach every process in it, but it is one of them that shall act
    on it. SIGINT and SIGHUP are held back by thread, and both threads and processes inherit that,
    for good. SIGTERM, with which Dask and multiprocessing may end a process, is not, nor what a
    thread of a library takes that was there before: this waits in Python for the end of the block.
    To be used in the main thread.
    """
    held, masked = [], {signal.SIGINT, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    try:
        with _replaced(lambda number, _: held.append(number), [*_handled_here(), signal.SIGALRM]):
            try:
                signal.pthread_sigmask(signal.SIG_BLOCK, masked)
                resource_tracker.ensure_running()  # which multiprocessing needs; lets SIGINT pass
                signal.pthread_sigmask(signal.SIG_BLOCK, masked)
                yield
            finally:
                while taken := signal.sigtimedwait(masked - before, 0):
                    held.append(taken.si_signo)
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
    finally:
        for number in held:
            if number != signal.SIGALRM and signal.getsignal(number) != signal.SIG_IGN:
                signal.raise_signal(number)  # once, however often it came
                break
