"""Tables: spectra are averaged before they are compared, everything else after."""

import numpy as np
import pandas as pd
import pytest
from confidence import Z
from scipy.stats import norm

from analysis.chi_square import spectral_distance
from analysis.lags import pooled_pvalue
from analysis.summary import compare_spectra, summarise
from analysis.statuses import joint_status
from analysis.tables import SUMMARY_COLUMNS, TRIAL_COLUMNS, trial_table

FREQUENCY = np.arange(1, 101) * 1.0


def rows(trials, **of_cfm):
    shared = {"p": 0.1, "lam": 0.8, "rate_Hz": 5.0, "spike_contrast": 0.2, "seed": 1}
    table = []
    for k in range(trials):
        lif = {"model": "LIF", "trial": k, "status": "ok", "mean_mV": -60.0 - k, "std_mV": 1.0}
        cfm = {"model": "CFM", "trial": k, "status": "ok", "rho": 0.5, "rho_n_eff": 103.0}
        cfm |= {name: values[k] for name, values in of_cfm.items()}
        table += [{**shared, **lif}, {**shared, **cfm}]
    return table


@pytest.mark.parametrize("trials", [1, 3, 10])
def test_chi_square_is_about_its_degrees_of_freedom_for_equal_spectra(trials):
    """Two networks of one spectrum, whatever its shape: chi2 of 2 K/(2 K + 1) L on average."""
    L, rng = 20_000, np.random.default_rng(trials)
    shape = np.linspace(5, 1, L)
    one, other = (shape * rng.exponential(1, (trials, L)).mean(axis=0) for _ in range(2))
    found = compare_spectra(one, other, trials)
    p, q = one / one.sum(), other / other.sum()
    error = np.std(trials * L * (p - q) ** 2 / (p + q)) / np.sqrt(L)  # of a sum of L terms
    assert found["chi2"] / L == pytest.approx(2 * trials / (2 * trials + 1), abs=Z * error)
    assert found["chi2_pvalue"] > 0.01
    shifted = compare_spectra(one, other * np.linspace(3, 1, L), trials)
    assert (shifted["chi2_pvalue"] < 0.01) == (trials == 10)


def test_spectra_are_averaged_over_trials_before_they_are_compared():
    rng = np.random.default_rng(1)
    networks, models = rng.exponential(1, (2, 2, 100))
    summary = summarise(
        trial_table(rows(2)), FREQUENCY, {"LIF": list(networks), "CFM": list(models)}, rng
    )
    assert tuple(summary.columns) == SUMMARY_COLUMNS
    lif, cfm = summary.iloc[0], summary.iloc[1]
    expected = spectral_distance(networks.mean(axis=0), models.mean(axis=0))
    assert cfm.spectral_distance == pytest.approx(expected, rel=1e-12)
    each = np.mean([spectral_distance(*pair) for pair in zip(networks, models)])
    assert abs(cfm.spectral_distance - each) > 0.01
    assert cfm.chi2 == pytest.approx(2 * 2 * 100 * expected) and cfm.chi2_dof == 99
    assert lif.mean_mV == -60.5 and lif.trials == 2
    assert summary.chi2_dof.dtype == "Int64" and pd.isna(lif.chi2_dof)
    assert pd.isna(cfm.chi2_permutation_pvalue)  # fewer than five trials


def test_a_diverged_trial_is_counted_and_left_out():
    rng = np.random.default_rng(2)
    networks, model = rng.exponential(1, (2, 100)), rng.exponential(1, 100)
    table = trial_table(rows(2, status=["ok", "diverged"], rho=[0.5, np.nan]))
    summary = summarise(table, FREQUENCY, {"LIF": list(networks), "CFM": [model, None]}, rng)
    cfm = summary.iloc[1]
    assert cfm.status == "diverged (1), ok (1)"
    assert cfm.rho == 0.5
    assert cfm.spectral_distance == pytest.approx(spectral_distance(networks[0], model))


def test_all_diverged_leaves_the_comparison_empty():
    table = trial_table(rows(1, status=["diverged"], rho=[np.nan], rho_n_eff=[np.nan]))
    rng = np.random.default_rng(3)
    summary = summarise(table, FREQUENCY, {"LIF": [np.ones(100)], "CFM": [None]}, rng)
    cfm = summary.iloc[1]
    assert cfm.status == "diverged"
    assert np.isnan([cfm.rho, cfm.rho_pvalue, cfm.spectral_distance, cfm.rho_n_eff]).all()


def test_permutation_from_five_trials_on():
    rng = np.random.default_rng(4)
    spectra = {"LIF": list(rng.exponential(1, (6, 100)))}
    spectra["CFM"] = list(rng.exponential(1, (6, 100)) * np.linspace(0, 2, 100))
    summary = summarise(trial_table(rows(6)), FREQUENCY, spectra, rng)
    assert summary.iloc[1].chi2_permutation_pvalue == 1 / 32  # the smallest of six trials


def test_columns_of_trials():
    table = trial_table(rows(1))
    assert tuple(table.columns) == TRIAL_COLUMNS
    assert table.chi2_dof.dtype == "Int64"


def test_joint_status():
    assert joint_status(["ok", "ok"]) == "ok"
    assert joint_status(["ok", "silent", "ok"]) == "ok (2), silent (1)"


def test_pooled_pvalue_of_one_trial_is_fishers():
    expected = 2 * norm.sf(np.arctanh(0.3) * np.sqrt(50 - 3))
    assert pooled_pvalue([0.3], [50]) == pytest.approx(expected, rel=1e-12)
    assert pooled_pvalue([0.3, np.nan, 0.9], [50, 80, 3]) == pytest.approx(expected, rel=1e-12)


def test_pooled_pvalue_of_equal_trials_is_that_of_a_longer_one():
    expected = 2 * norm.sf(np.arctanh(0.3) * np.sqrt(4 * 47))
    assert pooled_pvalue([0.3] * 4, [50] * 4) == pytest.approx(expected, rel=1e-12)
    assert pooled_pvalue([0.3, -0.3], [50, 50]) == pytest.approx(1)
    assert pooled_pvalue([1.0], [50]) == 0
    assert np.isnan(pooled_pvalue([np.nan], [np.nan]))


def test_pooled_pvalue_is_uniform_for_unrelated_series():
    samples = np.random.default_rng(5).normal(size=(2000, 2, 3, 40))
    x, y = samples[:, 0], samples[:, 1]
    x = x - x.mean(axis=-1, keepdims=True)
    y = y - y.mean(axis=-1, keepdims=True)
    rho = (x * y).sum(-1) / np.sqrt((x**2).sum(-1) * (y**2).sum(-1))
    pvalues = [pooled_pvalue(r, [40] * 3) for r in rho]
    for alpha in (0.01, 0.05, 0.5):
        rejected = np.mean(np.array(pvalues) < alpha)
        assert abs(rejected - alpha) < Z * np.sqrt(alpha * (1 - alpha) / 2000)
