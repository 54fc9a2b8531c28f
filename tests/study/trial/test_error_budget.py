"""The error budget: increments add up, whatever diverges, and the command writes and draws it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from brian2 import second
from matplotlib import pyplot as plt
from small_networks import COMMAND, THOUSAND

from analysis.budget import ADDITIVE, BUDGET_COLUMNS, budget_table, increments, series_error
from analysis.measures import NETWORK
from analysis.settings import DEFAULT
from models.mass.ladder import ASSUMPTIONS, CHAINS, UPWARD, orders
from models.mass.registry import named
from models.network.simulate import simulate
from study import run
from study.drawing import error_budget
from study.trial.error_budget import measure_budget


@pytest.fixture(scope="module")
def rows():
    """Two points with two trials each."""
    found = []
    for p in (0.1, 0.6):
        for seed in (1, 2):
            params = replace(THOUSAND, p=p, duration=1.5 * second, transient=0.5 * second)
            recording = simulate(params, seed, "dense", record_balance=True)
            found += measure_budget(recording, params, "euler", DEFAULT)
    return found


@pytest.fixture(scope="module")
def table(rows):
    return budget_table(rows, side_by_side=(UPWARD,))


def test_series_error_of_known_series():
    network = np.array([0.0, 2.0, 0.0, 2.0])  # standard deviation 1
    assert series_error(network, network) == {"nrmse": 0, "bias_mV": 0}
    assert series_error(np.ones(4), network) == {"nrmse": 1, "bias_mV": 0}
    assert series_error(network + 3, network) == {"nrmse": 3, "bias_mV": 3}
    assert np.isnan(series_error(network, np.full(4, -70.0))["nrmse"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([1.0], [1.0, 2.0]), r"must have the same length, not 0, got \(1,\) and \(2,\)"),
        (([], []), r"must have the same length, not 0, got \(0,\) and \(0,\)"),
        (([np.nan], [1.0]), "V_mV must be finite"),
    ],
)
def test_series_error_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        series_error(*arguments)


def test_every_order_has_its_rungs(table):
    assert list(table.columns) == list(BUDGET_COLUMNS)
    assert len(table) == 2 * sum(map(len, orders().values()))
    assert (table.trials == 2).all() and (table.status == "ok").all()
    assert set(table.assumption) == {"", *ASSUMPTIONS.values()}


def test_increments_add_up_to_the_errors_of_both_models(table):
    for _, point in table.groupby(["p", "lam"]):
        totals = {}
        for order, model in CHAINS:
            rungs = error_budget.chain(point, order, model)
            assert rungs.model.iloc[-1] == model and rungs.model.iloc[0] == "replay"
            for name in ADDITIVE:
                steps = rungs[f"{name}_increment"]
                assert np.isnan(steps.iloc[0])
                last, first = rungs[name].iloc[-1], rungs[name].iloc[0]
                assert steps.sum() == pytest.approx(last - first, abs=1e-12)
                assert totals.setdefault((model, name), last) == last  # both orders end alike
        assert totals["MFM", "nrmse"] != totals["CFM", "nrmse"]


def test_the_first_rung_is_the_network(table):
    first = table[table.model == "replay"]
    assert (first.nrmse < 1e-9).all() and (first.bias_mV.abs() < 1e-9).all()
    assert (first.spectral_distance < 1e-12).all() and first.rho.to_numpy() == pytest.approx(1)


def test_measures_are_means_over_trials(rows, table):
    mine = [row for row in rows if row["model"] == "3rc" and row["p"] == 0.6]
    found = table[(table.model == "3rc") & (table.p == 0.6)].iloc[0]
    for name in (*ADDITIVE, "tau_max_ms"):
        assert found[name] == pytest.approx(np.mean([row[name] for row in mine]))
    assert table[table.order == UPWARD].nrmse_increment.isna().all()


def test_what_diverged_says_so_and_leaves_its_increments_empty(rows):
    measures = {*ADDITIVE, "tau_max_ms"}
    broken = [
        row
        if row["model"] != "MFM"
        else {name: row[name] for name in row if name not in measures} | {"status": "diverged"}
        for row in rows
    ]
    table = budget_table(broken, side_by_side=(UPWARD,))
    forward = table[(table.order == "forward") & (table.p == 0.6)].set_index("model")
    assert forward.status["MFM"] == "diverged" and np.isnan(forward.nrmse["MFM"])
    assert forward.nrmse_increment[["MFM", "CFM"]].isna().all()
    assert forward.nrmse_increment["common synapse"] != 0
    points = table[["p", "lam"]].drop_duplicates().assign(model=NETWORK)
    points["regime"] = [f"regime {k}" for k in range(len(points))]
    figures = (
        error_budget.draw_stacks(table),
        error_budget.draw_costliest(table, points),
        error_budget.draw_upward(table),
    )
    texts = [text.get_text() for text in figures[0].get_axes()[0].texts]
    assert texts == ["diverged", "diverged"]
    assert error_budget.hatch_handles(figures[1])[0].get_label() == "diverged"
    legend = [text.get_text() for text in figures[1].legends[0].get_texts()]
    assert "border between regimes" in legend and len(points) > 1
    for figure in figures:
        plt.close(figure)


def test_increments_compare_a_trial_with_itself():
    """A rung that one of two trials lacks: its increment is that of the other trial."""
    shared = {"p": 0.1, "lam": 0.8, "order": "forward", "assumption": "", "status": "ok"}
    errors = [(0.0, 1.0, 3.0), (0.0, 10.0, np.nan)]
    rows = [
        {**shared, "step": step, "model": f"rung {step}", "nrmse": error}
        for trial in errors
        for step, error in enumerate(trial)
    ]
    table = budget_table(rows, side_by_side=(UPWARD,))
    assert list(table.nrmse) == [0, 5.5, 3]
    assert list(table.nrmse_increment[1:]) == [5.5, 2]


def test_bars_show_the_increments(table):
    figure, axes = plt.subplots()
    row = increments(table, "forward", "CFM", ASSUMPTIONS.values()).iloc[1]
    error_budget.draw_bars(axes, [0], [row])
    heights = [bar.get_height() for bar in axes.patches]
    assert heights == pytest.approx(list(row)) and min(heights) < 0 < max(heights)
    tops = sum(h for h in heights if h > 0), sum(h for h in heights if h < 0)
    edges = [bar.get_y() + bar.get_height() for bar in axes.patches]
    assert max(edges) == pytest.approx(tops[0]) and min(edges) == pytest.approx(tops[1])
    plt.close(figure)


def test_the_costliest_assumption_is_the_largest_increment(table):
    found = increments(table, "forward", "MFM", ASSUMPTIONS.values()).idxmax(axis=1)
    for (p, lam), name in found.items():
        mine = table[(table.p == p) & (table.lam == lam) & (table.order == "forward")]
        mine = mine[mine.step.between(1, 5)].set_index("assumption").nrmse_increment
        assert mine[name] == mine.max()


def test_run_writes_and_draws_the_budget(tmp_path, capsys):
    folder = tmp_path / "run"
    assert run.main([*COMMAND, "--budget", "--trials", "2", "--out", str(folder)]) == 0
    printed = capsys.readouterr().out
    found = pd.read_csv(folder / "budget.csv", keep_default_na=True)
    for order, place in (("forward", 0), ("backward to MFM", 1)):
        adds = found[found.order == order].set_index("assumption").nrmse_increment
        for name in ("no reset, no refractoriness", "membrane follows synapse"):
            (line,) = [line for line in printed.splitlines() if line.startswith(f"  {name}")]
            assert line.removeprefix(f"  {name}").split()[place] == f"{adds[name]:+.3g}"
    assert list(found.columns) == list(BUDGET_COLUMNS) and (found.trials == 2).all()
    assert set(named("upward")) <= set(found.model)
    assert plt.imread(folder / "budget.png").shape[1] > 1000
    summary = pd.read_csv(folder / "summary.csv").set_index("model")
    found = found.set_index(["order", "model"])
    for name in ("nrmse", "bias_mV", "rho_0"):  # the same means over trials
        assert found[name]["forward", "MFM"] == pytest.approx(summary[name]["MFM"])


def test_a_run_without_the_flag_has_no_budget(tmp_path, capsys):
    assert run.main([*COMMAND, "--no-figure", "--out", str(tmp_path / "run")]) == 0
    assert not list((tmp_path / "run").glob("budget*"))
    assert "assumption" not in capsys.readouterr().out
