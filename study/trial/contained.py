"""Foreign code: it is given nothing to spoil, its marks are undone, its errors told in a line."""

import copy
import os
import random
import sys
import threading
import traceback
import warnings
from contextlib import contextmanager, redirect_stdout, suppress
from types import MappingProxyType

import numpy as np

from models.recording import Recording
from study.trial import model_source

LONGEST = 300  # characters of a message: a model may raise with any text


class ModelFailure(RuntimeError):
    """A mass model has no result on one record; the message, a line, says why."""


def sealed(recording):
    """Return a record for foreign code: the same arrays, but none that can be written to.

    The views are of read-only buffers, so that not even their `writeable` flag can be set.
    """

    def seal(value):
        if isinstance(value, np.ndarray):
            return np.asarray(memoryview(value).toreadonly())
        if isinstance(value, dict):
            return MappingProxyType({key: seal(item) for key, item in value.items()})
        return copy.deepcopy(value)

    values = {name: getattr(recording, name) for name in Recording.__dataclass_fields__}
    return Recording(**{name: seal(value) for name, value in values.items()})


@contextmanager
def contained():
    """Undo what foreign code does to the process; it prints on standard error, warns nobody."""
    states = np.random.get_state(), random.getstate()  # noqa: NPY002 - of foreign code
    with suppress(OSError):
        folder = os.getcwd()
    with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            np.random.set_state(states[0])  # noqa: NPY002
            random.setstate(states[1])
            with suppress(OSError, NameError):
                os.chdir(folder)


def told(error):
    """Say in one line what was raised, and where in the user's files."""
    try:
        message = short(str(error))
    except Exception:  # even that may fail
        message = ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(".py") and model_source.is_followed(frame.filename)]  # fmt: skip
    text = f"{type(error).__name__}: {message or 'no message'}"
    if frames:
        text += f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})"
    return text


def short(text):
    """Make one printable line of any text, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST]).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."


def pass_interrupt(error):
    """Raise an interrupt again where it may be the person's: these reach the main thread alone."""
    in_main = threading.current_thread() is threading.main_thread()
    if isinstance(error, KeyboardInterrupt) and in_main:
        raise error
