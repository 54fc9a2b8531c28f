"""The page of the explorer without a browser: what it holds, leaves out and refuses."""

import base64
import json
import re
import zlib

import numpy as np
import pandas as pd
import pytest
from invented_sweep import spoil, write_sweep

from analysis.measures import NETWORK
from study import explore
from study.page.arrays import DTYPES, STEPS
from study.page.build import page
from study.page.pack import DETAILS, TooLargeError, packed
from study.page.read import read_study

PAPER, BUDGET, ENSEMBLE = "results/paper", "results/budget", "results/ensemble"


def unpacked(text):
    """Read the data of a page back: plain values, and a function that looks arrays up."""
    data = json.loads(text)
    block = zlib.decompress(base64.b64decode(data["block"]))

    def numbers(kept):
        dtype = np.dtype(DTYPES[kept["type"]])
        return np.frombuffer(block, dtype, kept["length"], kept["at"])

    return data, numbers


def data_of(html):
    """Return the text of a page's data."""
    return re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)[1]


@pytest.fixture(scope="module")
def paper():
    return read_study(PAPER)


def test_every_number_of_the_points_is_there(paper):
    data, numbers = unpacked(packed([paper], 10**7)[0])
    (study,) = data["studies"]
    axes = [np.array(axis["values"]) for axis in study["axes"]]
    place = [values[numbers(kept)] for values, kept in zip(axes, study["place"])]
    index = pd.MultiIndex.from_arrays(place, names=["p", "lam"])
    assert len(index) == 105
    checked = 0
    for model in paper.points.model.unique():
        mine = paper.points[paper.points.model == model].set_index(["p", "lam"]).reindex(index)
        for column in mine.columns:
            kept = study["rows"][model].get(column)
            if kept is None or column in ("status", "trials"):
                continue
            double = "pvalue" in column  # they may be smaller than a single can be
            expected = mine[column].to_numpy(float, na_value=np.nan)
            expected = expected if double else expected.astype(np.float32)
            np.testing.assert_array_equal(numbers(kept), expected)
            checked += 1
        words = study["rows"][model]["status"]
        assert [words["words"][k] for k in numbers(words["codes"])] == mine.status.tolist()
    assert checked > 100


def test_traces_are_those_of_the_table_to_a_step(paper):
    data, numbers = unpacked(packed([paper], 10**7)[0])
    traces, models = data["studies"][0]["traces"], data["studies"][0]["models"]
    low, high = (numbers(part).astype(int) for part in traces["bytes"])
    change = (low + 256 * high).reshape(-1, traces["length"])
    steps = np.cumsum(change, axis=1) & 0xFFFF
    V_mV = numbers(traces["low"])[:, None] + steps * numbers(traces["span"])[:, None]
    table = paper.examples.pivot_table("V_mV", ["p", "lam", "model"], "t_ms", sort=False)
    points = paper.points[["p", "lam"]].drop_duplicates().sort_values(["p", "lam"])
    for row, key in list(enumerate(numbers(traces["key"])))[::17]:
        point, model = divmod(int(key), len(models))
        exact = table.loc[(*points.iloc[point], models[model])].dropna().to_numpy()
        step = np.ptp(exact) / STEPS
        assert np.abs(V_mV[row] - exact).max() < 0.51 * step + 1e-5


def test_trials_stand_beside_their_seeds(paper):
    data, numbers = unpacked(packed([paper], 10**7)[0])
    trials = data["studies"][0]["trials"]
    found = pd.DataFrame(
        {"seed": numbers(trials["seed"]), "rho": numbers(trials["rows"]["MFM"]["rho"])}
    ).set_index("seed")
    table = paper.trials[paper.trials.model == "MFM"].set_index("seed").rho
    assert len(found) == len(table) == 1050
    np.testing.assert_array_equal(found.rho.reindex(table.index), table.astype(np.float32))


def test_the_reference_study_has_room_to_spare(paper):
    html, left_out = page([paper], 10 * 10**6)
    assert left_out == "" and len(html) < 6e6
    assert "</script" not in data_of(html)


def test_what_does_not_fit_is_left_out_and_said(paper):
    whole = len(packed([paper], 10**8)[0])
    sizes = []
    for limit in (0.9 * whole, 0.5 * whole, 0.35 * whole):
        text, said = packed([paper], int(limit))
        assert len(text) <= limit and said in {detail.said for detail in DETAILS[1:]}
        assert text.replace("\\u003c", "<") == text
        sizes.append(len(text))
    assert sizes == sorted(sizes, reverse=True)
    with pytest.raises(TooLargeError, match="0 MB of tables alone do not fit"):
        packed([paper], 1000)


