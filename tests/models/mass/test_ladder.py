"""The ladder of mass models: rungs that must be exact are, and each falls where theory says."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, nS, second, volt
from graph import bipartite
from literal import literal_network
from small_networks import FIFTY, POINTS, SLOW_STOCK, THOUSAND, made_up

from models.mass import registry
from models.mass.inputs import mean_conductance, refractory_share
from models.mass.integrators import INTEGRATORS
from models.mass.ladder import ASSUMPTIONS, CHAINS, UPWARD, orders
from models.mass.model import solve
from models.network.simulate import simulate
from models.recording import TYPES, Recording

RUNGS = {rung.name: rung for order in ("forward", UPWARD) for rung in orders()[order]}
NOISELESS = {"Q": 0 * volt**2 / second}


def potential(rung, recording, params, integrator="euler"):
    """Integrate a rung, or the one of a name."""
    rung = RUNGS.get(rung, rung)
    model = registry.function(rung.model)
    return solve(model, recording, params, integrator, rung.kept).V_mV


def difference_mV(recording, params, one, other):
    found = [potential(name, recording, params) for name in (one, other)]
    return np.abs(found[0] - found[1]).max()


@pytest.mark.parametrize("backend", SLOW_STOCK)
@pytest.mark.parametrize("regime", POINTS)
def test_replay_gives_the_network_back(backend, regime):
    """300,000 steps; the conductances, too, from the spike counts alone."""
    params = replace(THOUSAND, **POINTS[regime])
    recording = simulate(params, 1, backend, record_balance=True)
    assert recording.steps == 300_000
    V_mV = potential("replay", recording, params)
    np.testing.assert_allclose(V_mV, recording.V_mV, rtol=0, atol=1e-9)
    for s, g in mean_conductance(recording, params).items():
        expected, tiny = recording.balance[f"g_{s}"], 1e-30
        np.testing.assert_allclose(10 * g, expected, rtol=1e-10, atol=tiny)


def test_nothing_is_lost_where_nobody_fires_and_nothing_is_noisy():
    params = replace(THOUSAND, duration=1 * second, transient=0.2 * second, **POINTS["silent"])
    recording = simulate(params, 1, "dense", record_balance=True)
    assert recording.count_exc.sum() == 0 < recording.events_ext.sum()
    for rung in ("noiseless", "subthreshold"):
        assert difference_mV(recording, params, "replay", rung) < 1e-10, rung
    assert difference_mV(recording, params, "subthreshold", "factorised") > 1e-4


def test_factorising_is_exact_when_conductances_stop_fluctuating():
    """K times as many inputs of weight 1/K to each neuron: the covariance falls like 1/K."""
    errors = []
    for K in (1, 16):
        params = replace(
            FIFTY, p=0, lam=1.0, M=200 * K, g_hat_ext=2 * nS / K, duration=0.5 * second
        )
        rng = np.random.default_rng(K)
        step, train = np.nonzero(rng.random((params.steps, params.M)) < 5e-4)
        source, target = bipartite(params.M, params.N, 0.1, rng)
        nobody = (np.zeros(0, int), np.zeros(0, int))
        external = ((train, step), (source, target))
        V_mV, spikes, balance = literal_network(params, nobody, external, np.full(50, -65.0))
        assert not spikes
        zero = np.zeros(params.steps, int)
        degree = np.bincount(source, minlength=params.M)
        events = np.bincount(step, degree[train], minlength=params.steps)
        recording = Recording(50, 50, 0.1, V_mV, *4 * [zero], events, balance=balance)
        errors.append(difference_mV(recording, params, "subthreshold", "factorised"))
    assert 0 < errors[1] < errors[0] / 8


def test_one_time_constant_changes_nothing_where_all_are_equal():
    params = replace(THOUSAND, tau_exc=5 * ms, tau_inh=5 * ms, tau_ext=5 * ms)
    recording = made_up()
    for integrator in INTEGRATORS:
        names = ("factorised", "common synapse")
        three, four = (potential(name, recording, params, integrator) for name in names)
        np.testing.assert_allclose(three, four, rtol=0, atol=1e-12)
    assert difference_mV(recording, THOUSAND, "factorised", "common synapse") > 0.01


def test_upward_rungs_without_spikes_are_the_factorised_model():
    silent = made_up(spikes=0)
    assert difference_mV(silent, THOUSAND, "factorised", "3r") < 1e-12
    assert difference_mV(silent, THOUSAND, "3c", "3rc") < 1e-12
    assert difference_mV(silent, THOUSAND, "factorised", "3c") > 0.01


def test_two_populations_are_one_where_all_are_excitatory():
    params, recording = replace(THOUSAND, lam=1.0), made_up(N_exc=1000)
    recording = replace(recording, count_inh=0 * recording.count_inh)
    assert difference_mV(recording, params, "factorised", "3c") < 1e-12
    assert difference_mV(recording, params, "3r", "3rc") < 1e-12


def test_everybody_inhibitory_is_driven_by_nobody():
    recording = replace(made_up(N_exc=0, spikes=0), events_ext=np.zeros(3000, int))
    params = replace(THOUSAND, lam=0.0)
    assert difference_mV(recording, params, "factorised", "3c") < 1e-12


def literal_two_populations(recording, params):
    """3rc, one line per term, neuron counts and time in s, as one would write it by hand."""
    p, dt, N = params.si(), 1e-4, recording.N
    sizes = {"exc": recording.N_exc, "inh": N - recording.N_exc}
    V = dict.fromkeys(sizes, recording.V_mV[0] * 1e-3)
    g, out, spikes = dict.fromkeys(TYPES, 0.0), [], {"exc": [], "inh": []}
    for k in range(recording.steps):
        out.append(1e3 * sum(sizes[x] * V[x] for x in sizes) / N)
        for x in sizes:
            refractory = sum(n for j, n in spikes[x] if j < k < j + 50) / sizes[x]
            drift = {}
            for where, v in (("mean", V[x]), ("reset", p["v_reset"])):
                drift[where] = p["v_rest"] - v
                for s in TYPES:
                    mine = g[s] * {"exc": N / sizes["exc"], "inh": 0}[x] if s == "ext" else g[s]
                    drift[where] -= mine / p["g_leak"] * (v - p[f"v_rev_{s}"])
            n = getattr(recording, f"count_{x}")[k]
            V[x] += dt / p["tau_mem"] * (drift["mean"] - refractory * drift["reset"])
            V[x] += n / sizes[x] * (p["v_reset"] - p["v_thres"])
            spikes[x].append((k, n))
        for s in TYPES:
            events = getattr(recording, f"events_{s}")[k]
            g[s] += -dt / p[f"tau_{s}"] * g[s] + p[f"g_hat_{s}"] * events / N
    return np.array(out)


def test_3rc_is_its_literal_transcription():
    recording = made_up(steps=800)
    expected = literal_two_populations(recording, THOUSAND)
    np.testing.assert_allclose(potential("3rc", recording, THOUSAND), expected, rtol=0, atol=1e-10)


def test_refractory_share_counts_the_neurons_that_cannot_fire():
    params = replace(THOUSAND, tau_ref=0.5 * ms)  # 5 steps, 4 of them after the spike's own
    count = np.array([0, 10, 0, 0, 3, 0, 0, 0, 0, 0])
    expected = np.array([0, 0, 10, 10, 10, 13, 3, 3, 3, 0]) / 100
    np.testing.assert_allclose(refractory_share(count, 100, params), expected)


def test_3rc_follows_a_network_that_the_mfm_does_not():
    params = replace(THOUSAND, duration=2 * second, transient=0.5 * second, p=0.6, lam=0.8)
    recording = simulate(params, 1, "dense", record_balance=True)
    kept, V = slice(params.transient_steps, None), recording.V_mV
    errors = {name: np.abs(potential(name, recording, params) - V)[kept].mean() for name in RUNGS}
    assert errors["3rc"] < 0.1 * errors["MFM"]
    assert errors["3rc"] < min(errors["3r"], errors["3c"])


@pytest.mark.parametrize("integrator", INTEGRATORS)
def test_steady_input_sustains_the_same_conductance(integrator):
    """g_hat_s tau_s Phi_s, by either integrator, also with one time constant for all."""
    recording = made_up()
    ones = np.ones(recording.steps, dtype=np.int64)
    steady = replace(recording, **{f"events_{s}": ones for s in TYPES})
    si = THOUSAND.si()
    for tau_syn in (None, THOUSAND.tau_syn):
        for s, g in mean_conductance(steady, THOUSAND, integrator, tau_syn).items():
            expected = si[f"g_hat_{s}"] * si[f"tau_{s}"] * steady.phi_Hz(s)[0] / si["g_leak"]
            assert g[-1] == pytest.approx(expected, rel=1e-6)


def test_a_term_that_does_not_exist_cannot_be_kept():
    rung = RUNGS["factorised"]._replace(kept=("g_exc",))
    with pytest.raises(ValueError, match="kept must be among noise, clamp, reset, got g_exc"):
        potential(rung, made_up(), THOUSAND)


@pytest.mark.parametrize("name", RUNGS)
def test_integrators_agree(name):
    """The exact integrator of a rung is close to Euler at 0.1 ms and not the same."""
    params = replace(THOUSAND, duration=0.5 * second, transient=0.1 * second)
    recording = simulate(params, 1, "dense", record_balance=True)
    euler, exact = (potential(name, recording, params, integrator) for integrator in INTEGRATORS)
    assert euler.shape == exact.shape == (5000,) and euler[0] == exact[0]
    assert 0 < np.abs(euler - exact).max() < 0.5


def test_both_orders_make_the_same_assumptions_and_end_at_the_same_model():
    params = replace(THOUSAND, duration=0.5 * second, transient=0.1 * second)
    recording = simulate(params, 1, "dense", record_balance=True)
    for order, end in CHAINS:
        if order == "forward":
            continue
        forward, rungs = orders()["forward"], orders()[order]
        upto = [rung.name for rung in forward].index(end) + 1
        made = [rung.assumption for rung in forward[1:upto]]
        assert sorted(made) == sorted(rung.assumption for rung in rungs[1:])
        assert set(made) <= set(ASSUMPTIONS)
        assert rungs[-1].name == end and rungs[-1].model == forward[upto - 1].model
        assert not rungs[-1].kept
        before = potential(rungs[-2], recording, params)
        assert 0 < np.abs(before - potential(rungs[-1], recording, params)).max() < 1  # the noise


def test_a_record_without_the_balance_is_refused():
    for name in ("replay", "noiseless", "subthreshold"):
        with pytest.raises(ValueError, match="lacks the balance: simulate with record_balance"):
            potential(name, made_up(), THOUSAND)
