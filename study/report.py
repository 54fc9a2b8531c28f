"""The table of a finished run, for people."""

import json
import math
from pathlib import Path

import pandas as pd

from study.store import RECORD

# measure, unit, format; in the order of summary.csv
NETWORK_LINES = (
    ("rate_Hz", "Hz", ".2f"),
    ("rate_exc_Hz", "Hz", ".2f"),
    ("rate_inh_Hz", "Hz", ".2f"),
    ("spike_contrast", "", ".3f"),
)
MODEL_LINES = (
    ("mean_mV", "mV", ".2f"),
    ("std_mV", "mV", ".3f"),
    ("median_frequency_Hz", "Hz", ".2f"),
    ("chi2", "", ".0f"),
    ("chi2_dof", "", ".0f"),
    ("chi2_pvalue", "", ".2g"),
    ("chi2_permutation_pvalue", "", ".2g"),
    ("spectral_distance", "", ".4f"),
    ("tau_max_ms", "ms", "+.1f"),
    ("rho", "", ".3f"),
    ("rho_n_eff", "", ".0f"),
    ("rho_pvalue", "", ".2g"),
    ("rho_pvalue_nominal", "", ".2g"),
)


def report(folder):
    """Return the summary of a finished folder as text: the network first, then every model."""
    folder = Path(folder)
    # a model may be called NA: nothing but an empty cell is missing
    summary = pd.read_csv(folder / "summary.csv", keep_default_na=False, na_values=[""])
    record = json.loads((folder / RECORD).read_bytes())
    request = record["request"]
    values = {name: entry["value"] for name, entry in request["parameters"].items()}
    trials = request["trials"]
    seeds = f"seed {request['seed']}" if trials == 1 else f"{trials} trials from {request['seed']}"
    lines = [
        f"p = {values['p']:g}, lam = {values['lam']:g}: {values['N']} neurons, "
        f"{values['duration']:g} s of which {values['transient']:g} s dropped, {seeds}, "
        f"backend {request['backend']}, {record['seconds']['total']:.1f} s wall time",
        "",
        "The network",
    ]
    network = summary.iloc[0]
    lines += [f"  {_label(*line):<30}{_cell(network, *line)}" for line in NETWORK_LINES]
    lines += [f"  {'regime':<30}{network.regime}", "", "The mean potential"]
    width = max(14, *(len(str(status)) + 2 for status in summary.status))
    lines.append(" " * 32 + "".join(f"{model:>{width}}" for model in summary.model))
    lines.append(f"  {'status':<30}" + "".join(f"{status:>{width}}" for status in summary.status))
    for line in MODEL_LINES:
        cells = "".join(f"{_cell(row, *line):>{width}}" for _, row in summary.iterrows())
        if cells.strip(" -"):
            lines.append(f"  {_label(*line):<30}" + cells)
    return "\n".join(lines)


def _label(name, unit, _):
    """Say `mean [mV]` for mean_mV."""
    words = name.removesuffix(f"_{unit}").replace("_", " ") if unit else name.replace("_", " ")
    return f"{words} [{unit}]" if unit else words


def _cell(row, name, unit, form):
    value = row[name]
    return "-" if math.isnan(value) else format(value, form)
