"""Run a compiled simulation: progress, peak memory, a clean end."""

import os
import shutil
import subprocess
import time
from pathlib import Path

POLL_S = 0.1


def require_compiler():
    """Raise RuntimeError, naming the package to install, where g++ or make is missing."""
    for program in ("g++", "make"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing (Debian: apt install {program})")


def run_binary(command, directory, progress=None):
    """Run a program that leaves its completed fraction, as text, in `directory`/progress.

    Parameters
    ----------
    command : list of str
    directory : path
        Where it runs. What it prints is kept there as `output.txt`.
    progress : callable, optional
        Called with the completed fraction, 0 ... 1.

    Returns
    -------
    dict
        `run_s`, wall seconds, and `peak_memory_MB`, the largest resident size seen while it ran
        (0 where the system does not tell).

    Raises
    ------
    RuntimeError
        The program failed; the message ends with the last line that it printed.
    """
    directory = Path(directory)
    started = time.perf_counter()
    peak_MB = 0.0
    with open(directory / "output.txt", "wb") as output:
        process = subprocess.Popen(command, cwd=directory, stdout=output, stderr=subprocess.STDOUT)
    try:
        while True:
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                break
            peak_MB = max(peak_MB, _peak_memory_MB(process.pid))
            if progress:
                progress(_completed_fraction(directory / "progress"))
            time.sleep(POLL_S)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        printed = (directory / "output.txt").read_text(errors="replace").strip()
        last = printed.splitlines()[-1] if printed else "it printed nothing"
        raise RuntimeError(f"the simulation ended with exit status {process.returncode}: {last}")
    if progress:
        progress(1.0)
    return {"run_s": time.perf_counter() - started, "peak_memory_MB": peak_MB}


def _peak_memory_MB(pid):
    """Read the largest resident size so far; 0 where there is no /proc.

    The rusage of the ended process will not do: it counts the memory of the Python process that it
    was forked from.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def _completed_fraction(file):
    try:
        return float(file.read_text())
    except (OSError, ValueError):  # not written yet, or just being written
        return 0.0
