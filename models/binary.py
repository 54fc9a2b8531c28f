"""Compiled simulations: a fresh device to declare one on, and its run, with progress."""

import contextlib
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

from brian2.devices.device import get_device, reset_device, set_device

POLL_S = 0.1
# The body of Brian2's report function: leaves the completed fraction, the seconds that the loop
# over the steps has taken, and the largest resident size so far in kB (Linux; 0 elsewhere) where
# `run_binary` looks for them.
REPORT = """
std::ifstream status("/proc/self/status");
std::string word;
long peak = 0;
while (status >> word)
    if (word == "VmHWM:") status >> peak;
std::ofstream file("progress");
file << completed << " " << elapsed << " " << peak << std::flush;
"""


def require_programs(*names):
    """Raise RuntimeError, naming the package to install, where a program is missing."""
    for name in names:
        if shutil.which(name) is None:
            raise RuntimeError(f"{name} is missing (Debian: apt install {name})")


@contextlib.contextmanager
def fresh_device(name):
    """Switch to a standalone device on which nothing is declared yet, and back to the one before.

    Yields
    ------
    brian2.devices.Device
    """
    set_device(name, build_on_run=False)
    device = get_device()
    device.reinit()
    device.activate(build_on_run=False)
    try:
        yield device
    finally:
        device.reinit()
        reset_device()


def run_binary(command, directory, progress=None):
    """Run a program that leaves how far it is in `directory`/progress, as REPORT does.

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
        `run_s`, wall seconds; `loop_s`, those of its loop over the steps; `peak_memory_MB`, the
        largest resident size up to its end (0 where the system does not tell).

    Raises
    ------
    RuntimeError
        The program failed; the message ends with the last line that it printed.
    """
    directory = Path(directory)
    if setpriv := shutil.which("setpriv"):  # Linux: the program ends when this process is killed
        command = [setpriv, "--pdeathsig", "KILL", *command]
    started = time.perf_counter()
    with open(directory / "output.txt", "wb") as output:
        process = subprocess.Popen(command, cwd=directory, stdout=output, stderr=subprocess.STDOUT)
    try:
        while process.poll() is None:
            if progress:
                progress(_reported(directory)[0])
            _wait(process, POLL_S)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        printed = (directory / "output.txt").read_text(errors="replace").strip()
        last = printed.splitlines()[-1] if printed else "it printed nothing"
        raise RuntimeError(f"the simulation ended with exit status {process.returncode}: {last}")
    if progress:
        progress(1.0)
    run_s = time.perf_counter() - started
    _, loop_s, peak_kB = _reported(directory)
    return {"run_s": run_s, "loop_s": loop_s, "peak_memory_MB": peak_kB / 1024}


def _wait(process, seconds):
    """Wait until the process ends, or some seconds at most."""
    try:  # Linux wakes us at once; Popen.wait looks every 50 ms
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # another system, or an old kernel
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.poll(1000 * seconds)
    finally:
        os.close(handle)


def _reported(directory):
    """Return the completed fraction, the seconds of the loop and the peak memory in kB."""
    try:
        fraction, seconds, peak_kB = (directory / "progress").read_text().split()
        return float(fraction), float(seconds), float(peak_kB)
    except (OSError, ValueError):  # not written yet, or just being written
        return 0.0, 0.0, 0.0
