"""One simulation, whatever computes it: threads, instruction sets, precisions; and delays."""

import contextlib
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    nS,
    prefs,
    second,
    start_scope,
)
from confidence import Z
from vector_levels import HERE

from models.engine import NAME, DenseSynapses
from models.engine.compiler import EXACT, IS_X86, compiler
from models.engine.program import fresh_device
from models.network.dense import simulate
from models.network.simulate import simulate as simulate_by_name
from models.network.stock import simulate as simulate_stock
from models.parameters import TABLE_1, ParameterError

# More neurons than one thread gets, in volleys of more than a byte counts
MANY = replace(
    TABLE_1,
    N=6500,
    M=1000,
    p=0.5,
    lam=0.9,
    g_hat_exc=0.013 * nS,
    g_hat_inh=0.027 * nS,
    g_hat_ext=1 * nS,
    duration=0.2 * second,
    transient=0.05 * second,
)


def numbers(recording):
    """Return everything that a recording says of the network, as bytes."""
    counts = (recording.count_exc, recording.count_inh, recording.neuron, recording.step)
    events = (recording.events_exc, recording.events_inh, recording.events_ext)
    balance = (recording.balance or {}).values()
    return [np.asarray(a).tobytes() for a in (recording.V_mV, *counts, *events, *balance)]


@pytest.fixture(scope="module", params=["double", "single"])
def one_thread(request):
    recording = simulate(MANY, 5, precision=request.param)
    assert max(recording.count_exc) > 255
    return request.param, recording


@pytest.mark.parametrize("threads", [2, 4])
def test_any_number_of_threads_gives_the_same_bytes(one_thread, threads):
    precision, recording = one_thread
    assert numbers(simulate(MANY, 5, precision=precision, threads=threads)) == numbers(recording)


@pytest.mark.skipif(not IS_X86, reason="the instruction sets are those of x86-64")
@pytest.mark.parametrize(
    "level, machine",
    [("plain", "x86-64"), pytest.param("avx2", "x86-64-v3", marks=pytest.mark.slow)],
)
def test_every_instruction_set_gives_the_same_bytes(one_thread, level, machine):
    """The loops by hand and those that are generated, each for the same set."""
    if level not in HERE:
        pytest.skip("not one of this machine")
    precision, recording = one_thread
    with compiled_for(machine):
        assert numbers(simulate(MANY, 5, precision=precision, vector_level=level)) == numbers(
            recording
        )


@contextlib.contextmanager
def compiled_for(machine):
    before = prefs.codegen.cpp.extra_compile_args_gcc
    native = f"-march={machine}"
    prefs.codegen.cpp.extra_compile_args_gcc = [
        native if flag == "-march=native" else flag for flag in before
    ]
    try:
        yield
    finally:
        prefs.codegen.cpp.extra_compile_args_gcc = before


def test_the_balance_is_that_of_one_thread_and_changes_nothing():
    plain, balanced = simulate(MANY, 5), simulate(MANY, 5, record_balance=True)
    assert np.array_equal(plain.V_mV, balanced.V_mV)
    assert numbers(simulate(MANY, 5, record_balance=True, threads=2)) == numbers(balanced)
    with pytest.raises(ValueError, match="the balance is recorded in double precision, got single"):
        simulate(MANY, 5, record_balance=True, precision="single")


def test_phases_add_up_to_the_loop():
    info = simulate(MANY, 5, phases=True).info
    parts = {name: s for name, s in info["phases"].items() if "." not in name}
    assert {"neurons_stateupdater_codeobject", "drive_firing_codeobject"} < parts.keys()
    assert 0.5 * info["loop_s"] < sum(parts.values()) < info["loop_s"]
    inside = info["phases"]["neurons_stateupdater_codeobject.normals"]
    assert 0 < inside < parts["neurons_stateupdater_codeobject"]


