"""Closed models: beside a network, alone, over a plane, from Python, and the user's own."""

import json
from dataclasses import replace

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import second
from poisson_population import RATE_HZ, poisson_population
from small_networks import COMMAND, THOUSAND, made_up

from models.mass import registry
from models.parameters import TABLE_1
from study import compare, run
from study.api import predict as from_python
from study.predict import compared, findings
from study.predict import main as predict_main
from study.store.read_sweep import read_points
from study.trial.ceiling import external_input
from study.trial.closed import ClosedModel, is_closed
from study.trial.prediction import against, predicted

USERS = """
import numpy as np
from poisson_population import poisson_population


def closed_by_user(params, seed, events_ext=None, noise=True):
    return poisson_population(params, seed)


def flat(params, seed):
    return np.full(params.steps, -60.0 + seed % 7)
"""


@pytest.fixture
def poisson(monkeypatch):
    """The invented model in the place of the project's."""
    address = "poisson_population:poisson_population"
    monkeypatch.setattr(registry, "CLOSED", registry.CLOSED)
    monkeypatch.setitem(registry.CLOSED, "poisson", address)


@pytest.fixture
def users(tmp_path, monkeypatch):
    (tmp_path / "users_closed.py").write_text(USERS)
    monkeypatch.syspath_prepend(str(tmp_path))


def summary(folder):
    return pd.read_csv(folder / "summary.csv").set_index("model")


def test_a_closed_model_is_told_by_its_signature():
    assert is_closed(poisson_population) and is_closed(lambda params, seed: 0)
    assert not is_closed(registry.function("CFM")) and not is_closed(np.add)


def test_it_is_given_the_external_events_at_most():
    """Every other array of the record can be anything."""
    recording, seen = made_up(steps=300), []

    def spy(params, seed, events_ext=None, noise=True):
        seen.append((seed, events_ext))
        return poisson_population(params, seed, events_ext)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("study.trial.closed.closed_function", lambda name: spy)
        ClosedModel("density").seeded(5)(recording, THOUSAND)
        ClosedModel("density_driven").seeded(6)(recording, THOUSAND)
    assert seen[0] == (5, None) and seen[1][0] == 6
    assert np.array_equal(seen[1][1], recording.events_ext)


def test_rows_beside_the_network(poisson, tmp_path, capsys):
    folder = tmp_path / "run"
    closed = ["--p", "0.02", "--closed", "poisson,poisson_driven"]
    assert run.main([*COMMAND, *closed, "--out", str(folder)]) == 0
    found = summary(folder)
    assert list(found.index) == ["LIF", "CFM", "MFM", "poisson", "poisson_driven"]
    own = found.loc["poisson"]
    assert own.rate_Hz == pytest.approx(RATE_HZ, rel=0.05) and own.status == "ok"
    assert own.rate_exc_Hz == pytest.approx(RATE_HZ, rel=0.05)
    assert own.spike_contrast < 0.2 and own.regime == "asynchronous"
    assert abs(own.rho) < 0.5 < found.rho["poisson_driven"]  # its input is the network's
    assert np.isnan(found.rate_Hz["MFM"]) and found.regime["MFM"] == found.regime["LIF"]
    record = json.loads((folder / "run.json").read_text())
    addresses = [entry["address"] for entry in record["request"]["models"]]
    assert addresses == ["closed:poisson", "closed:poisson_driven"]
    out = capsys.readouterr().out
    assert "  poisson_driven\n" in out and out.count("  rate [Hz]") == 2


def test_names_are_checked(poisson, capsys):
    for names, told in (
        ("xyz", "--closed: must be of density, density_driven, "),
        ("density,xyz", "poisson, poisson_driven, got xyz"),
        ("poisson,poisson", "--closed: must name each once, got poisson twice"),
    ):
        with pytest.raises(SystemExit):
            run.main([*COMMAND, "--closed", names])
        assert told in capsys.readouterr().err


