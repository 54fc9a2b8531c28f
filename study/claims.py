"""What the paper reports, as assertions with numbers: does a study show it, and by how much?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.axes import PLANE, axes_of, varied
from analysis.measures import NETWORK
from analysis.regimes import ASYNCHRONOUS, HIGH_FREQUENCY, LOW_FREQUENCY, SILENT_RATE_Hz
from analysis.significance import critical_correlation

CLOSE = 0.0257
"""The spectral distance that Eq. 25 calls significant at 0.01 with ten trials and two counts per
bin and trial."""
RHO = critical_correlation(10)
"""The correlation that Fisher's z calls significant at 0.01 with ten samples."""
FIRING_Hz = 5.0
"""An asynchronous network that fires: a noise-driven one has 1 to 4 Hz."""
NEAR = 0.15
"""So far in p from the onset lies what is around it."""
LAG_ms = 5.0
"""A lag that is more than the time step of a membrane: a quarter of tau_mem."""


@dataclass(frozen=True)
class Claim:
    """One assertion.

    Attributes
    ----------
    name, needs : str
        What the paper says, and what counts as showing it.
    measure : callable
        From the points of one plane to (whether it holds, the number that decides, its words).
    """

    name: str
    needs: str
    measure: object


def claims_table(points, name):
    """Check every claim on a study.

    Parameters
    ----------
    points : DataFrame
        points.parquet. Where more than p and lambda varies, each combination is one plane.
    name : str
        What the study is called.

    Returns
    -------
    DataFrame
        Columns set, claim, needs, holds, found.
    """
    others = [axis for axis in varied(points) if axis not in PLANE]
    groups = points.groupby(others) if others else [((), points)]
    rows = []
    for values, plane in groups:
        said = ", ".join(f"{axis} = {value:g}" for axis, value in zip(others, values))
        of_plane = _Plane(plane)
        for claim in CLAIMS:
            holds, found = claim.measure(of_plane)
            rows.append({
                "set": f"{name}: {said}" if said else name,
                "claim": claim.name,
                "needs": claim.needs,
                "holds": bool(holds),
                "found": found,
            })  # fmt: skip
    return pd.DataFrame(rows)


class _Plane:
    """The points of one plane, models beside the network."""

    def __init__(self, points):
        axes = axes_of(points)
        self.network = points[points.model == NETWORK].set_index(axes, drop=False)
        self.models = [model for model in points.model.unique() if model != NETWORK][:2]
        self.of = {m: points[points.model == m].set_index(axes) for m in self.models}
        lams = self.network.lam.unique()
        self.rows = {lam: self.network[self.network.lam == lam] for lam in lams}
        self.synchronous = self.network.regime.isin([LOW_FREQUENCY, HIGH_FREQUENCY])

    def onset(self, row):
        """Return the first p of a row at which the network is synchronous, NaN without one."""
        return row.p[self.synchronous.reindex(row.index)].min()

    def values(self, model, column, chosen):
        """Return a measure of a model at the chosen points of the network."""
        return self.of[model][column][chosen.reindex(self.of[model].index)]


def _silent(plane):
    lowest = plane.network[plane.network.p == plane.network.p.min()]
    rate = lowest.rate_Hz.max()
    return rate < SILENT_RATE_Hz, f"{rate:.3g} Hz at p = {lowest.p.iloc[0]:g}"


def _asynchronous_fails(plane):
    firing = (plane.network.regime == ASYNCHRONOUS) & (plane.network.rate_Hz >= FIRING_Hz)
    if not firing.any():
        fastest = plane.network.rate_Hz[plane.network.regime == ASYNCHRONOUS].max()
        return False, f"no such point, the fastest has {fastest:.3g} Hz"
    distance = [plane.values(m, "spectral_distance", firing).median() for m in plane.models]
    return min(distance) > CLOSE, _both(plane, distance, f"distance at {firing.sum()} points")


def _closed_region(plane):
    said, all_hold = [], True
    for model in plane.models:
        inside, rows = 0, 0
        for lam, row in plane.rows.items():
            onset = plane.onset(row)
            if np.isnan(onset) or lam == 1:
                continue
            rows += 1
            distance = plane.of[model].spectral_distance.reindex(row.index)
            near = distance[np.abs(row.p - onset) <= NEAR].min()
            ends = distance[[row.p.idxmin(), row.p.idxmax()]].min()
            inside += near < CLOSE < ends
        said.append(f"{model} {inside} of {rows} λ")
        all_hold &= inside > rows / 2
    return all_hold and rows > 0, ", ".join(said)