def script(threads):
    """Run a network of every kind of object; return what its monitors hold, as bytes."""
    start_scope()
    before = prefs.devices.cpp_standalone.openmp_threads
    prefs.devices.cpp_standalone.openmp_threads = threads
    try:
        with fresh_device(NAME) as device:
            device.seed(3)
            cells = NeuronGroup(
                4000,
                """dv/dt = -v/(10*ms) + .5*xi/sqrt(ms) + g/ms : 1 (unless refractory)
                   dg/dt = -g/(3*ms) : 1
                   u = v**2 : 1""",
                threshold="v > 1 + .1*rand()", reset="v = 0; g *= .5", refractory="2*ms",
                method="euler", name="cells",
            )  # fmt: skip
            quiet = NeuronGroup(3500, "dw/dt = (.9 - w)/ms + .1*xi/sqrt(ms) : 1",
                threshold="w > 1", reset="w -= .5", method="euler", name="quiet")  # fmt: skip
            cells.v = "rand()"
            dense = DenseSynapses(cells, cells, "g += .01", p=0.1, name="dense")
            listed = Synapses(cells, quiet, on_pre="w_post += .001", name="listed")
            listed.connect(p=0.01)
            monitors = [
                SpikeMonitor(cells, name="spikes"), SpikeMonitor(quiet, name="quiet_spikes"),
                PopulationRateMonitor(cells, name="rate"),
                StateMonitor(cells, ["v", "u"], record=[0, 1, 3999], name="states"),
            ]  # fmt: skip
            Network(cells, quiet, dense, listed, *monitors).run(20 * ms, namespace={"ms": ms})
            device.build(directory=None, run=True, with_output=False)
            spikes, quiet_spikes, rate, states = monitors
            assert spikes.num_spikes > 1000 and quiet_spikes.num_spikes > 1000
            arrays = (spikes.i, spikes.t_, quiet_spikes.i, rate.rate_, states.v, states.u, cells.g)
            return [np.asarray(array).tobytes() for array in arrays]
    finally:
        prefs.devices.cpp_standalone.openmp_threads = before


def test_a_script_asks_for_threads_as_in_brian2():
    assert script(0) == script(2)


def test_a_negative_number_of_threads_is_refused(dense_device):
    before = prefs.devices.cpp_standalone.openmp_threads
    prefs.devices.cpp_standalone.openmp_threads = -1
    try:
        from brian2 import get_device

        with pytest.raises(ValueError, match="openmp_threads must be 0 or more, got -1"):
            get_device().build(directory=str(dense_device), compile=False, run=False)
    finally:
        prefs.devices.cpp_standalone.openmp_threads = before


DELAYS_MS = (0, 0.04, 0.06, 0.1, 1.5, 5)
"""None, some that are no whole number of steps, one that outlasts the run."""


def arrivals(make, device_name):
    """Let three sources spike at known times; return the input of two targets, for each delay."""
    start_scope()
    with fresh_device(device_name) as device:
        sources = SpikeGeneratorGroup(3, [0, 1, 0, 2], [0.1, 0.1, 0.3, 1.0] * ms, name="sources")
        network, monitors = Network(sources), []
        for k, delay in enumerate(DELAYS_MS):
            targets = NeuronGroup(2, "g : 1", name=f"targets_{k}")
            monitors.append(StateMonitor(targets, "g", record=True, name=f"monitor_{k}"))
            network.add(targets, make(sources, targets, delay * ms, f"synapses_{k}"), monitors[-1])
        network.run(3 * ms, namespace={})
        device.build(directory=None, run=True, with_output=False)
        return [np.asarray(monitor.g) for monitor in monitors]


def listed(sources, targets, delay, name):
    made = Synapses(sources, targets, on_pre="g_post += 1", delay=delay, name=name)
    made.connect(i=[0, 0, 1, 2], j=[0, 1, 1, 0])
    return made


def dense(sources, targets, delay, name):
    edges = {"i": [0, 0, 1, 2], "j": [0, 1, 1, 0]}
    return DenseSynapses(sources, targets, "g_post += 1", **edges, delay=delay, name=name)


def test_a_delay_is_that_of_stock_brian2():
    found, stock = arrivals(dense, NAME), arrivals(listed, "cpp_standalone")
    for delay, own, expected in zip(DELAYS_MS, found, stock):
        assert np.array_equal(own, expected), delay
        assert own.max() == (0 if delay == 5 else 3)


@pytest.mark.parametrize(
    "delay, error, message",
    [
        ("rand()*ms", NotImplementedError, "one delay for all"),
        ([1, 2] * ms, NotImplementedError, "one delay for all"),
        (-1 * ms, ValueError, "delay must be 0 s or more, got -1. ms"),
        (3, Exception, "delay must be a time"),
    ],
)
def test_other_delays_are_refused(dense_device, delay, error, message):
    cells = NeuronGroup(3, "g : 1", threshold="g > 1", name="cells")
    with pytest.raises(error, match=message):
        DenseSynapses(cells, cells, "g_post += 1", p=0.5, delay=delay)