def test_a_user_brings_one(users, tmp_path):
    folder = tmp_path / "run"
    models = ["--model", "users_closed:closed_by_user", "--model", "users_closed:flat"]
    assert run.main([*COMMAND, *models, "--trials", "2", "--out", str(folder)]) == 0
    found = summary(folder)
    assert found.rate_Hz["closed_by_user"] == pytest.approx(RATE_HZ, rel=0.05)
    assert np.isnan(found.rate_Hz["flat"]) and "constant" in found.status["flat"]
    trials = pd.read_csv(folder / "trials.csv")
    means = trials[trials.model == "flat"].mean_mV.to_numpy()
    seeds = trials[trials.model == "flat"].seed.to_numpy()
    assert np.array_equal(means, -60.0 + seeds % 7)  # each trial's own seed


def test_from_python(poisson):
    weights = {"g_hat_exc": "0.16*nS", "g_hat_inh": "0.36*nS", "g_hat_ext": "2.1*nS"}
    given = dict(p=0.1, lam=0.8, n=500, M=500, duration=1.2, transient=0.2, **weights)
    point = compare(**given, models=["poisson"], quiet=True)
    assert list(point.table.model) == ["LIF", "CFM", "MFM", "poisson"]
    more = point.with_models(another=lambda params, seed: poisson_population(params, seed))
    assert list(more.table.model)[3:] == ["poisson", "another"]
    assert more.table.rate_Hz[4] == point.table.rate_Hz[3]
    with pytest.raises(ValueError, match=r"models must be one of density, .*, got nothing"):
        compare(**given, models=["nothing"], quiet=True)
    found = from_python(0.1, 0.8, model="poisson", duration=2, transient=0.5, n=1000, seed=4)
    assert found.table.rate_Hz.item() == pytest.approx(RATE_HZ, rel=0.05)
    assert len(repr(found)) < 200 and "asynchronous" in repr(found)
    arrays = found.to_xarray()
    assert arrays.V.attrs["units"] == "mV" and arrays.sizes["time"] == 20_000
    figure = found.plot()
    assert len(figure.findobj(plt.Axes)) == 3
    plt.close(figure)
    with pytest.raises(ValueError, match=r"model must be one of density, .*, got xyz"):
        from_python(0.1, 0.8, model="xyz")


def test_the_ceiling_is_a_second_network_with_the_same_input(tmp_path):
    """Asynchronous: it follows the first one's potential; its rates are its own."""
    folder = tmp_path / "run"
    flags = [*COMMAND, "--p", "0.02", "--ceiling", "--closed", "density_driven"]
    assert run.main([*flags, "--out", str(folder)]) == 0
    found = summary(folder)
    assert list(found.index)[3:] == ["density_driven", "second_network"]
    second = found.loc["second_network"]
    assert second.rho > 0.8 and second.rho < 1
    assert second.rate_Hz == pytest.approx(found.rate_Hz["LIF"], rel=0.1)
    assert second.rate_Hz != found.rate_Hz["LIF"]
    assert found.rho["density_driven"] > second.rho - 0.1
    assert run.main([*flags, "--out", str(folder)]) == 0  # shown again


def test_external_input_has_the_statistics_of_the_networks_own():
    params = THOUSAND
    (source, step), (train, target) = external_input(params, 1)
    assert (np.diff(step) >= 0).all() and source.max() < params.M and target.max() < params.N_exc
    assert len(np.unique(step * params.M + source)) == len(step)
    expected = params.M * params.steps * params.si()["nu_ext"] * params.si()["dt"]
    assert abs(len(step) - expected) < 5 * np.sqrt(expected)  # 1 in 2e6
    pairs = params.M * params.N_exc * params.p_ext
    assert abs(len(train) - pairs) < 5 * np.sqrt(pairs)
    assert len(np.unique(train * params.N_exc + target)) == len(train)


def test_where_the_error_comes_from():
    """With the network's whole input the density follows it more closely than alone."""
    weights = {"g_hat_exc": "0.08*nS", "g_hat_inh": "0.18*nS", "g_hat_ext": "1.05*nS"}
    point = compare(0.3, 0.8, n=1000, M=1000, duration=2.5, transient=0.5, quiet=True, **weights)
    table = point.closed_split()
    assert list(table.model) == ["LIF", *["density"] * 3, "CFM", "CFM", "MFM", "MFM"]
    rho = table.set_index(["model", "given"]).rho
    assert rho["density", "network's whole input"] > 0.97
    assert rho["density", "network's whole input"] > rho["density", "its own input"]
    assert rho["MFM", "network's spikes"] == pytest.approx(point.table.rho[2])
    ratios = table.set_index(["model", "given"]).rate_ratio
    assert ratios["density", "network's whole input"] == pytest.approx(1, abs=0.15)
    assert table.std_mV.notna().all() and np.isnan(ratios["MFM", "density's spikes"])


