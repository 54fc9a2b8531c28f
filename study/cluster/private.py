"""Folders of one process that nobody else can look into, and that do not outlive it for long."""

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_folder(place, name):
    """Make a folder in `place` that only this user can enter; remove it at the end.

    Nobody can have it prepared, for the end of its name is drawn. What processes that were killed
    have left there under the same `name` is removed at the start: folders of this user that none
    holds locked. A link is never followed, another user's folder never touched.

    Parameters
    ----------
    place : path
    name : str
        Without the characters that `Path.glob` knows.
    """
    place = Path(place)
    made, lock = _made(place, name)
    try:
        for left in place.glob(f"{name}_*"):
            _remove_abandoned(left)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def _made(place, name):
    """Make a folder and lock it; return its path and the descriptor of the lock."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=f"{name}_", dir=place))
        lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        _lock(lock, fcntl.LOCK_EX)
        if made.exists():  # or it was taken for abandoned before it was locked
            return made, lock
        os.close(lock)


def _lock(descriptor, how):
    """Lock a folder; tell whether that worked: it may be locked, or lie where none can be."""
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        return False
    return True


def _remove_abandoned(path):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # a link, a file, another user's, or gone
        return
    try:
        mine = os.fstat(descriptor).st_uid == os.getuid()
        if mine and _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)
