"""The exact balance of the mean potential: each term neuron by neuron, and nothing left out."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import second
from confidence import Z
from graph import bipartite, erdos_renyi
from literal import literal_network
from small_networks import FIFTY, POINTS, SLOW_STOCK, THOUSAND

from models.balance import drift_mV
from models.network.simulate import simulate
from models.recording import TYPES


def left_out(recording, params):
    """Return what the balance does not explain of each step of V, in mV, and of <g_s>, in nS."""
    found, si = recording.balance, params.si()
    g_nS = {s: found[f"g_{s}"] for s in TYPES}
    drift = drift_mV(recording.V_mV, g_nS, {s: found[f"g_{s}_v"] for s in TYPES}, params)
    change = si["dt"] / si["tau_mem"] * drift + found["clamp"] + found["noise"] + found["reset"]
    residue = {"V": np.diff(recording.V_mV) - change[:-1]}
    for s in TYPES:
        given = 1e9 * si[f"g_hat_{s}"] * recording.phi_Hz(s) * si["dt"]
        residue[s] = g_nS[s][1:] - ((1 - si["dt"] / si[f"tau_{s}"]) * g_nS[s] + given)[:-1]
    return residue


@pytest.fixture(scope="module")
def fifty():
    rng = np.random.default_rng(4)
    step, source = np.nonzero(rng.random((FIFTY.steps, FIFTY.M)) < 1e-3)
    return {
        "params": FIFTY,
        "edges": erdos_renyi(FIFTY.N, FIFTY.p, rng),
        "external": ((source, step), bipartite(FIFTY.M, FIFTY.N_exc, FIFTY.p_ext, rng)),
        "v_start_mV": rng.uniform(-70, -48, FIFTY.N),
    }


@pytest.mark.parametrize("backend", SLOW_STOCK)
def test_each_term_is_that_of_the_literal_network(fifty, backend):
    _, spikes, expected = literal_network(*fifty.values())
    options = dict(fifty)
    found = simulate(options.pop("params"), 1, backend, record_balance=True, **options).balance
    assert len(spikes) > 50
    assert set(found) == {*expected, "noise"} and (found["noise"] == 0).all()
    for name, values in expected.items():
        assert np.abs(values).max() > 0, name
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("regime", POINTS)
@pytest.mark.parametrize("backend", SLOW_STOCK)
def test_nothing_is_left_out(backend, regime):
    params = replace(THOUSAND, duration=1 * second, transient=0.2 * second, **POINTS[regime])
    recording = simulate(params, 1, backend, record_balance=True)
    assert (recording.count_exc.sum() == 0) == (regime == "silent")
    for name, residue in left_out(recording, params).items():
        assert np.abs(residue).max() < 1e-11, name


@pytest.mark.parametrize("backend", SLOW_STOCK)
def test_noise_is_what_moves_a_network_that_is_never_refractory(backend):
    """Without refractoriness there is no clamp; the clamp is found by way of the noise."""
    params = replace(
        THOUSAND, p=0.3, duration=1 * second, transient=0.2 * second, tau_ref=0 * second
    )
    recording = simulate(params, 1, backend, record_balance=True)
    assert recording.count_exc.sum() > 1000
    assert np.abs(recording.balance["clamp"]).max() < 1e-11
    noise, expected = recording.balance["noise"], 5e-4 * 1e-4 / 1000 * 1e6
    assert noise.var() == pytest.approx(expected, rel=Z * np.sqrt(2 / len(noise)))
    assert abs(noise.mean()) < Z * np.sqrt(expected / len(noise))


@pytest.mark.parametrize("backend", SLOW_STOCK)
def test_recording_the_balance_changes_nothing_else(backend):
    params = replace(THOUSAND, p=0.5, duration=0.5 * second, transient=0.1 * second)
    without, with_ = (simulate(params, 5, backend, record_balance=on) for on in (False, True))
    assert without.balance is None
    assert np.array_equal(without.neuron, with_.neuron)
    assert np.array_equal(without.step, with_.step)
    np.testing.assert_allclose(with_.V_mV, without.V_mV, rtol=0, atol=1e-9)
