"""Compiled programs, kept between runs: one for each text and content that it is made from.

The key of a program is its generated source, the compiler and the processor. What the compiler and
the linker read besides - headers and sources of the user, libraries - they list themselves, and the
program's folder is named after the content of all of it: a file that changes in place, or one that
newly comes before another in the search path, asks for another program. No variable of the
environment reaches them (`models.engine.compiler.environment`).
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import platformdirs
from filelock import FileLock

from models.engine import inputs
from models.engine.compiler import PROGRAM, identity, make

DIGEST, READ = "main.sha256", ".read"
# Programs that nobody used for KEPT_DAYS are removed, and the ones used least recently where all
# take more than KEPT_MB, when the next is compiled. One used within the last hour stays.
KEPT_DAYS, KEPT_MB, HOUR_S = 90, 500, 3600


def folder():
    """Return the folder of the compiled programs, in the user's cache folder."""
    return Path(platformdirs.user_cache_dir("neural-mass-validity")).absolute() / "dense"


def clear():
    """Remove every compiled program.

    Raises
    ------
    RuntimeError
        Something could not be removed; the message names it.
    """
    try:
        shutil.rmtree(folder())
    except FileNotFoundError:
        pass
    except OSError as error:
        raise RuntimeError(f"{error.filename} cannot be removed: {error.strerror}") from None


def compiled(sources):
    """Return the program made from generated sources, compiled before or now.

    Several processes may ask for the same program at once: one compiles, the others wait. A program
    that another compiler or processor made, or that is damaged, is not used.

    Parameters
    ----------
    sources : dict
        Text of each file, by its path within the project; one of them is the makefile. A user's
        own source has its absolute path.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    RuntimeError
        There is no compiler, or it failed, or the folder of the programs cannot be written to.
    """
    sources = _within_project(sources)
    key = _key(sources)
    if program := _found(key):
        return program
    with _writing():
        folder().mkdir(parents=True, exist_ok=True)
        lock = folder() / f"{key}.lock"
        if lock.is_dir():
            _remove(lock)
        acquired = FileLock(lock).acquire()
    with acquired:
        return _found(key) or _compile(sources, key)


@contextlib.contextmanager
def _writing():
    """Name the folder of the programs where it cannot be written to."""
    try:
        yield
    except OSError as error:
        reason = f"{error.strerror or error} (XDG_CACHE_HOME names another folder)"
        raise RuntimeError(f"cannot write to {folder()}: {reason}") from None


def _within_project(sources):
    """Replace each source outside the project by one inside that includes it.

    Its object file is then made in the project, not beside it, where another program's may lie.
    """
    own = dict(sources)
    for count, name in enumerate(name for name in sorted(sources) if os.path.isabs(name)):
        del own[name]
        inside = f"own_{count}{Path(name).suffix}"
        own[inside] = f'#include "{name}"\n'
        own["makefile"] = re.sub(rf"(?<=[ =]){re.escape(name)}(?=\s)", inside, own["makefile"])
    if outside := [name for name in own if os.path.normpath(name).startswith("..")]:
        raise RuntimeError(
            f"a source must lie in the project or have a full path, got {outside[0]}"
        )
    return own


def _key(sources):
    """Hash the text that a program is made from, and what makes it."""
    hashed = hashlib.sha256(identity().encode())
    for name in sorted(sources):
        hashed.update(f"{name}\0{sources[name]}\0".encode())
    return hashed.hexdigest()[:32]


def _entry(key, files):
    """Return the folder of the program that is made from some files as they are now."""
    hashed = hashlib.sha256(key.encode())
    for file in files:
        hashed.update(f"{file}\0{_digest(file)}\0".encode())
    return folder() / hashed.hexdigest()[:32]


def _digest(file):
    """Hash what a file holds; "" if there is none that can be read."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def _found(key):
    """Return the program that is there for a key and the files that it reads, or None."""
    try:
        entry = _entry(key, (folder() / f"{key}{READ}").read_text().splitlines())
        program = entry / PROGRAM
        if (entry / DIGEST).read_text() != _digest(program) or not os.access(program, os.X_OK):
            return None
    except (OSError, ValueError):  # missing, unreadable, of another kind, not text
        return None
    with contextlib.suppress(OSError):
        for used in (entry, folder() / f"{key}{READ}"):
            os.utime(used)
    return program


def _compile(sources, key):
    """Compile in a private folder, then put the finished program in its place in one step."""
    options = {"dir": folder(), "prefix": "compiling_", "ignore_cleanup_errors": True}
    with _writing():
        private = tempfile.TemporaryDirectory(**options)
    with private as path:
        project, finished = Path(path) / "project", Path(path) / "finished"
        with _writing():
            for name, text in sources.items():
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                (project / name).write_text(text)
        started = time.time()
        files = inputs.read(project, make(project, *inputs.LISTED))
        for file in files:
            if os.path.exists(file) and started < os.stat(file).st_mtime < time.time():
                raise RuntimeError(f"{file} changed while it was compiled")
        entry = _entry(key, files)
        with _writing():
            finished.mkdir()
            shutil.move(project / PROGRAM, finished / PROGRAM)
            (finished / DIGEST).write_text(_digest(finished / PROGRAM))
            (finished / READ).write_text("\n".join(files))
            for source, target in ((finished / READ, folder() / f"{key}{READ}"), (finished, entry)):
                if os.path.lexists(target):  # damaged, or older
                    _remove(target)
                source.rename(target)
            _drop_old()
    return entry / PROGRAM


def _remove(path):
    """Remove a file or folder of any kind; one that cannot be emptied is put out of the way."""
    aside = path.with_name(f"removed_{os.urandom(8).hex()}")
    path.rename(aside)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink()


def _drop_old():
    """Remove what nobody has used for long, and what is too much."""
    now, kept_MB = time.time(), 0
    for last_use, path in sorted(
        ((_last_use(path), path) for path in folder().iterdir()), reverse=True
    ):
        unused_s = now - last_use
        with contextlib.suppress(OSError):  # another process removes the same
            kept_MB += sum(file.stat().st_size for file in path.rglob("*")) / 1e6
            too_old = unused_s > KEPT_DAYS * 24 * HOUR_S
            if too_old or (kept_MB > KEPT_MB and unused_s > HOUR_S):
                _remove(path)


def _last_use(path):
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
