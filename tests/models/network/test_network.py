"""The network: a literal transcription, exact identities, the statistics of drive and graph."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from brian2 import StateMonitor, nS, prefs, second, seed, siemens, start_scope
from confidence import Z
from literal import literal_network
from small_networks import SLOW_STOCK
from small_sweep import ENVIRONMENT, ROOT

from models.engine.compiler import identity
from models.network.simulate import simulate
from models.network.stock import declare
from models.parameters import TABLE_1
from models.recording import TYPES

SMALL = replace(
    TABLE_1,
    N=500,
    M=500,
    p=0.4,
    g_hat_exc=0.16 * nS,
    g_hat_inh=0.36 * nS,
    g_hat_ext=2.1 * nS,  # 10,000 trains less, 20 times the weight
    duration=0.4 * second,
    transient=0.1 * second,
)


def test_every_process_asks_for_the_same_program():
    """Whatever order its sets have: else each of them compiles one of its own."""
    code = """from brian2 import prefs
from models.engine.cache import _key
from models.engine.compiler import compiler
from models.network.dense import _sources
print(_key(_sources(100, 100, False, "double", (*compiler(), prefs.as_file))))"""
    keys = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**ENVIRONMENT, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in "123"
    }  # fmt: skip
    assert len(keys) == 1 and len(keys.pop()) == 33


@pytest.fixture(scope="module")
def literal(explicit_network):
    return literal_network(*explicit_network.values())


@pytest.fixture(scope="module", params=["synapses", "dense"])
def recorded(request, explicit_network):
    options = dict(explicit_network)
    return simulate(options.pop("params"), 1, request.param, **options)


@pytest.fixture(scope="module", params=SLOW_STOCK)
def drawn(request):
    """A network that draws its own graph, drive, noise and start, with its progress."""
    progress = []
    return simulate(SMALL, 3, request.param, progress=progress.append), progress


def test_same_spikes_as_the_literal_network(recorded, literal):
    V_mV, spikes, _ = literal
    assert len(spikes) > 1000
    assert {n >= recorded.N_exc for n, _ in spikes} == {False, True}
    found = sorted(zip(recorded.step.tolist(), recorded.neuron.tolist()))
    assert found == sorted((k, n) for n, k in spikes)
    np.testing.assert_allclose(recorded.V_mV, V_mV, rtol=0, atol=1e-9)


def test_population_input_counts_every_event(recorded, literal, explicit_network):
    """Events by walking the edge list, not by out-degrees."""
    params = explicit_network["params"]
    source, _ = explicit_network["edges"]
    for kind, mine in (("exc", source < params.N_exc), ("inh", source >= params.N_exc)):
        edges = Counter(source[mine].tolist())
        expected = np.zeros(params.steps, int)
        for n, k in literal[1]:
            expected[k] += edges[n]
        assert np.array_equal(getattr(recorded, f"events_{kind}"), expected)
    (train, step), (B_source, _) = explicit_network["external"]
    edges = Counter(B_source.tolist())
    expected = np.zeros(params.steps, int)
    for m, k in zip(train.tolist(), step):
        expected[k] += edges[m]
    assert np.array_equal(recorded.events_ext, expected)


def test_counts_are_the_spikes(recorded):
    exc = recorded.neuron < recorded.N_exc
    steps = np.arange(recorded.steps)
    for count, mine in ((recorded.count_exc, exc), (recorded.count_inh, ~exc)):
        assert np.array_equal(count, (recorded.step[mine, None] == steps).sum(axis=0))
    assert (np.diff(recorded.step) >= 0).all()


def test_mean_conductance_follows_the_population_input(recorded, literal, explicit_network):
    """<g>(k+1) = (1 - dt/tau) <g>(k) + g_hat Phi dt; over time <g> = g_hat tau <Phi>.

    The convention of peak conductances: g jumps by g_hat. With jumps of g_hat/tau the last line
    would be off by a factor of tau.
    """
    p = explicit_network["params"].si()
    for s in TYPES:
        g = 1e-9 * literal[2][f"g_{s}"]
        decay = 1 - p["dt"] / p[f"tau_{s}"]
        phi = recorded.phi_Hz(s)
        expected = decay * g[:-1] + p[f"g_hat_{s}"] * phi[:-1] * p["dt"]
        np.testing.assert_allclose(g[1:], expected, rtol=1e-10, atol=1e-24)
        # exactly: the average lacks the step from the first to the last value
        carried = (g[-1] - g[0]) / len(phi[:-1]) * p[f"tau_{s}"] / p["dt"]
        average = p[f"g_hat_{s}"] * p[f"tau_{s}"] * phi[:-1].mean()
        assert g[:-1].mean() == pytest.approx(average - carried, rel=1e-10)


def test_mean_conductance_in_brian2_is_peak_times_tau_times_input():
    """The same objects run by Brian2's runtime, with their conductances recorded."""
    weights = {"g_hat_exc": 0.8 * nS, "g_hat_inh": 1.8 * nS, "g_hat_ext": 10 * nS}
    params = replace(SMALL, N=100, M=100, **weights)
    start_scope()
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"
    try:
        seed(4)
        net, monitors, synapses = declare(params)
        names = ["g_exc", "g_inh", "g_ext"]
        recorded = StateMonitor(net["neurons"], names, record=True, clock=net["record_V"].clock)
        net.add(recorded)
        net.run(0.3 * second, namespace={})
    finally:
        prefs.codegen.target = target
    for s, spikes in (("exc", "spikes"), ("inh", "spikes"), ("ext", "drive")):
        degrees = np.bincount(synapses[s].i + (80 if s == "inh" else 0), minlength=100)
        events = degrees[np.asarray(monitors[spikes].i)].sum()
        assert events > 1000
        phi = events / 100 / 0.3
        g_hat, tau = params.si()[f"g_hat_{s}"], params.si()[f"tau_{s}"]
        mean = np.asarray(getattr(recorded, f"g_{s}") / siemens).mean()
        at_end = np.asarray(getattr(net["neurons"], f"g_{s}") / siemens).mean()
        assert mean == pytest.approx(g_hat * tau * phi - at_end * tau / 0.3, rel=1e-9)


