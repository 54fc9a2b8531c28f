"""Closed Freeman models and the mean field: literal loops, fixed points, inputs, seeds, limits."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import nS, second

from models.mass.closed import freeman
from models.mass.closed.mean_field import mean_field
from models.mass.closed.siegert import siegert_Hz
from models.mass.closed.transfer import moments, neuron
from models.mass.registry import CLOSED
from models.parameters import CONSTANTS, TABLE_1
from study.trial.closed import closed_function

FEW = replace(TABLE_1, duration=1 * second, transient=0.5 * second)


def test_the_modified_model_is_its_equation():
    """Eq. 24 with its own input, step by step in plain Python, for 600 steps."""
    params, of, dt = replace(FEW, p=0.6), neuron(TABLE_1), 0.1
    series = freeman.mfm_closed(params, 1, noise=False)
    areas = {"exc": 0.0008 * 3, "inh": 0.0018 * 7, "ext": 0.0105 * 5}  # ms
    E = {"exc": 0.0, "inh": -80.0, "ext": 0.0}
    phi_ext = 10_000 * 5e-3 * 0.1 * 8000 / 10_000  # per neuron and ms
    g, V, U = np.array([0, 0, areas["ext"] * phi_ext]), -60.0, -60.0
    var = np.array([0, 0, 0.0105**2 * 10_000 * 5e-3 * 0.1 * 5 / 2])
    for step in range(600):
        assert series.V_mV[step] == pytest.approx(V, abs=1e-6), step
        _, std, tau = moments(g, var, of)
        r = siegert_Hz(V, std, tau, params) * 1e-3
        assert series.rate_exc_Hz[step] == pytest.approx(1e3 * r, rel=5e-3, abs=1e-9)
        phi = {"exc": 0.6 * 8000 * r, "inh": 0.6 * 2000 * r, "ext": phi_ext}
        pull = sum(areas[s] * phi[s] * (V - E[s]) for s in phi)
        V, U = V + dt / 20 * (U - V), U + dt / 5 * (-70 - pull - U)
        driven = np.array([areas[s] * phi[s] for s in phi])
        g = g + dt / np.array([3, 7, 5]) * (driven - g)


def test_a_fixed_point_stands_still():
    params = replace(FEW, p=0.2)
    series = {f: f(params, 1, noise=False) for f in (freeman.cfm_closed, freeman.mfm_closed)}
    ends = [of.V_mV[-1] for of in series.values()]
    for of in series.values():
        assert abs(of.V_mV[-1] - of.V_mV[-2000]) < 1e-3
    assert ends[0] == pytest.approx(ends[1], abs=0.02)  # V_bar is where V stands


def test_without_coupling_the_mean_field_is_the_rate_of_its_neurons():
    params = replace(FEW, p=0.0, g_hat_ext=0 * nS, v_rest=TABLE_1.v_thres * 1.06)
    series = mean_field(params, 1, noise=False)
    expected = siegert_Hz(-53.0, np.sqrt(5), 20.0, params)
    assert series.rate_exc_Hz[-1] == pytest.approx(expected, rel=5e-3)
    assert series.rate_inh_Hz[-1] == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", [name for name in CLOSED if name != "density"])
def test_every_model_keeps_the_contract(name):
    model = closed_function(name)
    for changes in (
        {}, {"lam": 0.0}, {"lam": 1.0, "p": 1.0}, {"p": 0.0}, {"p_ext": 0.0},
        {"Q": 0 * TABLE_1.Q}, {"tau_ref": 0 * TABLE_1.tau_ref},
    ):  # fmt: skip
        params = replace(FEW, **changes)
        series, again = model(params, 3), model(params, 3)
        assert series.V_mV.shape == (params.steps,) and np.isfinite(series.V_mV).all()
        assert np.array_equal(series.V_mV, again.V_mV)
        for kind, neurons in (("exc", params.N_exc), ("inh", params.N_inh)):
            rate_Hz = getattr(series, f"rate_{kind}_Hz")
            assert (rate_Hz is None) == (neurons == 0)
            assert rate_Hz is None or (rate_Hz.min() >= 0 and np.isfinite(rate_Hz).all())
    for constants in CONSTANTS.values():
        params = replace(constants, duration=0.6 * second, transient=0.1 * second)
        assert np.isfinite(model(params, 1).V_mV).all()


@pytest.mark.parametrize("name", [name for name in CLOSED if name != "density"])
def test_given_external_events_take_the_place_of_drawn_ones(name):
    model = closed_function(name)
    mean = 10_000 * 5e-4 * 0.1 * 8000
    steady = model(FEW, 1, np.full(FEW.steps, mean), noise=False)
    assert steady.V_mV == pytest.approx(model(FEW, 1, noise=False).V_mV)
    events = np.random.default_rng(1).poisson(5, FEW.steps) * mean / 5
    first, other = (model(FEW, seed, events).V_mV for seed in (1, 2))
    assert np.corrcoef(first[5000:], other[5000:])[0, 1] > 0.8
