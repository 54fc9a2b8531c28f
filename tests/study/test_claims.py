"""The paper's claims: each is raised by a study that shows it, and not by one that does not."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures import NETWORK
from analysis.regimes import regime
from study import findings
from study.claims import CLAIMS, claims_table

P = np.round(np.arange(0, 1.01, 0.1), 1)


def study(lams=(0.7, 0.8)):
    """Return points that show every claim: silent, asynchronous, low- and high-frequency."""
    rows = []
    for lam in lams:
        for p in P:
            rate = 0.05 if p == 0 else 3 + 20 * p
            contrast = 0.1 if p < 0.45 else 0.5
            rhythm = 12.0 if p < 0.75 else 45.0
            label = regime(rate, contrast, rhythm)
            shared = {"p": p, "lam": lam, "trials": 10, "regime": label}
            rows.append({**shared, "model": NETWORK, "rate_Hz": rate})
            firing, near = 0 < p < 0.45, 0.45 < p < 0.65
            for model, more in (("CFM", 0.01), ("MFM", 0.0)):
                distance = 0.01 if near else 0.2
                rho = 0.95 if p == 0 or near else 0.4 if firing else 0.7
                lag = 1.0 if p == 0 else 9.0
                rows.append({**shared, "model": model, "spectral_distance": distance + more,
                    "rho": rho - more, "tau_max_ms": lag})  # fmt: skip
    table = pd.DataFrame(rows)
    return table[["p", "lam", "model", *table.columns.drop(["p", "lam", "model"])]]


def held(points):
    return claims_table(points, "made up").set_index("claim").holds


def test_a_study_that_shows_everything_holds_every_claim():
    found = held(study())
    assert len(found) == len(CLAIMS) and found.all(), found


@pytest.mark.parametrize(
    ("number", "spoil"),
    [
        (0, lambda t: t.assign(rate_Hz=t.rate_Hz + 1)),
        (1, lambda t: t.assign(spectral_distance=0.01)),
        (2, lambda t: t.assign(spectral_distance=0.2)),
        (2, lambda t: t.assign(spectral_distance=0.01)),
        (3, lambda t: t.assign(spectral_distance=0.01)),
        (4, lambda t: t.assign(regime=t.regime.replace("high-frequency synchronous", "silent"))),
        (5, lambda t: t.assign(rho=t.rho - 0.2 * (t.model == "CFM"))),
        (6, lambda t: t.assign(tau_max_ms=1.0)),
        (7, lambda t: t.assign(rho=0.9)),
    ],
)
def test_one_that_does_not_fails_it(number, spoil):
    assert not held(spoil(study()))[CLAIMS[number].name]


def test_each_combination_of_other_axes_is_a_plane_of_its_own():
    both = pd.concat([study().assign(g_nS=1.0), study().assign(g_nS=2.0, rho=0.9)])
    both = both[["p", "lam", "g_nS", *both.columns.drop(["p", "lam", "g_nS"])]]
    table = claims_table(both, "two")
    assert list(table.set.unique()) == ["two: g_nS = 1", "two: g_nS = 2"]
    counts = table.groupby("set").holds.sum()
    assert counts.iloc[0] == len(CLAIMS) > counts.iloc[1]
    text = findings.claims_text(table)
    assert f"two: g_nS = 1: {len(CLAIMS)} of {len(CLAIMS)} hold" in text