def test_spikes_of_the_network_arrive_one_delay_later(explicit_network):
    options = dict(explicit_network)
    params = replace(options.pop("params"), delay=1.5 * ms)
    found = {name: run(params, 1, **options) for name, run in
        (("dense", simulate), ("stock", simulate_stock))}  # fmt: skip
    assert len(found["dense"].neuron) > 1000
    for name in ("count_exc", "count_inh", "events_exc", "events_inh", "events_ext"):
        assert np.array_equal(*(getattr(each, name) for each in found.values())), name
    assert np.array_equal(
        *(np.sort(np.asarray(each.step) * params.N + each.neuron) for each in found.values())
    )
    degree = np.bincount(options["edges"][0], minlength=params.N)
    sent = np.bincount(
        found["dense"].step, degree[found["dense"].neuron] * (found["dense"].neuron < params.N_exc),
        params.steps,
    )  # fmt: skip
    assert np.array_equal(found["dense"].events_exc[15:], sent[:-15])
    assert not found["dense"].events_exc[:15].any()


def test_a_delay_must_be_shorter_than_the_simulation():
    for value in (-1 * ms, 1 * second):
        with pytest.raises(ParameterError, match="delay must"):
            replace(MANY, delay=value)


def test_single_precision_of_both_backends_agrees_with_double(explicit_network):
    """Everything drawn in advance: the same spikes but for a few that rounding moves by a step."""
    options = dict(explicit_network)
    params = replace(options.pop("params"), duration=0.06 * second, transient=0 * second)
    double = simulate(params, 1, **options)
    for backend in ("dense", "synapses"):
        single = simulate_by_name(params, 1, backend, precision="single", **options)
        spikes = double.count_exc.sum() + double.count_inh.sum()
        moved = np.abs(np.cumsum(single.count_exc - double.count_exc)).max()
        assert moved <= 0.01 * spikes and spikes > 300
        np.testing.assert_allclose(single.V_mV, double.V_mV, rtol=0, atol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("p, lam", [(0.1, 0.8), (0.6, 0.8), (0.8, 0.9), (1.0, 1.0)])
def test_single_precision_has_the_statistics_of_double(p, lam):
    """Ten seeds each: rates, s.d., Spike-contrast, median frequency, within 3 standard errors."""
    from study.trial.trial import run_trial

    columns = ("rate_Hz", "std_mV", "spike_contrast", "median_frequency_Hz")
    params = replace(TABLE_1, p=p, lam=lam, duration=5 * second, transient=1 * second)
    found = {}
    for precision, first in (("double", 100), ("single", 200)):
        rows = [run_trial(params, first + k, backend="dense", precision=precision,
            mass_models={}).rows[0] for k in range(10)]  # fmt: skip
        found[precision] = np.array([[row[name] for name in columns] for row in rows])
    difference = found["single"].mean(0) - found["double"].mean(0)
    error = np.sqrt(sum(each.var(0, ddof=1) / 10 for each in found.values()))
    assert (np.abs(difference) < 3 * error).all(), dict(zip(columns, difference / error))


def test_noise_of_blocks_is_independent():
    """Mean potentials of unconnected, undriven neurons, block by block."""
    params = replace(MANY, p=0.0, g_hat_ext=0 * nS, duration=0.5 * second)
    V_mV = simulate(params, 7).V_mV[1000:]
    a = 1 - 0.1 / 20
    sd = np.sqrt(5e-4 * 1e-4 / (1 - a**2)) * 1e3 / np.sqrt(6500)
    effective = len(V_mV) * (1 - a) / (1 + a)
    assert V_mV.std() == pytest.approx(sd, rel=Z / np.sqrt(2 * effective))


ENDINGS = """
#include "dense/team.hpp"
int main() {
    for (int k = 0; k < 4000; k++) {
        dense::Team team(4);  // its threads may not have begun when it ends
        if (k % 2) team.run([](void *, size_t) {}, nullptr);
    }
}
"""


def test_threads_end_also_before_they_have_begun(tmp_path):
    (tmp_path / "endings.cpp").write_text(ENDINGS)
    engine = Path(__file__).parents[3] / "models" / "engine"
    program = tmp_path / "endings"
    command = [*compiler(), *EXACT.split(), "-std=c++17", "-pthread", f"-I{engine}"]
    sources = [tmp_path / "endings.cpp", engine / "dense" / "team.cpp"]
    subprocess.run([*command, *sources, "-o", program], check=True)
    subprocess.run([program], check=True, timeout=60)
