"""The tables of a sweep that nobody ran: smooth maps with an ignition, for tests of figures."""

import numpy as np
import pandas as pd

from analysis.measures import NETWORK
from analysis.regimes import regime
from analysis.tables import SUMMARY_COLUMNS

P = np.round(np.arange(0, 1.01, 0.05), 2)
LAM = np.round(np.arange(0.6, 1.01, 0.1), 1)
L = 13_500  # bins of a spectrum


def network_at(p, lam):
    """Return rate, Spike-contrast and median frequency of an invented network.

    Nearly silent at small p, ignition between p = 0.3 and 0.5, the slowest just behind it, then
    synchrony near 10 Hz, and beyond 60 Hz where nearly all neurons are excitatory.
    """
    onset = 0.5 - 0.45 * (lam - 0.6)
    ignited = 1 / (1 + np.exp(-(p - onset) / 0.03))
    beyond = max(p - onset, 0)
    fast = 1 / (1 + np.exp(-(lam - 0.93) / 0.02))
    rate = 1 + ignited * (6 + 20 * beyond + 70 * fast)
    frequency = 18 * (1 - ignited) + ignited * (3 + 16 * beyond + fast * (50 + 110 * beyond))
    return rate, 0.05 + 0.1 * p + ignited * min(0.5 + beyond, 0.8), frequency, beyond, ignited


def row_at(p, lam, model, error):
    """Return an invented row of points; `error` scales the mass model's distance."""
    rate, contrast, frequency, beyond, ignited = network_at(p, lam)
    row = dict.fromkeys(SUMMARY_COLUMNS, np.nan)
    row |= {"p": p, "lam": lam, "model": model, "trials": 10, "status": "ok"}
    row |= {"rate_Hz": rate, "spike_contrast": contrast, "median_frequency_Hz": frequency}
    row["regime"] = regime(rate, contrast, frequency)
    row["chi2_dof"] = pd.NA
    if model == NETWORK:
        return row
    distance = 0.006 + (0.03 + 0.1 * p) * (1 - ignited) + error * min(1.3 * beyond**1.5, 0.62)
    row["median_frequency_Hz"] = frequency * (1 + 2 * error * beyond)
    row |= {"spectral_distance": distance, "chi2": 2 * L * distance, "chi2_dof": L - 1}
    row["chi2_pvalue"] = float(distance > 0.51) * 1e-9 + float(distance < 0.5)
    row["chi2_permutation_pvalue"] = 1 / 512 if distance > 0.03 else 0.4
    row["tau_max_ms"] = 4 * ignited * error * (1 - 5 * beyond) + (40 if beyond > 0.5 else 0)
    row["rho"] = 0.985 - 1.35 * beyond * error
    row["rho_pvalue"] = 1e-12 if row["rho"] > 0.3 else 0.2
    return row


def write_sweep(folder, p=P, lam=LAM, models=("CFM", "MFM"), examples=True):
    """Write the tables of an invented sweep; return its points."""
    folder.mkdir(parents=True, exist_ok=True)
    errors = dict(zip((NETWORK, *models), (0, 1, 0.8, 0.5, 0.3)))
    rows = [row_at(x, y, model, e) for y in lam for x in p for model, e in errors.items()]
    points = pd.DataFrame(rows).astype({"chi2_dof": "Int64"})
    for name in ("rho", "spectral_distance"):
        points[f"{name}_low"], points[f"{name}_high"] = points[name] * 0.9, points[name] * 1.1
    rng = np.random.default_rng(1)
    frequency_Hz = np.arange(1, 501) / 1.0
    t_ms = 29_000 + np.arange(0, 1000, 0.5)
    spectra, potentials = [], []
    for row in points.itertuples():
        centre, shape = row.median_frequency_Hz, np.exp(rng.normal(0, 0.2, 500))
        power = shape / (1 + (frequency_Hz / 30) ** 3)
        power = 0.05 * power + 3 * shape * np.exp(-(np.log(frequency_Hz / centre) ** 2) / 0.05)
        where = {"p": row.p, "lam": row.lam, "model": row.model}
        spectra.append(pd.DataFrame(where | {"frequency_Hz": frequency_Hz, "power": power}))
        V_mV = -62 + 4 * np.sin(2 * np.pi * centre * t_ms / 1000) + rng.normal(0, 0.2, t_ms.size)
        potentials.append(pd.DataFrame(where | {"t_ms": t_ms, "V_mV": V_mV}))
    points.to_parquet(folder / "points.parquet")
    pd.concat(spectra).to_parquet(folder / "spectra.parquet")
    if examples:
        pd.concat(potentials).to_parquet(folder / "examples.parquet")
    return points


def spoil(points, p, lam, status, model=None, gone=True):
    """Give the rows of one point (or of one model there) another status, and no values."""
    rows = np.isclose(points.p, p) & np.isclose(points.lam, lam)
    rows &= (points.model == model) if model else True
    points.loc[rows, "status"] = status
    if gone:
        kept = ("p", "lam", "model", "status", "trials")
        lost = ("regime",) if model is None else ()
        values = points.select_dtypes("number").columns.difference(kept)
        points.loc[rows, values] = np.nan
        points.loc[rows, list(lost)] = None