def test_a_budget_names_the_costliest_assumption_and_adds_up():
    study = read_study(BUDGET)
    data, numbers = unpacked(packed([study], 10**7)[0])
    budget = data["studies"][0]["budget"]
    rungs = pd.DataFrame(budget["rungs"])
    reached = numbers(budget["nrmse"]).reshape(-1, len(rungs))
    adds = numbers(budget["nrmse_increment"]).reshape(-1, len(rungs))
    forward = (rungs.order == "forward") & (rungs.step > 0)
    first = rungs.index[(rungs.order == "forward") & (rungs.step == 0)][0]
    last = rungs.index[forward][-1]
    np.testing.assert_allclose(
        adds[:, forward].sum(axis=1), reached[:, last] - reached[:, first], rtol=1e-4
    )
    words = data["studies"][0]["words"]["costliest MFM forward"]
    told = np.array([words["words"][k] for k in numbers(words["codes"])])
    chain = forward & (rungs.index <= rungs.index[rungs.model == "MFM"][0])
    worst = rungs.assumption[chain].to_numpy()[adds[:, chain].argmax(axis=1)]
    assert (told == worst).mean() == 1 and len(set(told)) > 1


def test_a_sample_has_its_sets_as_an_axis_and_their_constants():
    study = read_study(ENSEMBLE)
    table = pd.read_parquet(f"{ENSEMBLE}/points.parquet")
    assert list(study.axes) == ["p", "lam", "set"]
    drawn = [name for name in table if name in study.constants]
    assert len(study.constants) == len(table.drop_duplicates(drawn))
    joined = study.points.merge(study.constants.reset_index(), on="set")
    both = joined.merge(table, on=["p", "lam", "model", *drawn], suffixes=("", "_there"))
    assert len(both) == len(table)
    pd.testing.assert_series_equal(both.std_mV, both.std_mV_there, check_names=False)


def test_texts_of_files_are_texts(tmp_path):
    evil = '</script><img src=x onerror="window.hacked=1">'
    points = write_sweep(tmp_path / "sweep", p=[0.1, 0.2], lam=[0.6, 0.8], models=(evil,))
    points["status"] = evil
    points.to_parquet(tmp_path / "sweep/points.parquet")
    html, _ = page([read_study(tmp_path / "sweep")], 10**7)
    assert "<img" not in html and html.count("</script>") == html.count("<script")


@pytest.mark.parametrize("missing", ["examples.parquet", "spectra.parquet"])
def test_tables_may_be_lacking(tmp_path, missing):
    """But for spectra, which every sweep has, in a folder or with the model of a closed one."""
    write_sweep(tmp_path / "sweep", p=[0.3], lam=[0.6, 0.8])
    (tmp_path / "sweep" / missing).unlink()
    out = tmp_path / "page.html"
    if missing == "spectra.parquet":
        with pytest.raises(SystemExit) as refused:
            explore.main([str(tmp_path / "sweep"), "--out", str(out)])
        assert refused.value.code == 2 and not out.exists()
    else:
        assert explore.main([str(tmp_path / "sweep"), "--out", str(out)]) == 0
        assert "no traces were kept" in data_of(out.read_text())


def test_a_point_that_failed_is_missing_not_zero(tmp_path):
    points = write_sweep(tmp_path / "sweep", p=[0.1, 0.2], lam=[0.6, 0.8])
    spoil(points, 0.2, 0.8, "failed")
    points.to_parquet(tmp_path / "sweep/points.parquet")
    data, numbers = unpacked(packed([read_study(tmp_path / "sweep")], 10**7)[0])
    study = data["studies"][0]
    rates = numbers(study["rows"][NETWORK]["rate_Hz"])
    assert np.isnan(rates).tolist() == [False, False, False, True]
    words = study["rows"][NETWORK]["status"]
    assert words["words"][numbers(words["codes"])[3]] == "failed"


def test_two_folders_of_one_name_are_told_apart(tmp_path, capsys):
    for place in ("a", "b"):
        write_sweep(tmp_path / place / "same", p=[0.1], lam=[0.8])
    out = tmp_path / "page.html"
    folders = [str(tmp_path / place / "same") for place in ("a", "b")]
    assert explore.main([*folders, "--out", str(out)]) == 0
    assert [s["name"] for s in json.loads(data_of(out.read_text()))["studies"]] == [
        "same", "same (2)",
    ]  # fmt: skip
    assert capsys.readouterr().out == f"{out}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "DIR: must be the folder of a sweep, got nowhere"),
        ([PAPER, "--out", "tests"], "--out: must be a file, got the folder tests"),
        ([PAPER, "--out", "nowhere/page.html"], "--out: must lie in a folder that is there"),
        ([PAPER, "--limit", "1"], "--limit: must lie in [2, 1000) MB, got 1"),
        ([PAPER, "--limit", "much"], "--limit: must be a number, got much"),
    ],
)
def test_a_mistake_is_one_line(arguments, said, capsys):
    with pytest.raises(SystemExit) as refused:
        explore.main(arguments)
    printed = capsys.readouterr()
    assert refused.value.code == 2 and printed.out == ""
    assert said in printed.err and printed.err.count("\n") == 1
