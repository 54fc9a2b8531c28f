"""Ctrl-C that nothing can swallow."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def lasting_interrupt():
    """Yield a function that raises KeyboardInterrupt if there was a SIGINT in this block.

    SIGINT raises KeyboardInterrupt at once, as ever. Where that happens to be in a destructor,
    Python only prints it (docs.python.org/3/reference/datamodel.html#object.__del__), and Dask's
    futures have one that runs for every trial; the next call of the function then raises again.

    Outside the main thread, which alone may handle signals, the function does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    seen = threading.Event()

    def interrupt(number, frame):
        seen.set()
        raise KeyboardInterrupt

    def check():
        if seen.is_set():
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, previous)
