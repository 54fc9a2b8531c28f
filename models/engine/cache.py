"""Compiled programs, kept between runs: one per generated source, compiler and processor."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs
from filelock import FileLock

from models.engine.compiler import compiler, identity

PROGRAM, DIGEST = "main", "main.sha256"
# Left out of our make's environment: where `make run` started us, they would change what it does.
OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")


def folder():
    """Return the folder of the compiled programs, in the user's cache folder."""
    return Path(platformdirs.user_cache_dir("neural-mass-validity")) / "dense"


def clear():
    """Remove every compiled program."""
    shutil.rmtree(folder(), ignore_errors=True)


def compiled(sources):
    """Return the program made from generated sources, compiled before or now.

    Several processes may ask for the same program at once: one compiles, the others wait. A program
    that another compiler or processor made, or that is damaged, is not used.

    Parameters
    ----------
    sources : dict
        Text of each file, by its path within the project; one of them is the makefile.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    RuntimeError
        There is no compiler, or it failed.
    """
    entry = folder() / _key(sources)
    if not _intact(entry):
        folder().mkdir(parents=True, exist_ok=True)
        with FileLock(f"{entry}.lock"):
            if not _intact(entry):
                _compile(sources, entry)
    return entry / PROGRAM


def _key(sources):
    """Hash everything that the program depends on."""
    hashed = hashlib.sha256(identity().encode())
    for name in sorted(sources):
        hashed.update(f"{name}\0{sources[name]}\0".encode())
    return hashed.hexdigest()[:32]


def _digest(program):
    return hashlib.sha256(program.read_bytes()).hexdigest()


def _intact(entry):
    try:
        return (entry / DIGEST).read_text() == _digest(entry / PROGRAM)
    except FileNotFoundError:
        return False


def _compile(sources, entry):
    """Compile in a private folder, then put the finished program in its place in one step."""
    with tempfile.TemporaryDirectory(dir=folder(), prefix="compiling_") as private:
        project, finished = Path(private) / "project", Path(private) / "finished"
        for name, text in sources.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(text)
        # DEPS: what depends on which header does not matter for a folder that is compiled once
        command = ["make", f"-j{os.cpu_count()}", f"CXX={' '.join(compiler())}", "DEPS="]
        environment = {k: v for k, v in os.environ.items() if k not in OF_AN_OUTER_MAKE}
        made = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
        if made.returncode:
            errors = "\n".join((made.stdout + made.stderr).strip().splitlines()[-20:])
            raise RuntimeError(f"the simulation could not be compiled:\n{errors}")
        finished.mkdir()
        shutil.move(project / PROGRAM, finished / PROGRAM)
        (finished / DIGEST).write_text(_digest(finished / PROGRAM))
        shutil.rmtree(entry, ignore_errors=True)  # a damaged one
        finished.rename(entry)
