"""Ctrl-C at moments of our choice."""

import signal
import threading
from contextlib import contextmanager
from multiprocessing import resource_tracker

GRACE_S = 5.0  # how long an interrupt waits for such a moment


@contextmanager
def deferred_interrupt():
    """Yield a function that raises KeyboardInterrupt if there was a SIGINT in this block.

    Raised wherever it happens to arrive, KeyboardInterrupt can leave a library's lock held, and in
    a destructor Python only prints it (docs.python.org/3/reference/datamodel.html#object.__del__);
    Dask's futures have one that runs for every trial. Here it waits for the next call of the
    function. A second SIGINT, and five seconds without a call, raise it wherever that may be.

    Outside the main thread, which alone may handle signals, the function does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    seen = threading.Event()

    def interrupt(number, frame):
        if seen.is_set():
            raise KeyboardInterrupt
        seen.set()
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def check():
        if seen.is_set():
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise KeyboardInterrupt

    both = (signal.SIGINT, signal.SIGALRM)
    previous = {number: signal.signal(number, interrupt) for number in both}
    try:
        yield check
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def no_interrupt():
    """Hold SIGINT back in this thread, and for good in the threads and processes started here.

    Ctrl-C reaches every process of a terminal, but it is one of them that shall act on it. Signals
    are held back by thread, and both threads and processes inherit that. A thread of a library that
    was there before may still take the signal: then `deferred_interrupt` keeps it, and what is
    started here is not broken off when its grace is over. To be used in the main thread.
    """
    resource_tracker.ensure_running()  # or multiprocessing starts it and lets SIGINT pass again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    alarm = signal.signal(signal.SIGALRM, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, alarm)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