def _fast_fails(plane):
    fast = plane.network.regime == HIGH_FREQUENCY
    if not fast.any():
        return False, "no such point"
    distance = [plane.values(m, "spectral_distance", fast).median() for m in plane.models]
    return min(distance) > CLOSE, _both(plane, distance, f"distance at {fast.sum()} points")


def _order(plane):
    rising = rows = 0
    for row in plane.rows.values():
        low, high = (row.p[row.regime == name] for name in (LOW_FREQUENCY, HIGH_FREQUENCY))
        rows += 1
        rising += len(low) > 0 and len(high) > 0 and low.min() < high.min()
    return rising > 0, f"{rising} of {rows} λ"


def _alike(plane):
    one, other = (plane.of[model] for model in plane.models)
    rho = (one.rho - other.rho).abs().median()
    distance = (one.spectral_distance - other.spectral_distance).abs().median()
    return rho < 0.1 and distance < 0.05, f"median difference: ρ {rho:.2g}, distance {distance:.2g}"


def _lags(plane):
    before, after = [], []
    model = plane.of[plane.models[-1]].tau_max_ms
    for row in plane.rows.values():
        onset = plane.onset(row)
        mine = model.reindex(row.index)
        before += list(mine[(row.p < onset) & (row.rate_Hz < FIRING_Hz)])
        after += list(mine[(row.p >= onset) & (row.p <= onset + NEAR)])
    quiet, firing = (np.nanmedian(np.abs(lags)) if lags else np.nan for lags in (before, after))
    return quiet < LAG_ms <= firing, f"|τ| {quiet:.2g} ms before, {firing:.2g} ms after the onset"


def _close_in_part(plane):
    said, all_hold = [], True
    for model in plane.models:
        known = plane.of[model].rho.dropna()
        quiet = known[known.index.get_level_values("p") == known.index.get_level_values("p").min()]
        quiet = quiet.median()
        share = (plane.values(model, "rho", plane.synchronous) >= RHO).mean()
        firing = (plane.network.regime == ASYNCHRONOUS) & (plane.network.rate_Hz >= FIRING_Hz)
        between = plane.values(model, "rho", firing).min()
        all_hold &= quiet >= RHO and share > 0 and between < RHO
        said.append(f"{model} {quiet:.2g} at p → 0, {share:.0%} of synchronous points, "
            f"{between:.2g} where it fires asynchronously")  # fmt: skip
    return all_hold, "; ".join(said)


def _both(plane, values, of):
    return ", ".join(f"{m} {v:.2g}" for m, v in zip(plane.models, values)) + f" ({of})"


CLAIMS = (
    Claim("silent at p → 0", f"rate below {SILENT_RATE_Hz:g} Hz at the smallest p, every λ",
        _silent),
    Claim("failure in the de-synchronised state", f"asynchronous at {FIRING_Hz:g} Hz or more, "
        f"median distance above {CLOSE:g}, both models", _asynchronous_fails),
    Claim("agreement only around the onset of low-frequency synchronisation",
        f"distance below {CLOSE:g} within {NEAR:g} of the onset and above it at both ends of p, "
        "both models, at most λ below 1", _closed_region),
    Claim("failure in high-frequency synchrony", f"median distance above {CLOSE:g}, both models",
        _fast_fails),
    Claim("low-, then high-frequency synchrony along p", "at some λ", _order),
    Claim("CFM and MFM largely agree", "median differences of ρ below 0.1, of distance below 0.05",
        _alike),
    Claim("lags change where the network begins to spike", f"MFM: below {LAG_ms:g} ms before, "
        f"{LAG_ms:g} ms or more after", _lags),
    Claim("time series close at p → 0 and in part of the synchronised region",
        f"ρ of {RHO:.2f} or more at the smallest p that has one and at some synchronous points, "
        "less at some asynchronous point that fires", _close_in_part),
)  # fmt: skip
"""The paper's abstract, Figs. 4 and 5 and their captions."""
