"""Ctrl-C that nothing can swallow: against a destructor, which does swallow it."""

import signal
import threading

import pytest

from study.interrupt import lasting_interrupt


class Interrupted:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def test_interrupt_in_ordinary_code():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), lasting_interrupt():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_interrupt_in_a_destructor():
    with lasting_interrupt() as check:
        check()
        doomed = Interrupted()
        del doomed  # Python swallows what this raises
        with pytest.raises(KeyboardInterrupt):
            check()


def test_nothing_is_done_outside_the_main_thread():
    def in_a_thread():
        with lasting_interrupt() as check:
            check()
            handlers.append(signal.getsignal(signal.SIGINT))

    handlers = []
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
