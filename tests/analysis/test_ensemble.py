"""An ensemble: what survives a change of constants, from tables whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from analysis import ensemble
from analysis.measures import NETWORK
from analysis.tables import SUMMARY_COLUMNS
from models.ensemble import RANGES, latin_hypercube
from models.parameters import from_si
from study import expect
from study.ensemble import tables


@pytest.fixture(scope="module")
def points():
    """Forty sets of one constant at three p: the MFM's error is the rate over ten, exactly."""
    rng, rows = np.random.default_rng(1), []
    for member in range(40):
        weight = 0.01 * (member + 1)
        for p in (0.1, 0.3, 0.5):
            rate = 60 * p * (1 + weight) * rng.uniform(0.9, 1.1)
            shared = {"p": p, "lam": 0.8, "g_hat_inh_nS": weight, "trials": 1, "status": "ok"}
            network = {"model": NETWORK, "rate_Hz": rate, "spike_contrast": p, "std_mV": 1.0}
            network |= {"rhythm_Hz": 20 * p if p > 0.2 else np.nan, "regime": "asynchronous"}
            mfm = {"model": "MFM", "nrmse": rate / 10, "rho_0": 1 - p, "spectral_distance": p}
            density = {"model": "density", "rate_Hz": 1.1 * rate, "regime": "asynchronous"}
            rows += [{**shared, **row} for row in (network, mfm, density)]
    table = pd.DataFrame(rows)
    columns = ["p", "lam", "g_hat_inh_nS", *SUMMARY_COLUMNS[2:]]
    return table.reindex(columns=columns)


def test_networks_and_errors_stand_side_by_side(points):
    table = ensemble.networks_and_errors(points)
    mfm = table[table.model == "MFM"]
    assert len(mfm) == 120 and mfm.set.nunique() == 40
    assert np.allclose(mfm.nrmse, mfm.rate_Hz / 10)
    assert set(mfm.rhythm_Hz) == {0.0, 6.0, 10.0}  # none is 0
    assert np.allclose(table.rate_ratio[table.model == "density"], 1.1)


@pytest.mark.parametrize("status", ["not stationary", "lockstep"])
def test_what_no_average_describes_is_left_out(points, status):
    changed = points.copy()
    changed.loc[(changed.model == NETWORK) & (changed.p == 0.3), "status"] = status
    assert set(ensemble.networks_and_errors(changed).p) == {0.1, 0.5}
    changed.loc[(changed.model == NETWORK) & (changed.p == 0.1), ["rate_Hz"]] = 0.0
    assert set(ensemble.networks_and_errors(changed).p) == {0.5}


def test_each_set_counts_once_in_a_group(points):
    table = ensemble.networks_and_errors(points)
    mine = table[table.model == "MFM"]
    found = ensemble.by_group(mine, mine.p, ["nrmse"])
    assert list(found.networks) == [40] * 3 and list(found.sets) == [40] * 3
    expected = mine[mine.p == 0.3].nrmse.quantile([0.1, 0.5, 0.9])
    assert found.loc[0.3, ["nrmse 10%", "nrmse 50%", "nrmse 90%"]].tolist() == pytest.approx(
        expected.tolist()
    )
    twice = pd.concat([mine, mine[mine.set == 0]])  # more points of one set weigh no more
    again = ensemble.by_group(twice, twice.p, ["nrmse"])
    assert again["nrmse 50%"].tolist() == pytest.approx(found["nrmse 50%"].tolist())


def test_the_nearest_networks_are_those_that_are_described(points):
    table = ensemble.networks_and_errors(points)
    mine = table[table.model == "MFM"]
    exact = mine.iloc[50]
    place = exact.rate_Hz, exact.rhythm_Hz, exact.spike_contrast
    found = ensemble.nearest(mine, *place, number=10)
    assert found.distance.iloc[0] == 0 and found.rate_Hz.iloc[0] == exact.rate_Hz
    assert (found.p == exact.p).all() and found.distance.is_monotonic_increasing
    by_rate = ensemble.nearest(mine, exact.rate_Hz, None, None, number=5)
    assert by_rate.distance.tolist() == pytest.approx(
        sorted(np.abs(np.log2(mine.rate_Hz / exact.rate_Hz)))[:5]
    )


def test_a_tree_and_ranks_find_what_decides(points):
    table = ensemble.networks_and_errors(points)
    mine = table[table.model == "MFM"]
    ranks = ensemble.rank_correlations(mine, "nrmse", ["rate_Hz", "g_hat_inh_nS"])
    assert ranks.index[0] == "rate_Hz" and ranks.iloc[0] == pytest.approx(1)
    text, share = ensemble.tree(mine, "nrmse", smallest=10)
    assert "rate_Hz <=" in text and share > 0.8


def test_every_table_is_made(points):
    found = tables(ensemble.networks_and_errors(points), None)
    assert any(title.startswith("MFM, given the network's input, by regime") for title in found)
    assert any(title.startswith("density, given parameters alone, by rate") for title in found)


def test_an_expectation_says_median_interval_and_members(points):
    table = ensemble.networks_and_errors(points)
    text = expect.expectation(table, rate_Hz=19.0, rhythm_Hz=6.0, spike_contrast=0.3)
    assert "of 120 networks" in text and "extrapolation" not in text
    assert "1.1 [1.1, 1.1]" in text  # the closed model's rate ratio, which has no spread
    assert "extrapolation" in expect.expectation(table, rate_Hz=0.01)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "--rate: must be given, or --rhythm or --spike-contrast"),
        (["--rate", "0"], "--rate: must lie in (0, 1000], got 0"),
        (["--spike-contrast", "1.5"], "--spike-contrast: must lie in [0, 1], got 1.5"),
        (["--rate", "x"], "--rate: must be a number, got x"),
        (["--rate", "5", "--ensemble", "nowhere"], "--ensemble: must be the folder of a sweep"),
    ],
)
def test_mistakes_are_one_line(flags, message, capsys):
    with pytest.raises(SystemExit) as raised:
        expect.main(flags)
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_latin_hypercube_has_one_set_in_each_part_of_each_range():
    sample = latin_hypercube(50, seed=3)
    assert sample == latin_hypercube(50, seed=3) != latin_hypercube(50, seed=4)
    assert sample.keys() == RANGES.keys()
    from models.constants import SIZES, UNIT_NAMES

    for name, values in sample.items():
        between = RANGES[name]
        shown = np.array(values) / SIZES.get(UNIT_NAMES.get(name), 1.0)
        axis = np.log if between.logarithmic else np.asarray
        low, high = axis(between.low), axis(between.high)
        parts = np.floor((axis(shown) - low) / (high - low) * 50 * (1 - 1e-9))
        assert len(set(parts)) >= 48, name  # six digits may move one across an edge
        assert between.source


def test_every_corner_of_the_ranges_can_be_simulated():
    from itertools import product

    from models.constants import SIZES, UNIT_NAMES
    from models.parameters import TABLE_1

    si = TABLE_1.si()
    names = list(RANGES)
    for ends in product(*((RANGES[n].low, RANGES[n].high) for n in names[:6])):
        changed = {n: v * SIZES.get(UNIT_NAMES.get(n), 1.0) for n, v in zip(names, ends)}
        from_si({**si, **changed})
    for name in names[6:]:
        for end in (RANGES[name].low, RANGES[name].high):
            from_si({**si, name: end * SIZES.get(UNIT_NAMES.get(name), 1.0)})
