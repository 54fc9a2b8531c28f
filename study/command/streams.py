"""Standard output and error that may be closed, full or a broken pipe, or lack a character."""

import functools
import os
import sys
from contextlib import suppress

BROKEN_PIPE = 128 + 13  # what a shell reports of a program that SIGPIPE ended


class _Outliving:
    """A stream that drops what it cannot write, and remembers why."""

    def __init__(self, stream):
        self._stream, self.error = stream, None
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        self._try(self._stream.write, text)
        return len(text)

    def flush(self):
        self._try(self._stream.flush)

    def _try(self, method, *given):
        if self.error is not None:
            return
        try:
            method(*given)
        except (OSError, ValueError) as error:  # ValueError: closed
            self.error = error
            with suppress(OSError, ValueError, AttributeError):  # what is still held goes nowhere
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


def outliving(command):
    """Let a command go on where its output has no reader or no room; decorate run_command.

    Nothing is printed about it but what standard error can take, and the exit status tells where
    standard output is cut: `BROKEN_PIPE`, as of a program that a closed pipe ends, or 1.
    """

    @functools.wraps(command)
    def outlived(*given):
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = map(_Outliving, before)
        try:
            try:
                status = command(*given)
            except SystemExit as exit_:
                status = exit_.code or 0
            sys.stdout.flush()
            error = sys.stdout.error
            if error is not None and status == 0:
                status = 1
                if isinstance(error, BrokenPipeError):
                    status = BROKEN_PIPE
                else:
                    print(f"error: standard output: {_reason(error)}", file=sys.stderr)
            sys.stderr.flush()
            return status
        finally:
            sys.stdout, sys.stderr = before

    return outlived


def _reason(error):
    return os.strerror(error.errno) if getattr(error, "errno", None) else str(error)
