"""One point: what is measured from a record, and what its figure says, without a simulation."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import ms, second

from analysis.summary import summarise
from analysis.tables import trial_table
from models.mass.model import MassSeries
from models.parameters import TABLE_1, ParameterError, shown
from models.recording import Recording
from study.drawing import one_point
from study.store.run_folder import Run, traces_of
from study.trial.measure import measure
from study.trial.trial import check_measurable

PARAMS = replace(TABLE_1, N=100, duration=2 * second, transient=0.5 * second)
T = np.arange(PARAMS.steps) * 1e-4
NOISE = np.random.default_rng(1).normal(0, 0.1, PARAMS.steps)
OSCILLATION = np.sin(2 * np.pi * 10 * T) + NOISE
REST = np.full(PARAMS.steps, -70.0)


def recording(spikes=3000, V_mV=OSCILLATION - 60):
    """A Recording with random spikes and a given mean potential."""
    rng = np.random.default_rng(2)
    step = np.sort(rng.integers(0, PARAMS.steps, spikes))
    neuron = rng.integers(0, 100, spikes)
    exc = neuron < 80
    counts = [np.bincount(step[mine], minlength=PARAMS.steps) for mine in (exc, ~exc)]
    events = [10 * counts[0], 10 * counts[1], np.zeros(PARAMS.steps, int)]
    return Recording(100, 80, 0.1, V_mV, *counts, *events, neuron, step)


def test_rates_count_spikes_after_the_transient_only():
    record = recording()
    row = measure(record, {}, PARAMS)[0][0]
    late = record.step >= 5000
    exc = record.neuron < 80
    assert row["rate_Hz"] == pytest.approx(late.sum() / 100 / 1.5)
    assert row["rate_exc_Hz"] == pytest.approx((late & exc).sum() / 80 / 1.5)
    assert row["rate_inh_Hz"] == pytest.approx((late & ~exc).sum() / 20 / 1.5)
    assert row["status"] == "ok"


def test_the_transient_changes_nothing():
    record = recording()
    V_mV = record.V_mV.copy()
    V_mV[:5000] = 0
    late = record.step >= 5000
    cut = replace(record, V_mV=V_mV, neuron=record.neuron[late], step=record.step[late])
    model = {"CFM": np.roll(record.V_mV, 30)}
    whole, late = (trial_table(measure(r, model, PARAMS)[0]) for r in (record, cut))
    pd.testing.assert_frame_equal(whole, late, check_exact=True)


def test_a_delayed_copy_has_its_delay_and_no_distance():
    record = recording()
    rows, frequency_Hz, power, *_ = measure(record, {"copy": np.roll(record.V_mV, 30)}, PARAMS)
    copy = rows[1]
    assert copy["tau_max_ms"] == pytest.approx(3.0)
    assert copy["rho"] > 0.99 and copy["spectral_distance"] < 0.01
    assert copy["median_frequency_Hz"] == pytest.approx(10, abs=0.5)
    assert len(frequency_Hz) == len(power["copy"]) == 750


@pytest.mark.parametrize(
    "spikes, V_mV, model, network_status, model_status",
    [
        (3000, OSCILLATION - 60, REST, "ok", "constant"),
        (0, OSCILLATION - 60, OSCILLATION - 50, "silent", "silent"),
        (0, REST, REST, "silent+constant", "silent+constant"),
        (3000, OSCILLATION - 60, OSCILLATION * 1e82, "ok", "diverged"),
        (3000, OSCILLATION - 60, np.full(PARAMS.steps, np.nan), "ok", "diverged"),
    ],
)
def test_what_is_undefined_is_empty_and_named(
    spikes, V_mV, model, network_status, model_status, tmp_path
):
    record = recording(spikes, V_mV)
    rows, frequency_Hz, power, *_ = measure(record, {"CFM": model}, PARAMS)
    assert [row["status"] for row in rows] == [network_status, model_status]
    table = trial_table([{**row, "trial": 0, "seed": 1} for row in rows])
    network, cfm = table.iloc[0], table.iloc[1]
    assert np.isnan(network.spike_contrast) == (spikes == 0)
    assert np.isnan(cfm.mean_mV) == (model_status == "diverged")
    if model_status != "silent":
        assert np.isnan([cfm.rho, cfm.tau_max_ms, cfm.rho_pvalue]).all()
        assert np.isnan(cfm.spectral_distance)
    spectra = {name: [power.get(name)] for name in ("LIF", "CFM")}
    summary = summarise(table, frequency_Hz, spectra, np.random.default_rng(3))
    assert list(summary.status) == [network_status, model_status]
    drawn = figure(record, {"CFM": model}, summary, frequency_Hz, power, tmp_path)
    expected = {"diverged": "diverged", "constant": "constant"}
    for status, word in expected.items():
        if status in model_status:
            assert any(word in text for text in drawn)


def test_rates_stand_on_the_row_of_the_model_that_makes_them():
    """Those of an open model are empty; a closed one's are its own, Spike-contrast, too."""
    steps = np.arange(PARAMS.steps)
    rate_exc_Hz = np.where(steps < PARAMS.transient_steps, 1e3, 4.0)
    closed = MassSeries(OSCILLATION - 60, rate_exc_Hz, np.full(PARAMS.steps, 9.0))
    half = MassSeries(OSCILLATION - 60, rate_exc_Hz)
    given = {"open": OSCILLATION - 60, "closed": closed, "half": half}
    table = trial_table(measure(recording(), given, PARAMS)[0]).set_index("model")
    rates = table[["rate_exc_Hz", "rate_inh_Hz", "rate_Hz"]]
    assert (rates.loc["LIF"] > 10).all() and rates.loc["open"].isna().all()
    assert list(rates.loc["closed"]) == [4.0, 9.0, pytest.approx(0.8 * 4 + 0.2 * 9)]
    assert rates.loc["half", "rate_exc_Hz"] == 4.0
    assert rates.loc["half", ["rate_inh_Hz", "rate_Hz"]].isna().all()
    assert list(table.spike_contrast.notna()) == [True, False, True, False]


