"""A folder put in the place of another in one step, whoever looks and whenever it is killed."""

import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # fcntl.h and linux/fs.h
LONGEST = 240  # bytes of a name that fits into that of a private folder beside it
NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


@contextmanager
def atomic_folder(folder):
    """Yield a private folder to fill, then put it in the place of `folder` in one step.

    Whatever happens before that step leaves `folder` as it was. All files are synced to the disk
    before it. An old folder and the new one change places, so that at every moment one of them
    stands there, whole, and of several writers at once each puts a whole one there.

    Where the kernel or the file system knows no exchange (renameat2; Linux has it since 3.15, some
    network file systems do not), the old folder is moved aside and the new one into its place.
    Between these two steps there is none; what is killed just then leaves the old one aside, and
    the next `clean` puts it back.
    """
    folder = Path(folder).resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    clean(folder)
    private, lock = _private(folder)
    try:
        yield private
        for file in private.iterdir():
            sync(file)
        sync(private)
        _put(private, folder)
        sync(folder.parent)
    finally:  # what lies there now is what was not put in place: the new folder or the old one
        shutil.rmtree(private, ignore_errors=True)
        os.close(lock)


def clean(folder):
    """Remove what writers of `folder` that were killed left beside it, or put it back.

    The private folder of a living writer is locked and stays.
    """
    folder = Path(folder).resolve()
    pattern = re.compile(re.escape(_prefix(folder)) + r"[0-9a-f]{8}(~?)")
    with suppress(OSError):  # nobody needs this to work
        for path in folder.parent.iterdir():
            if (match := pattern.fullmatch(path.name)) and (lock := _lock(path)) is not None:
                try:
                    if match[1] and not os.path.lexists(folder):
                        os.rename(path, folder)
                    else:
                        shutil.rmtree(path, ignore_errors=True)
                finally:
                    os.close(lock)


def _prefix(folder):
    """Return how the names of private folders begin."""
    name = os.fsencode(folder.name)
    return f".{folder.name if len(name) <= LONGEST else sha256(name).hexdigest()[:32]}."


def _private(folder):
    """Make a private folder beside `folder`; return it and the lock that says that it is in use."""
    while True:
        private = folder.with_name(_prefix(folder) + secrets.token_hex(4))
        with suppress(FileExistsError):
            private.mkdir()
            lock = _lock(private, wait=True)
            if lock is not None:
                if private.exists():  # nobody took it for a dead one before it was locked
                    return private, lock
                os.close(lock)


def _lock(path, wait=False):
    """Lock a folder; return the handle, or None where another process holds it or it is gone.

    A file system without locks gives a private folder none; there, nothing is ever cleaned.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        if wait:
            return handle
        os.close(handle)
        return None
    return handle


def _put(private, folder):
    """Let `private` take the place of `folder`; what was there is then `private`, or gone."""
    while True:
        try:
            if folder.is_dir():
                return _exchange(private, folder)
            return os.rename(private, folder)
        except OSError as error:  # another writer was faster, there or gone: look again
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
                raise
            if not private.is_dir():
                raise


def _exchange(one, other):
    """Let two folders change places, in one step where the system has that."""
    try:
        _renameat2(one, other)
    except OSError as error:
        if error.errno not in NO_EXCHANGE:
            raise
        _exchange_in_steps(one, other)


def _renameat2(one, other):
    """Call renameat2 to exchange two names."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library without it
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    paths = (os.fsencode(one), os.fsencode(other))
    if call(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))


def _exchange_in_steps(private, folder):
    """Move the old folder aside and the new one into its place; in trouble put the old one back."""
    aside = private.with_name(f"{private.name}~")
    lock = _lock(folder)
    try:
        os.rename(folder, aside)
        try:
            os.rename(private, folder)
        except BaseException:
            if not os.path.lexists(folder):
                os.rename(aside, folder)
            raise
        finally:
            if os.path.lexists(folder):
                shutil.rmtree(aside, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)


def sync(path):
    """Wait until a file, or the list of a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
