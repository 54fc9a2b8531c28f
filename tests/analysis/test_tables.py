"""Tables: spectra are averaged before they are compared, everything else after."""

import numpy as np
import pandas as pd
import pytest
from confidence import Z
from scipy.stats import chi2, norm

from analysis import statuses
from analysis.bootstrap import bootstrap_intervals
from analysis.chi_square import spectral_distance
from analysis.settings import Settings
from analysis.significance import pooled_pvalue
from analysis.statuses import joint_status
from analysis.summary import compare_spectra, summarise
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
    if trials == 1:
        assert not {"chi2_pvalue", "chi2_pvalue_double"} & found.keys()
        return
    assert found["chi2_pvalue"] > 0.01
    assert found["chi2_pvalue_double"] == pytest.approx(chi2.sf(2 * found["chi2"], L - 1))
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


def two_humped(lags_ms, trials=10):
    """Return a table, lags and correlation functions of trials that peak where they are told."""
    lag_ms = np.arange(-100, 101) * 1.0
    functions = [np.exp(-((lag_ms - tau) ** 2) / 200) for tau in lags_ms]
    table = trial_table(rows(trials))
    table.loc[table.model == "CFM", "tau_max_ms"] = lags_ms
    table.loc[table.model == "CFM", ["rho_0", "rho_n_eff"]] = 0.1, 50.0
    return table, lag_ms, {"LIF": [None] * trials, "CFM": functions}


@pytest.mark.parametrize(
    ("others", "status"), [(0, "ok"), (1, "ok"), (2, "two lags"), (3, "two lags")]
)
def test_trials_in_two_humps_have_two_lags(others, status):
    table, lag_ms, functions = two_humped([20.0] * (10 - others) + [-50.0] * others)
    spectra = {name: [np.ones(100)] * 10 for name in ("LIF", "CFM")}
    rng = np.random.default_rng(2)
    settings = Settings(max_lag_ms=99.0)
    summary = summarise(table, FREQUENCY, spectra, rng, lag_ms, functions, settings)
    cfm = summary.set_index("model").loc["CFM"]
    assert cfm.status == status
    assert cfm.tau_max_ms == 20 and cfm.rho == pytest.approx(1 - others / 10)
    assert cfm.rho_pvalue_trials == pytest.approx(pooled_pvalue([cfm.rho], [10]), abs=1e-12)
    mean = table[table.model == "CFM"].tau_max_ms.mean()
    intervals = bootstrap_intervals(
        table, FREQUENCY, spectra, rng, lag_ms=lag_ms, correlation=functions, settings=settings
    ).set_index("model")
    low, high = intervals.loc["CFM", ["tau_max_ms_low", "tau_max_ms_high"]]
    assert low <= 20 <= high and intervals.loc["CFM", "tau_max_ms_mean"] == pytest.approx(mean)
    assert intervals.loc["CFM", "tau_max_ms_trials"] == 10


def test_averages_say_how_many_trials_they_rest_on():
    table, lag_ms, functions = two_humped([20.0] * 10)
    table.loc[table.model == "CFM", "nrmse"] = [1.0, 3.0] + [np.nan] * 8
    spectra = {name: [np.ones(100)] * 10 for name in ("LIF", "CFM")}
    summary = summarise(table, FREQUENCY, spectra, np.random.default_rng(3), lag_ms, functions)
    assert summary.nrmse[1] == 2
    intervals = bootstrap_intervals(table, FREQUENCY, spectra, np.random.default_rng(3))
    assert list(intervals.nrmse_trials) == [0, 2]


def test_a_point_is_no_state_where_two_of_ten_trials_switch():
    for switching, labelled in ((0, True), (1, True), (2, False)):
        table = trial_table(rows(10))
        of_network = table.index[table.model == "LIF"][:switching]
        table.loc[of_network, "status"] = "not stationary"
        spectra = {name: [np.ones(100)] * 10 for name in ("LIF", "CFM")}
        summary = summarise(table, FREQUENCY, spectra, np.random.default_rng(4))
        assert summary.regime.notna()[0] == labelled


def test_every_status_is_explained():
    assert set(statuses.MEANINGS) >= {
        "ok", "not stationary", "lag at edge", "two lags", "constant", "lockstep", "unphysical",
        "diverged",
    }  # fmt: skip
    found = pd.Series(["ok (9), not stationary (1)", "two lags, ok (8), lag at edge (2)", "ok"])
    assert list(statuses.has(found, "not stationary")) == [True, False, False]
    assert statuses.with_status("ok", "two lags") == "two lags"
    assert statuses.with_status("lockstep", "two lags") == "lockstep+two lags"
    assert statuses.with_status("ok (1), silent (9)", "two lags") == "two lags, ok (1), silent (9)"


@pytest.mark.parametrize(("having", "known"), [(4, False), (5, True)])
def test_a_rhythm_of_few_trials_is_none_of_the_point(having, known):
    table = trial_table(rows(10))
    network = table.index[table.model == "LIF"]
    table["spike_contrast"], table["rhythm_Hz"] = 0.5, np.nan
    table.loc[network[:having], "rhythm_Hz"] = 40.0
    spectra = {name: [np.ones(100)] * 10 for name in ("LIF", "CFM")}
    summary = summarise(table, FREQUENCY, spectra, np.random.default_rng(4))
    assert np.isfinite(summary.rhythm_Hz[0]) == known  # the rate, 5 Hz, takes its place
    assert (summary.regime[0] == "high-frequency synchronous") == known
