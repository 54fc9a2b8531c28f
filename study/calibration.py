"""How often each p-value is small by chance: python -m study.calibration."""

import sys

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import chdtrc

from analysis.chi_square import permutation_pvalue
from analysis.lags import cross_correlation, lag
from analysis.significance import effective_samples, pooled_pvalue
from analysis.stationarity import ALPHA as STATIONARITY
from analysis.stationarity import RELATIVE, is_not_stationary
from study.command.ending import run_command
from study.command.numbers import integer, seed_from
from study.command.parser import Parser

LEVEL = 0.01
TRIALS, SECONDS = 10, 27
"""Of a point of the reference study, transient dropped."""
KINDS = ("white", "8 Hz", "2 Hz", "10 Hz oscillation")
"""Of the null: flat, two low-pass spectra (their corner frequency), a line of 2 Hz width."""
FEW_BINS = 2000
"""For the permutation test, whose level does not depend on how many there are."""
STEP_s = 1e-3
"""Of the series; the measures have no time step of their own."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.calibration", description=__doc__)
    add = parser.add_argument
    add("--repeats", default="400", help="of each null (%(default)s)")
    add("--seed", default="1", help="0 ... 2**32 - 1 (%(default)s)")
    arguments = parser.parse_args(argv)
    try:
        repeats, seed = integer("--repeats", arguments.repeats, 1), seed_from(arguments)
    except ValueError as error:
        parser.error(str(error))
    print(f"part of {repeats} cases without an effect in which p < {LEVEL:g}; {TRIALS} trials of "
        f"{SECONDS} s\n")  # fmt: skip
    print(sizes(repeats, np.random.default_rng(seed)).to_string(float_format="{:.3f}".format))
    return 0


def sizes(repeats, rng, kinds=KINDS):
    """Measure the rate of false alarms of every p-value of the tables.

    Parameters
    ----------
    repeats : int
    rng : numpy.random.Generator
    kinds : sequence of str
        Of KINDS.

    Returns
    -------
    DataFrame
        A row per test and hypothesis, a column per kind: the part of the cases below LEVEL, for
        stationarity that called so.
    """
    rows = {}
    for kind in kinds:
        for name, found in (*_spectral(kind, repeats, rng), *_lagged(kind, repeats, rng)):
            rows.setdefault(name, {})[kind] = np.mean(np.asarray(found) < LEVEL)
        called = [is_not_stationary(_counts(kind, rng), 1000 * STEP_s) for _ in range(repeats)]
        name = f"not stationary (p < {STATIONARITY:g}, more than {RELATIVE:.0%}): one state"
        rows.setdefault(name, {})[kind] = np.mean(called)
    return pd.DataFrame(rows).T


def _spectral(kind, repeats, rng):
    """Yield tests of spectra and their p-values: two networks of one spectrum, independent."""
    bins = SECONDS * 500
    shape = _spectrum(kind, np.arange(1, bins + 1) / SECONDS)
    one, other = (shape * rng.gamma(TRIALS, 1 / TRIALS, (repeats, bins)) for _ in range(2))
    p, q = (P / P.sum(axis=1, keepdims=True) for P in (one, other))
    distance = 0.5 * ((p - q) ** 2 / (p + q)).sum(axis=1)
    found = {}
    for total in (1, 2):
        chi2 = 2 * total * TRIALS * bins * distance
        name = f"chi2_pvalue{'_double' * (total == 2)}: both count events of one distribution"
        found[name] = chdtrc(bins - 1, chi2)
    few = shape[:FEW_BINS]
    pvalues = []
    for _ in range(repeats):
        P, Q = few * rng.exponential(1, (2, TRIALS, FEW_BINS))
        pvalues.append(permutation_pvalue(P, Q, rng))
    found["chi2_permutation_pvalue: network and model are exchangeable"] = pvalues
    return found.items()


def _lagged(kind, repeats, rng):
    """Yield tests of correlations and their p-values: independent series of one spectrum."""
    found = {name: [] for name in (
        "rho_pvalue at lag 0, one trial: no correlation",
        "rho_pvalue at the largest, one trial: no correlation",
        "rho_pvalue of a point: no correlation",
        "rho_pvalue_nominal, one trial: no correlation",
        "rho_pvalue_trials of a point: no correlation",
    )}  # fmt: skip
    at_0, largest, point, nominal, of_trials = found.values()
    for _ in range(repeats):
        functions, n_eff = [], []
        for trial in range(TRIALS):
            x, y = (_series(kind, rng) for _ in range(2))
            _, function = cross_correlation(x, y, 1000 * STEP_s)
            functions.append(function)
            n_eff.append(effective_samples(x, y))
            if trial == 0:
                best = lag(x, y, 1000 * STEP_s)
                at_0.append(pooled_pvalue([best.rho_0], [best.n_eff]))
                largest.append(best.pvalue)
                nominal.append(best.pvalue_nominal)
        functions = np.array(functions)
        where = np.argmax(functions.mean(axis=0))
        point.append(pooled_pvalue(functions[:, where], n_eff))
        of_trials.append(pooled_pvalue([functions.mean(axis=0)[where]], [TRIALS]))
    return found.items()


def _spectrum(kind, frequency_Hz):
    """Return the shape of a spectrum."""
    if kind == "white":
        return np.ones_like(frequency_Hz)
    if kind == "10 Hz oscillation":
        return 1 / (1 + ((frequency_Hz - 10) / 1) ** 2)
    return 1 / (1 + (frequency_Hz / float(kind.removesuffix(" Hz"))) ** 2)


def _series(kind, rng):
    """Return a series of unit variance with a spectrum of this kind."""
    n, start = round(SECONDS / STEP_s), 3000
    noise = rng.standard_normal(n + start)
    if kind == "white":
        return noise[start:]
    if kind == "10 Hz oscillation":
        pole = np.exp(-2 * np.pi * STEP_s * (1 + 10j))
        series = lfilter([1], [1, -pole], noise + 1j * rng.standard_normal(n + start)).real[start:]
    else:
        pole = np.exp(-2 * np.pi * STEP_s * float(kind.removesuffix(" Hz")))
        series = lfilter([1], [1, -pole], noise)[start:]
    return series / series.std()


def _counts(kind, rng):
    """Return the spikes of 10,000 neurons at 5 Hz; the rate fluctuates by half as the kind says."""
    depth = 0.0 if kind == "white" else 0.5
    rate = 5 * np.exp(depth * _series(kind, rng) - depth**2 / 2)
    return rng.poisson(rate * 10_000 * STEP_s)


if __name__ == "__main__":
    sys.exit(run_command(main))
