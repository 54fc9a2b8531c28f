"""Where the time of a step of the dense backend goes, and what the machine's memory can do."""

import time

import numpy as np
from brian2 import second

from models.network.memory import row_bytes

PHASES = {
    ".normals": "normals",
    ".counting": "counting",
    "stateupdater": "state_update",
    "drive": "drive",
    "thresholder": "threshold",
    "synapses": "synapses",
    "resetter": "reset",
    "recorder": "recording",
}
"""The part of a step by what the name of a code object contains; the first that fits counts."""


def phases(info):
    """Return the seconds that each part of the steps of a run has taken, where it tells.

    Returns
    -------
    dict
        `state_update` without `normals` and `counting`, which it contains; `drive`, `threshold`,
        `synapses` (who has spiked, and which rows are to be counted), `reset`, `recording`.
    """
    told = info.get("phases", {})
    if not told:
        return {}
    parts = dict.fromkeys(PHASES.values(), 0.0)
    for name, seconds in told.items():
        parts[next(part for text, part in PHASES.items() if text in name)] += seconds
    parts["state_update"] -= parts["normals"] + parts["counting"]
    return parts


def rows_read(params, spikes_per_s, info):
    """Return how fast rows of the graph were read while they were counted, where the phases tell.

    Returns
    -------
    dict
        `rows_GB_s`, in GB per second of counting: one row per spike, of neurons and of trains (as
        many as are expected).
    """
    counting = phases(info).get("counting")
    if not counting:
        return {}
    duration, rate = params.duration / second, float(params.nu_ext * second)
    trains = params.M * rate * row_bytes(params.N_exc)
    return {"rows_GB_s": 1e-9 * duration * (spikes_per_s * row_bytes(params.N) + trains) / counting}


def memory_lines(table):
    """Return how fast one thread reads an array as large as the graph of each number of neurons."""
    lines = ["One thread reads, all in a row, an array as large as the graph of"]
    for N in dict.fromkeys(table.N):
        array = np.ones(int(N) * row_bytes(int(N)) // 8, np.int64)
        took = []
        for _ in range(5):
            started = time.perf_counter()
            np.bitwise_xor.reduce(array)
            took.append(time.perf_counter() - started)
        lines.append(f"  {N:>7,} neurons: {array.nbytes / 1e9 / np.median(took):.1f} GB/s")
    return lines
