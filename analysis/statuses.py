"""The statuses: all that makes a number of a row mean something else than its column says."""

import pandas as pd

OK = "ok"
SILENT = "silent"
SINGLE = "single spike"
NEVER_TWICE = "no neuron spikes twice"
LOCKSTEP = "lockstep"
NOT_STATIONARY = "not stationary"
CONSTANT = "constant"
AT_EDGE = "lag at edge"
TWO_LAGS = "two lags"
UNPHYSICAL = "unphysical"
DIVERGED = "diverged"
NOT_RECORDED = "spikes not recorded"
OUTSIDE = "outside its range"
FAILED, MISSING = "failed", "missing"

MEANINGS = {
    OK: "nothing of what follows",
    SILENT: "no spike",
    SINGLE: "one spike alone, so no Spike-contrast",
    NEVER_TWICE: "no neuron spikes twice, so no Spike-contrast",
    LOCKSTEP: "all neurons spike together, so the network is one neuron",
    NOT_STATIONARY: "the rate changes within the record more than its own fluctuations explain "
    "(`analysis/stationarity.py`; one stationary record in a hundred is called so): averages "
    "over time describe no state",
    CONSTANT: "the potential does not vary, so it has no spectrum and no correlation",
    AT_EDGE: "the correlation is largest at the edge of the window and no maximum, so there is no "
    "lag",
    TWO_LAGS: "of a point: the trials' correlations peak in separate humps, so the lag is that of "
    "the higher one",
    UNPHYSICAL: "the potential leaves the range of the reversal potentials, which no neuron can",
    DIVERGED: "the model left every bound",
    NOT_RECORDED: "no Spike-contrast, as the spikes were not recorded",
    OUTSIDE: "a closed model cannot have these parameters, or resolve them",
    FAILED: "the model, or the trial, raised an error",
    MISSING: "the trial is not computed yet",
}
"""What each says of its row, in the order in which they are joined by `+`."""


def joint_status(statuses):
    """Say what the statuses of several trials have in common: `ok`, or which and how often."""
    counts = pd.Series(statuses).value_counts()
    if len(counts) == 1:
        return counts.index[0]
    return ", ".join(f"{status} ({count})" for status, count in sorted(counts.items()))


def with_status(joint, more):
    """Add a status of the point, which has no number, to what its trials have in common."""
    if joint == OK:
        return more
    return f"{more}, {joint}" if "(" in joint else f"{joint}+{more}"


def has(statuses, status):
    """Tell which of many rows have a status, alone or among others.

    Parameters
    ----------
    statuses : Series of str
    status : str

    Returns
    -------
    Series of bool
    """
    return statuses.astype(str).str.contains(status, regex=False)


def as_markdown():
    """Return the rows of the table of statuses."""
    return "\n".join(f"| `{name}` | {meaning} |" for name, meaning in MEANINGS.items())
