"""The table of a finished run, for people."""

import json
import math
from pathlib import Path

from analysis.budget import increments
from analysis.measures import MEASURES
from analysis.tables import with_later
from models.mass.ladder import ASSUMPTIONS, CHAINS, IN_WORDS
from study.store.folders import RECORD
from study.store.run_folder import read_csv


def report(folder):
    """Return the summary of a finished folder as text: the network first, then every model."""
    folder = Path(folder)
    summary = with_later(read_csv(folder / "summary.csv"))
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
    lines += [f"  {m.row:<30}{_cell(network, m)}" for m in MEASURES if m.network]
    regime = network.regime if isinstance(network.regime, str) else "-"
    lines += [f"  {'regime':<30}{regime}", "", "The mean potential"]
    width = max(14, *(len(str(text)) + 2 for text in (*summary.status, *summary.model)))
    lines.append(" " * 32 + "".join(f"{model:>{width}}" for model in summary.model))
    lines.append(f"  {'status':<30}" + "".join(f"{status:>{width}}" for status in summary.status))
    for measure in MEASURES:
        if measure.network and summary[measure.name].notna().sum() < 2:
            continue  # no mass model makes spikes of its own
        cells = "".join(f"{_cell(row, measure):>{width}}" for _, row in summary.iterrows())
        if cells.strip(" -"):
            lines.append(f"  {measure.row:<30}" + cells)
    if (folder / "budget.csv").is_file():
        lines += _costs(read_csv(folder / "budget.csv"))
    return "\n".join(lines)


def _costs(budget):
    """Return the lines that say what each assumption adds to the error."""
    heads = [f"{model}{'' if order == 'forward' else ', spikes last'}" for order, model in CHAINS]
    orders = f"in {IN_WORDS['forward']} and with {IN_WORDS['backward']}"
    lines = ["", f"What each assumption adds to the nrmse, {orders}"]
    lines.append(" " * 32 + "".join(f"{head:>18}" for head in heads))
    tables = [increments(budget, *chain, ASSUMPTIONS.values()).iloc[0] for chain in CHAINS]
    for name in ASSUMPTIONS.values():
        added = [table.get(name, math.nan) for table in tables]
        cells = ("-" if math.isnan(value) else format(value, "+.3g") for value in added)
        lines.append(f"  {name:<30}" + "".join(f"{cell:>18}" for cell in cells))
    return lines


def _cell(row, measure):
    value = row[measure.name]
    return "-" if math.isnan(value) else format(value, measure.form)