def test_deterministic_and_reproducible(poisson):
    params = THOUSAND
    once, twice = (predicted("poisson", params, 3).measures for _ in range(2))
    assert repr(once) == repr(twice) != repr(predicted("poisson", params, 4).measures)
    quiet = replace(TABLE_1, duration=1 * second, transient=0.5 * second, Q=TABLE_1.Q / 100)
    assert predicted("density", quiet, 1).measures["status"] == "outside its range"
    mean = predicted("poisson", params, 1, noise=False)
    assert mean.measures["rate_Hz"] == pytest.approx(RATE_HZ)


def test_errors_against_a_network():
    network = {"rate_Hz": 4.0, "std_mV": 0.5, "median_frequency_Hz": 10.0, "mean_mV": -60.0}
    network["regime"] = "asynchronous"
    own = {**network, "rate_Hz": 5.0, "mean_mV": -59.0, "regime": "silent"}
    found = against(own, network)
    assert found["rate_ratio"] == 1.25 and found["mean_error_mV"] == 1.0
    assert found["std_ratio"] == found["frequency_ratio"] == 1 and not found["regime_right"]
    assert against({**own, "rate_Hz": 0.0}, {**network, "rate_Hz": 0.0})["rate_ratio"] == 1
    assert np.isnan(against(own, {**network, "rate_Hz": 0.0})["rate_ratio"])


def test_over_the_plane_of_a_sweep(poisson, finished, tmp_path, capsys):
    out = tmp_path / "closed"
    given = ["--against", str(finished), "--closed", "poisson", "--trials", "2", "--out", str(out)]
    assert predict_main([*given, "--quiet"]) == 0
    assert "rate within 10 %" in capsys.readouterr().out
    table, points = pd.read_csv(out / "closed.csv"), read_points(finished)
    network = points[points.model == "LIF"].set_index(["p", "lam"])
    assert len(table) == len(network) and (table.status == "ok").all()
    for row in table.itertuples():
        there = network.loc[(row.p, row.lam)]
        assert row.rate_ratio == pytest.approx(row.rate_Hz / there.rate_Hz)
        assert row.network_regime == there.regime
        assert 0 < row.spectral_distance < 1
    for name in ("closed_ratios.png", "closed_cuts.png", "closed_examples.png"):
        assert matplotlib.image.imread(out / name).std() > 0.01
    record = json.loads((out / "closed.json").read_text())
    assert record["closed"] == ["poisson"] and set(record["files"]) >= {"closed.csv"}
    assert record["request"]["parameters"]["N"]["value"] == 200


def test_mistakes_of_predict(poisson, finished, tmp_path, capsys):
    for given, told in (
        (["--against", str(tmp_path)], "--against: must hold points.parquet"),
        (["--against", str(finished), "--closed", "x"], "--closed: must be of density, "),
        (["--against", str(finished), "--trials", "0"], "--trials: must be an integer >= 1"),
    ):
        with pytest.raises(SystemExit) as exit_:
            predict_main([*given, "--out", str(tmp_path / "out")])
        assert exit_.value.code == 2 and told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_network_against_itself_is_no_error(finished):
    """Its own row in the place of a model's: all ratios are 1, the distance is 0."""
    points = read_points(finished)
    spectra = pd.read_parquet(finished / "spectra.parquet")
    rows = points[points.model == "LIF"].assign(model="copy", power=None)
    own = {tuple(k): v for k, v in spectra[spectra.model == "LIF"].groupby(["p", "lam"])}
    rows["power"] = [
        (own[(r.p, r.lam)].frequency_Hz.to_numpy(), own[(r.p, r.lam)].power.to_numpy(float))
        for r in rows.itertuples()
    ]
    found = compared(rows, points, spectra)
    assert (found.rate_ratio == 1).all() and (found.spectral_distance < 1e-12).all()
    told = findings(found)["copy"]
    assert told["rate within 2 %"] == told["regime right"] == len(found)
