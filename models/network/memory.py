"""How much memory a simulation needs, and whether the machine has it."""

import os
from pathlib import Path

from models.parameters import ParameterError

GB = 1e9
GROUP = Path("/sys/fs/cgroup")
RECLAIMABLE = ("active_file", "inactive_file", "slab_reclaimable")
"""What counts as used memory of a container, but is given back when it is needed."""


def memory_needed_GB(params):
    """Return the memory that the dense program needs for a simulation, without spikes, in GB."""
    return sum(dense_memory_GB(params).values())


def dense_memory_GB(params):
    """Return the memory of the backend `dense` by the parameter that it grows with, in GB.

    A bit per pair of neurons, and per train and excitatory neuron, in rows of 64 bytes; five
    numbers of eight bytes per neuron, one per train; 44 bytes per step; 10 MB in any case.
    """
    n, m = params.N, params.M
    return {
        "N": (n * row_bytes(n) + 70 * n + 10e6) / GB,
        "M": (m * row_bytes(params.N_exc) + 16 * m) / GB,
        "duration": 44 * params.steps / GB,
    }


def row_bytes(targets):
    """Return the bytes of a row of the graph: a bit per target, in whole lines of the cache."""
    return -(-targets // 512) * 64


def stock_memory_GB(params):
    """Return the memory of the backend `synapses` by the parameter that it grows with, in GB.

    14 bytes per synapse were measured, between ten and a hundred million of them.
    """
    n, m = params.N, params.M
    return {
        "N": (14 * params.p * n * (n - 1) + 300 * n) / 1e9,
        "M": (14 * params.p_ext * m * params.N_exc + 50 * m) / 1e9,
        "duration": 44 * params.steps / 1e9,
    }


def memory_available_GB():
    """Return the memory that may still be used in GB; infinity where the system does not tell."""
    limits = []
    try:
        meminfo = Path("/proc/meminfo").read_text()
        limits.append(int(meminfo.split("MemAvailable:")[1].split()[0]) * 1024)
    except (OSError, IndexError):
        try:
            limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        except (OSError, ValueError):
            pass
    try:  # the limit of a container; "max" where there is none
        limit, used = (int((GROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        stat = dict(line.split() for line in (GROUP / "memory.stat").read_text().splitlines())
        limits.append(limit - used + sum(int(stat.get(name, 0)) for name in RECLAIMABLE))
    except (OSError, ValueError):
        pass
    return min(limits, default=float("inf")) / GB


def check_memory(params, backend="dense"):
    """Refuse a network that does not fit into memory.

    Parameters
    ----------
    params : Parameters
    backend : {"dense", "synapses"}

    Raises
    ------
    ParameterError
        Of the parameter that needs most.
    """
    parts = (dense_memory_GB if backend == "dense" else stock_memory_GB)(params)
    needed, available = sum(parts.values()), memory_available_GB()
    if needed > available:
        most = max(parts, key=parts.get)
        rule = f"must fit into memory: {needed:.1f} GB are needed, {available:.1f} GB available"
        raise ParameterError(most, rule, getattr(params, most))
