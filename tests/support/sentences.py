"""Numbers in README and the pages under results/, and where they come from.

A number that a study gives is followed by a comment that says how: 0.98<!--=at("MFM", "rho", 0.2,
0.8)-->; a table stands between <!--table EXPRESSION--> and <!--end-->. The expressions see the
tables that `study.findings`, `study.ensemble` and `study.predict` print. As a program, python
tests/support/sentences.py, this writes the numbers anew.
"""

import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import axes_of
from analysis.budget import costliest
from analysis.measures import NETWORK
from analysis.regimes import ASYNCHRONOUS, HIGH_FREQUENCY, LOW_FREQUENCY, REGIMES
from analysis.statuses import has
from study.claims import claims_table
from study.ensemble import read_ensemble, tables
from study.expect import expectation
from study.findings import budget_findings, findings
from study.predict import findings as prediction_findings
from study.store.read_sweep import read_budget, read_points

RESULTS = Path(__file__).resolve().parents[2] / "results"
NUMBER = re.compile(r"([-+]?[\d,]*\.?\d+)((?:\s|&nbsp;)?%)?<!--=(.*?)-->", re.DOTALL)
TABLE = re.compile(r"<!--table (.*?)-->\n(.*?)<!--end-->", re.DOTALL)


class Study:
    """The tables of one folder, as expressions see them."""

    def __init__(self, name):
        folder = RESULTS / name
        self.name, self.points = name, read_points(folder)
        self.budget = read_budget(folder)
        self.sampled = len(axes_of(self.points)) > 4
        self.tables = {}
        if self.sampled:
            self.ensemble, self.costs = read_ensemble(folder)
            self.tables |= tables(self.ensemble, self.costs)
        else:
            self.tables |= findings(self.points)
            if self.budget is not None:
                self.tables |= budget_findings(self.budget, self.points)

    def table(self, title):
        """Return the one table whose title begins so."""
        found = [table for name, table in self.tables.items() if name.startswith(title)]
        assert len(found) == 1, (title, list(self.tables))
        return found[0]

    def rows(self, model=NETWORK, regime=None, **at):
        """Return the rows of a model, of one regime of the network, at some values of the axes."""
        points = self.points
        network = points[points.model == NETWORK].set_index(axes_of(points)).regime
        mine = points[points.model == model]
        if regime:
            there = network.reindex(pd.MultiIndex.from_frame(mine[axes_of(points)])).to_numpy()
            mine = mine[there == regime]
        for axis, value in at.items():
            values = value if isinstance(value, tuple) else (value, value)
            mine = mine[mine[axis].between(values[0] - 1e-9, values[1] + 1e-9)]
        return mine

    def at(self, model, column, p, lam):
        """Return one measure at one point."""
        return self.rows(model, p=p, lam=lam)[column].item()

    def own_trials(self, model, p, lam):
        """Return the rows of the trials of one point."""
        trials = pd.read_parquet(RESULTS / self.name / "trials.parquet")
        here = np.isclose(trials.p, p) & np.isclose(trials.lam, lam) & (trials.model == model)
        return trials[here]

    def over(self, model, error, q=0.5, regime=None, rate=None):
        """Return a quantile over sets of constants, as the tables of an ensemble have it."""
        mine = self.ensemble[self.ensemble.model == model]
        if regime:
            mine = mine[mine.regime.isin([regime] if isinstance(regime, str) else regime)]
        if rate:
            mine = mine[(mine.rate_Hz > rate[0]) & (mine.rate_Hz <= rate[1])]
        return mine.groupby("set")[error].median().quantile(q)

    def costly(self, assumption, regimes, order="forward", model="MFM"):
        """Return in which part of the networks of some regimes an assumption costs most."""
        mine = self.costs[order, model]
        mine = mine[mine.regime.isin(regimes)]
        return (costliest(mine) == assumption).mean()

    def right(self, model, regimes=REGIMES):
        """Return in which part of the networks a closed model has the regime right."""
        mine = self.ensemble[(self.ensemble.model == model) & self.ensemble.regime.isin(regimes)]
        return (mine.own_regime == mine.regime).mean()

    def claims(self):
        """Return how many of the paper's claims hold."""
        return int(claims_table(self.points, self.name).holds.sum())


@cache
def predictions(name="closed"):
    """Return closed.csv of a folder of study.predict."""
    return pd.read_csv(RESULTS / name / "closed.csv", keep_default_na=False, na_values=[""])


def predicted(name="closed"):
    """Return what study.predict prints of them."""
    return prediction_findings(predictions(name))


@cache
def study(name):
    return Study(name)


def namespace(name):
    """Return what the expressions of a page see: its study's methods, other studies, names."""
    own = study(name) if (RESULTS / name / "points.parquet").exists() else None
    names = ("table", "rows", "at", "claims", "points", "own_trials", "over", "costly", "right")
    methods = {n: getattr(own, n) for n in names} if own else {}
    return {
        **methods, "own": own, "study": study, "has": has, "np": np, "pd": pd, "NETWORK": NETWORK,
        "ASYNC": ASYNCHRONOUS, "LOW": LOW_FREQUENCY, "HIGH": HIGH_FREQUENCY,
        "predictions": predictions, "predicted": predicted, "markdown": markdown,
        "REGIMES": REGIMES, "expectation": expectation,
    }  # fmt: skip


def markdown(table, form="{:.3g}", head=""):
    """Write a table as markdown, its index first."""
    names = [str(name) for name in table.columns]
    lines = [f"| {head} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for index, row in table.iterrows():
        label = ", ".join(map(str, index)) if isinstance(index, tuple) else str(index)
        cells = [value if isinstance(value, str) else _cell(value, form) for value in row]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value, form):
    if pd.isna(value):
        return "-"
    return f"{int(value)}" if float(value).is_integer() and abs(value) >= 1 else form.format(value)


def written(text, seen):
    """Return a page with its numbers and tables computed anew."""

    def number(match):
        old, percent, expression = match.groups()
        value = eval(expression.replace("\n", " "), dict(seen))
        decimals = len(old.partition(".")[2])
        sign = "+" if old.startswith("+") else ""
        comma = "," if abs(value) >= 10_000 else ""
        shown = f"{100 * value if percent else value:{sign}{comma}.{decimals}f}"
        return f"{shown}{percent or ''}<!--={expression}-->"

    def table(match):
        text = eval(match[1].replace("\n", " "), dict(seen))
        return f"<!--table {match[1]}-->\n{text}\n<!--end-->"

    return NUMBER.sub(number, TABLE.sub(table, text))


def pages():
    """Return the pages and the study that each is about."""
    found = {RESULTS / "README.md": "paper", RESULTS.parent / "README.md": "paper"}
    found |= {path: path.parent.name for path in sorted(RESULTS.glob("*/README.md"))}
    return found


if __name__ == "__main__":
    for path, name in pages().items():
        if sys.argv[1:] and path.parent.name not in sys.argv[1:]:
            continue
        path.write_text(written(path.read_text(), namespace(name)))
        print(path)