def test_spikes_without_an_interval_have_no_contrast():
    record = recording(0)
    neuron, step = np.array([0, 1, 2]), np.array([6000, 7000, 8000])
    count = np.bincount(step, minlength=PARAMS.steps)
    once = replace(record, neuron=neuron, step=step, count_exc=count)
    (row,) = measure(once, {}, PARAMS)[0]
    assert row["status"] == "no neuron spikes twice" and np.isnan(row["spike_contrast"])


def test_legend_names_a_clipped_model(tmp_path):
    record = recording()
    model = {"CFM": record.V_mV * 60 + 3500}
    rows, frequency_Hz, power, *_ = measure(record, model, PARAMS)
    table = trial_table([{**row, "trial": 0, "seed": 1} for row in rows])
    spectra = {name: [values] for name, values in power.items()}
    summary = summarise(table, frequency_Hz, spectra, np.random.default_rng(4))
    texts = figure(record, model, summary, frequency_Hz, power, tmp_path)
    assert any(text.startswith("CFM (clipped: -1") and "mV" in text for text in texts)


def figure(record, V_mV, summary, frequency_Hz, power, tmp_path):
    """Draw the figure of a point; return every legend text and axis label in it."""
    mean_power = pd.concat(
        pd.DataFrame({"model": name, "frequency_Hz": frequency_Hz, "power": values})
        for name, values in power.items()
    )
    texts = []
    close, one_point.plt.close = one_point.plt.close, lambda figure: None
    try:
        statuses = dict(zip(summary.model, summary.status))
        traces = traces_of(record, V_mV)
        run = Run(shown(PARAMS), summary, mean_power, None, traces, statuses, 250.0, None)
        one_point.draw(run, tmp_path / "figure.png")
        for axes in plt.gcf().findobj(plt.Axes):
            texts += [axes.get_xlabel(), axes.get_ylabel()]
            if (legend := axes.get_legend()) is not None:
                texts += [text.get_text() for text in legend.get_texts()]
    finally:
        one_point.plt.close = close
        plt.close("all")
    pixels = plt.imread(tmp_path / "figure.png")
    assert pixels.shape[1] >= 1200
    assert sum("(" in text for text in texts) >= 5  # units
    return texts