def test_drive_has_the_declared_rate(drawn):
    """M nu p_ext N_exc events per second; trains are shared by their targets."""
    recording, _ = drawn
    spikes = SMALL.M * 5 * 0.4  # Poisson number of external spikes, each with 40 targets
    expected = spikes * 0.1 * SMALL.N_exc
    sd = np.sqrt(spikes) * 0.1 * SMALL.N_exc * np.sqrt(1 + 0.9 / (0.1 * SMALL.N_exc))
    assert abs(recording.events_ext.sum() - expected) < Z * sd


def test_graph_has_the_declared_density(drawn):
    """Events per spike are the out-degrees, Bin(N - 1, p)."""
    recording, _ = drawn
    for kind in ("exc", "inh"):
        spikes = getattr(recording, f"count_{kind}").sum()
        assert spikes > 50
        mean = getattr(recording, f"events_{kind}").sum() / spikes
        neurons = len(np.unique(recording.neuron[(recording.neuron < 400) == (kind == "exc")]))
        assert abs(mean - 0.4 * 499) < Z * np.sqrt(0.24 * 499 / min(neurons, 20))


def test_start_is_uniform_between_rest_and_threshold(drawn):
    sd_of_mean = 20 / np.sqrt(12 * SMALL.N)
    assert abs(drawn[0].V_mV[0] + 60) < Z * sd_of_mean


def test_progress_ends_at_one(drawn):
    _, progress = drawn
    assert progress[-1] == 1 and sorted(progress) == progress


def test_what_a_run_cost_is_kept(drawn):
    info = drawn[0].info
    assert info["backend"] in ("synapses", "dense")
    assert 0 < info["loop_s"] < info["run_s"] and "-O3" in info["compiler_flags"]


def test_unknown_backend():
    with pytest.raises(ValueError, match="backend must be one of dense, synapses, got nest"):
        simulate(SMALL, 1, "nest")


def test_a_compiler_that_fails_is_named(monkeypatch):
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(RuntimeError, match=r"the C.. compiler does not work: .*false'"):
        identity()


@pytest.mark.parametrize("backend", ["synapses", "dense"])
def test_a_compiler_that_is_none_is_named(monkeypatch, backend):
    monkeypatch.setenv("CXX", "no-such-c++")
    with pytest.raises(RuntimeError, match=r"^CXX must name a compiler, got no-such-c\+\+$"):
        simulate(SMALL, 1, backend)
    monkeypatch.setenv("CXX", "true")
    expected = "^CXX must name a C.. compiler, got 'true': it made no program$"
    with pytest.raises(RuntimeError, match=expected):
        simulate(SMALL, 1, backend)
    monkeypatch.setenv("CXX", "g++ '")
    with pytest.raises(RuntimeError, match=r"""^CXX must be a command, got "g.. '": no closing"""):
        simulate(SMALL, 1, backend)


@pytest.mark.parametrize("backend", ["synapses", "dense"])
def test_missing_compiler_names_the_package(monkeypatch, backend):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"g\+\+ is missing \(Debian: apt install g\+\+\)"):
        simulate(SMALL, 1, backend)
