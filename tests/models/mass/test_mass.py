"""The mass models: closed forms, a recursive filter, literal transcriptions of Eqs 20 and 24."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, mV, nS, second
from scipy.linalg import expm
from scipy.signal import lfilter

from models.mass import registry
from models.mass.integrators import INTEGRATORS, integrate
from models.mass.model import diverged, solve
from models.parameters import TABLE_1
from models.recording import TYPES, Recording

MODELS = registry.named("compared")


def potential(name, record, params, integrator="euler"):
    """Integrate a model by its name."""
    return solve(registry.function(name), record, params, integrator).V_mV


def recording(steps=3000, dt_ms=0.1, seed=1, events=(8000, 2000, 4000)):
    """A Recording with Poisson input and a wandering mean potential, without a simulation."""
    rng = np.random.default_rng(seed)
    counts = [rng.poisson(mean, steps) for mean in events]
    V = -60 + np.cumsum(rng.normal(0, 0.01, steps))
    nothing = np.zeros(steps, int)
    return Recording(10_000, 8000, dt_ms, V, nothing, nothing, *counts)


def params(**changes):
    return replace(TABLE_1, **({"duration": 0.3 * second, "transient": 0.1 * second} | changes))


def literal_euler(record, p, right_hand_side):
    """Eqs 20 and 24 in V and U = dV/dt, one line per term, as one would write them by hand.

    tau_mem tau_syn V'' + (tau_mem + tau_syn) V' + V = J
    """
    tau_mem, tau_syn, dt = 20e-3, 5e-3, record.dt_ms * 1e-3
    V, U, out = record.V_mV[0] * 1e-3, 0.0, []
    for k in range(record.steps):
        out.append(V)
        J = -70e-3
        for g_hat, tau, v_rev, events in (
            (0.008e-9, 3e-3, 0.0, record.events_exc[k]),
            (0.018e-9, 7e-3, -80e-3, record.events_inh[k]),
            (0.105e-9, 5e-3, 0.0, record.events_ext[k]),
        ):
            phi = events / 10_000 / dt
            J -= g_hat * tau / 10e-9 * (right_hand_side(V) - v_rev) * phi
        acceleration = (J - V - (tau_mem + tau_syn) * U) / (tau_mem * tau_syn)
        V, U = V + dt * U, U + dt * acceleration
    return np.array(out) * 1e3


def test_cfm_is_a_literal_equation_20():
    record = recording()
    V_bar = record.V_mV[1000:].mean() * 1e-3
    expected = literal_euler(record, params(), lambda V: V_bar)
    np.testing.assert_allclose(potential("CFM", record, params()), expected, rtol=0, atol=1e-9)


def test_mfm_is_a_literal_equation_24():
    record = recording()
    expected = literal_euler(record, params(), lambda V: V)
    np.testing.assert_allclose(potential("MFM", record, params()), expected, rtol=0, atol=1e-9)


def test_cfm_by_euler_is_a_recursive_filter():
    """(z - 1 + a)(z - 1 + b) V = a b J with a = dt/tau_mem, b = dt/tau_syn."""
    record, a, b = recording(), 0.1 / 20, 0.1 / 5
    J = -70 - sum(
        area * 1e-2 * (record.V_mV[1000:].mean() - v_rev) * record.phi_Hz(s) * 1e-2
        for s, area, v_rev in (("exc", 0.024, 0), ("inh", 0.126, -80), ("ext", 0.525, 0))
    )  # area in nS ms, g_leak = 10 nS = 1e4 nS ms Hz
    start = record.V_mV[0]
    response = lfilter([0, 0, a * b], [1, a + b - 2, (1 - a) * (1 - b)], J - start)
    V_mV = potential("CFM", record, params())
    np.testing.assert_allclose(V_mV, start + response, rtol=0, atol=1e-9)


@pytest.mark.parametrize("integrator", INTEGRATORS)
def test_constant_drive_gives_the_known_response(integrator):
    """Step response of two first-order filters in series."""
    dt, tau_mem, tau_syn, K = 0.01, 20.0, 5.0, 10_000
    V = integrate(np.full(K, 10.0), np.zeros(K), 0.0, dt, tau_mem, tau_syn, integrator)
    t = np.arange(K) * dt
    decay = (tau_mem * np.exp(-t / tau_mem) - tau_syn * np.exp(-t / tau_syn)) / (tau_mem - tau_syn)
    np.testing.assert_allclose(V, 10 * (1 - decay), atol=1e-2 if integrator == "euler" else 1e-11)


def test_error_of_euler_halves_with_the_step_and_exact_has_none():
    def at_20_ms(dt, integrator):
        K = round(20 / dt) + 1
        return integrate(np.full(K, 10.0), np.full(K, 0.7), -1.0, dt, 20.0, 5.0, integrator)[-1]

    truth = at_20_ms(1.0, "exact")
    assert at_20_ms(0.01, "exact") == pytest.approx(truth, abs=1e-12)
    errors = [at_20_ms(dt, "euler") - truth for dt in (0.1, 0.05, 0.025)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.01)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("feedback", [0.0, 0.5, 0.5625, 3.0, 500.0])
def test_exact_steps_are_the_matrix_exponential(feedback):
    """Over-damped, critical (f = 0.5625 for 20 and 5 ms) and oscillating."""
    dt, tau_mem, tau_syn, K = 0.5, 20.0, 5.0, 40
    drive = np.random.default_rng(2).normal(-60, 5, K)
    V = integrate(drive, np.full(K, feedback), -61.0, dt, tau_mem, tau_syn, "exact")
    A = np.zeros((3, 3))
    A[0, :2] = -1 / tau_syn, 1 / tau_syn
    A[1, :2] = -feedback / tau_mem, -1 / tau_mem
    x = np.array([-61.0, -61.0, 1.0])
    for k in range(K):
        assert V[k] == pytest.approx(x[0], abs=1e-9)
        A[1, 2] = drive[k] / tau_mem
        x = expm(A * dt) @ x


@pytest.mark.parametrize("model", MODELS)
def test_integrators_converge_to_each_other(model):
    euler, exact = (potential(model, recording(), params(), name) for name in INTEGRATORS)
    assert 0 < np.abs(euler - exact).max() < 0.05


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("integrator", INTEGRATORS)
def test_no_input_leaves_the_leak_alone(model, integrator):
    record = recording(events=(0, 0, 0), steps=30_000)
    V = potential(model, record, params(duration=3 * second), integrator)
    assert V[0] == record.V_mV[0]
    assert V[-1] == pytest.approx(-70, abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("s, sign", [("exc", 1), ("inh", -1), ("ext", 1)])
def test_each_type_pulls_towards_its_reversal_potential(model, s, sign):
    events = tuple(4000 if kind == s else 0 for kind in TYPES)
    record = recording(events=events)
    stronger = replace(params(), **{f"g_hat_{s}": 2 * getattr(TABLE_1, f"g_hat_{s}")})
    at_end = [potential(model, record, p)[-1] for p in (params(), stronger)]
    assert sign * (at_end[1] - at_end[0]) > 0.01


def test_mfm_does_not_need_the_mean_potential_but_cfm_does():
    record = recording()
    shifted = replace(record, V_mV=np.where(np.arange(3000) > 0, record.V_mV + 5, record.V_mV))
    of = {name: [potential(name, r, params()) for r in (record, shifted)] for name in MODELS}
    assert np.array_equal(*of["MFM"])
    assert np.abs(np.subtract(*of["CFM"])).max() > 0.1


def test_steady_input_makes_explicit_euler_diverge_but_not_the_exact_integrator():
    """Euler is unstable where 1 + sum_s a_s Phi_s > (tau_mem + tau_syn)/dt = 250."""
    for events, unstable in ((2_000_000, False), (2_200_000, True)):  # 1.2e-4 a_s Phi_s each
        record = recording(steps=30_000, events=(0, 0, 0))
        record = replace(record, events_exc=np.full(30_000, events))
        strong = params(duration=3 * second, g_hat_exc=0.4 * nS)
        assert diverged(potential("MFM", record, strong, "euler"), strong) == unstable
        exact = potential("MFM", record, strong, "exact")
        assert exact[-1] == pytest.approx(-70 / (1 + 1.2e-4 * events), rel=1e-6)
        assert not diverged(exact, strong)


def test_volleys_make_the_mfm_itself_diverge():
    """All neurons to all neurons at 125 Hz, weights five times the default: no integrator helps.

    A volley is over before V has moved, since V follows its input through tau_syn: the model
    overshoots the reversal potential and overshoots it further with the next volley. The linear
    CFM cannot.
    """
    record = recording(steps=30_000)
    record = replace(record, events_exc=np.where(np.arange(30_000) % 80 == 0, 10**8, 0))
    strong = params(duration=3 * second, g_hat_exc=0.04 * nS)
    for integrator in INTEGRATORS:
        assert diverged(potential("MFM", record, strong, integrator), strong)
        assert not diverged(potential("CFM", record, strong, integrator), strong)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e5, -1e5])
def test_diverged(bad):
    series = np.full(10, -60.0)
    assert not diverged(series, TABLE_1)
    series[4] = bad
    assert diverged(series, TABLE_1)


@pytest.mark.parametrize("model", MODELS)
def test_unknown_integrator(model):
    with pytest.raises(ValueError, match="integrator must be one of euler, exact, got rk4"):
        potential(model, recording(), params(), "rk4")


def test_population_input_is_events_per_neuron_and_second():
    record = recording(steps=2)
    np.testing.assert_allclose(record.phi_Hz("exc"), record.events_exc / 10_000 / 1e-4)
    np.testing.assert_allclose(record.t_ms, [0, 0.1])
    assert TABLE_1.g_hat_ext / nS == 0.105 and TABLE_1.tau_ext / ms == 5
    assert TABLE_1.v_rest / mV == pytest.approx(-70)
