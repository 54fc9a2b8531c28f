"""Compiled simulations: a fresh device to declare one on, and its run, with progress."""

import contextlib
import errno
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

from brian2.core.tracking import InstanceFollower, InstanceTrackerSet
from brian2.devices.device import all_devices, reset_device, set_device

POLL_S = 0.1
# Brian2 has one active device and one register of objects in the whole process.
BRIAN2 = threading.RLock()
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
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


def fresh_device(name):
    """Switch to a standalone device on which nothing is declared yet, and back to the one before.

    It is a device of its own: what a user has declared on Brian2's device of that name stays.

    Returns
    -------
    context manager
        As `active` makes it.
    """
    return active(type(all_devices[name])())


@contextlib.contextmanager
def active(device):
    """Switch to a device, and back to the one before; one thread at a time, the others wait.

    Objects that others have made are out of sight meanwhile, and those made here are so afterwards:
    names do not clash, and a `run()`, which takes all objects that it finds, does not find these.

    Yields
    ------
    brian2.devices.Device
    """
    with BRIAN2:
        others = InstanceFollower.instance_sets
        InstanceFollower.instance_sets = defaultdict(InstanceTrackerSet)
        set_device(device, build_on_run=False)
        try:
            yield device
        finally:
            reset_device()
            InstanceFollower.instance_sets = others


@contextlib.contextmanager
def temporary_folder():
    """Make a temporary folder and remove it at the end.

    Yields
    ------
    pathlib.Path

    Raises
    ------
    RuntimeError
        It cannot be made, or the disk is full; the message names the folder that it is in.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="neural_mass_", ignore_cleanup_errors=True)
    except OSError as error:
        raise RuntimeError(_cannot_write(_temporary(), error)) from None
    with made as folder:
        try:
            yield Path(folder)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise RuntimeError(_cannot_write(_temporary(), error)) from None


def _temporary():
    try:
        return tempfile.gettempdir()
    except OSError:  # none that can be written to
        return os.environ.get("TMPDIR", "/tmp")


def _cannot_write(folder, error):
    return f"cannot write to {folder}: {error.strerror} (TMPDIR names another folder)"


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
    _check_space(directory)
    if process.returncode:
        printed = (directory / "output.txt").read_text(errors="replace").strip()
        last = printed.splitlines()[-1] if printed else "it printed nothing"
        raise RuntimeError(f"the simulation ended with exit status {process.returncode}: {last}")
    if progress:
        progress(1.0)
    run_s = time.perf_counter() - started
    _, loop_s, peak_kB = _reported(directory)
    return {"run_s": run_s, "loop_s": loop_s, "peak_memory_MB": peak_kB / 1024}


def _check_space(directory):
    """Raise OSError where no more can be written: Brian2 does not look whether its arrays were."""
    probe = directory / "probe"
    probe.write_bytes(bytes(4096))
    probe.unlink()


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
