"""Where a result comes from: versions, compiler, machine, commit."""

import functools
import hashlib
import platform
import resource
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("brian2", "numpy", "scipy", "pandas", "numba", "matplotlib", "seaborn")
ROOT = Path(__file__).resolve().parents[2]
DECISIVE = (
    *("study/trial/job.py", "study/trial/run_job.py", "study/trial/trial.py"),
    *("study/trial/measure.py", "study/trial/error_budget.py"),
    *("study/trial/user_models.py", "study/trial/model_source.py"),
    *("study/trial/contained.py", "study/trial/foreign.py"),
    *("analysis/arguments.py", "analysis/settings.py", "analysis/measures.py"),
    *("analysis/spectra.py", "analysis/chi_square.py", "analysis/lags.py"),
    *("analysis/synchrony.py", "analysis/regimes.py", "analysis/budget.py", "analysis/tables.py"),
    *("analysis/dealing.py", "study/trial/closed.py", "study/trial/ceiling.py"),
    *("analysis/rhythm.py", "analysis/stationarity.py", "analysis/statuses.py"),
    "analysis/significance.py",
    *("analysis/summary.py", "models/constants.py"),
    *("models/parameters.py", "models/quantities.py", "models/recording.py", "models/balance.py"),
    *("models/network/*.py", "models/mass/*.py", "models/mass/closed/*.py", "models/engine/*.py"),
    *("models/engine/templates/*", "models/engine/dense/*"),
)
"""What a trial runs through, as patterns: tables, figures and the bootstrap come after it."""


def provenance():
    """Describe the software and the machine, as plain values for JSON."""
    from models.engine.compiler import compiler_command  # the engine loads Brian2

    return {
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in PACKAGES},
        },
        "compiler": _first_line(*compiler_command(), "--version"),
        "cpu": _cpu(),
        "platform": platform.platform(),
        "git_commit": _git("rev-parse", "HEAD"),
        "git_dirty": None if (changed := _git("status", "--porcelain")) is None else changed != "",
    }


@functools.cache
def code_version():
    """Hash the sources of DECISIVE, which decide a trial's numbers.

    They are read at the first call of a process, which is when it loads them.

    Raises
    ------
    FileNotFoundError
        A pattern of DECISIVE names no file: one was renamed, and would no longer count.
    """
    digest = hashlib.sha256()
    for path in decisive_files():
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def decisive_files():
    """Return the files that DECISIVE names, sorted, without hidden and backup files."""
    files = set()
    for pattern in DECISIVE:
        named = [path for path in ROOT.glob(pattern) if path.is_file()]
        if not named:
            raise FileNotFoundError(f"{pattern} decides a trial's numbers and names no file")
        files.update(p for p in named if p.name[0] not in ".#" and not p.name.endswith("~"))
    return sorted(files)


def peak_memory_MB():
    """Return the largest resident size of this process so far, in MB (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def _first_line(*command):
    if shutil.which(command[0]) is None:
        return None
    printed = subprocess.run(command, capture_output=True, text=True).stdout
    return printed.splitlines()[0] if printed else None


def _git(*arguments):
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return None
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None