def test_records_that_are_too_short_or_too_coarse():
    check_measurable(PARAMS)
    check_measurable(replace(PARAMS, duration=2.3 * second, transient=1.8 * second))
    with pytest.raises(ParameterError, match=r"transient = 1\.5 s by 500 ms"):
        check_measurable(replace(PARAMS, duration=1.99 * second, transient=1.5 * second))
    with pytest.raises(ParameterError, match="dt must not exceed 1 ms, for spectra up to 500 Hz"):
        check_measurable(replace(PARAMS, dt=2 * ms))


def test_a_network_that_switches_is_named_and_its_models_with_it():
    record = recording(6000)
    params = replace(PARAMS, duration=8.5 * second)
    rng = np.random.default_rng(5)
    rate = np.full(params.steps, 0.4)
    counts = rng.poisson(rate)
    switched = np.where(np.arange(params.steps) > 60_000, 20 * counts, counts)
    V_mV = np.resize(OSCILLATION, params.steps) - 60
    for count, status in ((counts, "ok"), (switched, "not stationary")):
        step = np.repeat(np.arange(params.steps), count)
        neuron = rng.integers(0, 100, step.size)
        long = replace(
            record, V_mV=V_mV, count_exc=count, count_inh=np.zeros_like(count), neuron=neuron,
            step=step, **{f"events_{k}": np.zeros_like(count) for k in ("exc", "inh", "ext")},
        )  # fmt: skip
        rows = measure(long, {"copy": V_mV + 1}, params).rows
        assert [row["status"] for row in rows] == [status, status]
        summary = summarise(trial_table(rows), *_arrays(long, {"copy": V_mV + 1}, params))
        assert list(summary.regime.notna()) == [status == "ok"] * 2


def _arrays(record, models, params):
    """Return what `summarise` takes beside the rows, for one trial."""
    found = measure(record, models, params)
    spectra, functions = (
        {name: [given.get(name)] for name in ("LIF", *models)}
        for given in (found.power, found.correlation)
    )
    rng = np.random.default_rng(1)
    return found.frequency_Hz, spectra, rng, found.lag_ms, functions


def test_a_potential_that_no_neuron_can_reach_is_unphysical():
    record = recording()
    models = {"high": record.V_mV + 62, "low": record.V_mV - 22, "inside": record.V_mV + 10}
    rows = measure(record, models, PARAMS).rows
    assert [row["status"] for row in rows] == ["ok", "unphysical", "unphysical", "ok"]


def test_a_lag_beyond_the_window_is_none():
    record = recording()
    rng = np.random.default_rng(6)
    slow = np.cumsum(rng.normal(size=PARAMS.steps))
    slow = 5 * (slow - slow.mean()) / slow.std() - 60
    record = replace(record, V_mV=slow)
    rows = measure(record, {"late": np.roll(slow, 4000)}, PARAMS).rows  # 400 ms
    assert [row["status"] for row in rows] == ["ok", "lag at edge"]
    late = trial_table(rows).iloc[1]
    assert np.isnan([late.tau_max_ms, late.rho, late.rho_pvalue]).all() and np.isfinite(late.rho_0)
    summary = summarise(trial_table(rows), *_arrays(record, {"late": np.roll(slow, 4000)}, PARAMS))
    assert summary.status[1] == "lag at edge" and np.isnan(summary.rho[1])


def test_the_size_of_the_error_stands_beside_its_shape():
    record = recording()
    doubled = 2 * (record.V_mV - record.V_mV.mean()) + record.V_mV.mean() + 3
    row = measure(record, {"doubled": doubled}, PARAMS).rows[1]
    kept = record.V_mV[PARAMS.transient_steps :]
    late = doubled[PARAMS.transient_steps :]
    assert row["bias_mV"] == pytest.approx(late.mean() - kept.mean())
    assert row["std_ratio"] == pytest.approx(2) and row["rho"] == pytest.approx(1)
    assert row["nrmse"] == pytest.approx(np.sqrt(np.mean((late - kept) ** 2)) / kept.std())
    assert row["rho_0"] == pytest.approx(np.corrcoef(late, kept)[0, 1])
