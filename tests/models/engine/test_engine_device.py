"""The dense device as any Brian2 user may use it: the results of Brian2's own runtime, faster."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    get_device,
    ms,
    prefs,
    seed,
    set_device,
    start_scope,
)
from brian2.devices.device import reset_device

from models.engine.drive import PoissonDrive
from models.engine.synapses import DenseSynapses


@pytest.fixture
def numpy_runtime():
    start_scope()
    target, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = target


def drawn(rng):
    """Draw two graphs and a current per neuron."""
    there, back = rng.random((40, 60)) < 0.3, rng.random((60, 100)) < 0.2
    return np.nonzero(there), np.nonzero(back), rng.uniform(0.9, 1.6, 100)


EDGES, BACK, CURRENT = drawn(np.random.default_rng(3))
NAMESPACE = {"w": 0.02, "bump": 0.001}


def equal_synapses(source, target, on_pre, edges):
    """Brian2's own synapses, with the arguments of DenseSynapses."""
    made = Synapses(source, target, on_pre=on_pre, delay=0 * ms)
    made.connect(i=edges[0], j=edges[1])
    return made


def bit_synapses(source, target, on_pre, edges):
    return DenseSynapses(source, target, on_pre, i=edges[0], j=edges[1])


def two_groups(connect):
    """Two groups, most of what Brian2 lets one write, and no chance.

    Group `a` has one refractory period, `b` one of its own per neuron; some conductances are
    monitored or changed by other code, some are not; parts of groups are connected.
    """
    a = NeuronGroup(
        100,
        """dv/dt = (I - v + g)/(10*ms) : 1 (unless refractory)
           dg/dt = -g/tau : 1
           dh/dt = -h/tau : 1
           tau : second (shared, constant)
           strength : 1 (shared, constant)
           I : 1 (constant)
           largest : 1""",
        threshold="v > 1",
        reset="v = 0",
        refractory="0.6*tau",
        method="euler",
        name="a",
    )
    b = NeuronGroup(
        60,
        """dv/dt = (1.2 + g - v)/(20*ms) : 1 (unless refractory)
           dg/dt = -g/(5*ms) : 1
           rest : second (constant)
           quiet : boolean (constant)""",
        threshold="v > 1",
        reset="v = 0",
        refractory="rest",
        method="exact",
        name="b",
    )
    a.I, a.tau, a.strength = CURRENT, 5 * ms, 0.05
    a.v = "0.9*i/N"
    b.v = "0.5 + 0.4*i/N"
    b.rest = "(1 + i % 5)*ms"
    b.quiet = "i % 2 == 0"
    pulses = SpikeGeneratorGroup(40, np.arange(40), np.arange(40) * ms, name="pulses")
    connections = [
        connect(pulses, a[:60], "h_post += bump", EDGES),
        connect(a[20:60], b, "g_post += w", EDGES),
        connect(b, a, "g_post += strength_post", BACK),
        connect(a, a[10:70], "h_post += 2*bump", EDGES),
    ]
    a.run_regularly("largest = clip(largest, h, inf)", dt=1 * ms)
    monitors = {
        "a": SpikeMonitor(a, name="spikes_a"),
        "b": SpikeMonitor(b, name="spikes_b"),
        "g": StateMonitor(a, "g", record=[0, 50, 99], name="record_g"),
    }
    net = Network(a, b, pulses, *connections, *monitors.values())
    net.run(80 * ms, namespace=NAMESPACE)
    return a, b, monitors


def observed(a, b, monitors):
    return {
        "v_a": np.array(a.v),
        "g_a": np.array(a.g),
        "h_a": np.array(a.h),
        "largest": np.array(a.largest),
        "v_b": np.array(b.v),
        "g_b": np.array(b.g),
        "record_g": np.array(monitors["g"].g),
        **{f"i_{name}": np.array(monitors[name].i) for name in "ab"},
        **{f"t_{name}": np.array(monitors[name].t / ms) for name in "ab"},
    }


def test_results_are_those_of_the_runtime(dense_device, request):
    groups = two_groups(bit_synapses)
    get_device().build(directory=str(dense_device), with_output=False)
    dense = observed(*groups)
    get_device().reinit()
    reset_device()
    request.getfixturevalue("numpy_runtime")
    stock = observed(*two_groups(equal_synapses))
    set_device("dense_standalone", build_on_run=False)  # for the fixture to leave
    assert len(stock["i_a"]) > 300 and len(stock["i_b"]) > 100
    for name, expected in stock.items():
        np.testing.assert_allclose(dense[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)
    assert np.array_equal(dense["i_a"], stock["i_a"]) and np.array_equal(dense["i_b"], stock["i_b"])


def test_random_numbers_are_independent_and_follow_the_seed(dense_device):
    """Two runs with two noises, random starts and Poisson trains of both kinds, and their ends."""
    walkers = NeuronGroup(
        20_003,
        """dx/dt = xi_1/second**0.5 + 0*xi_2/second**0.5 : 1
           dy/dt = xi_2/second**0.5 : 1
           origin : 1
           received : 1""",
        threshold="rand() < 0.01",
        method="euler",
        name="walkers",
    )
    walkers.origin = "rand()"
    sources = [walkers, PoissonGroup(1000, 50 * Hz)]
    sources += [PoissonDrive(1000, rate) for rate in (50 * Hz, 0 * Hz, 10_000 * Hz)]
    monitors = [SpikeMonitor(source) for source in sources]
    everybody = DenseSynapses(sources[2], walkers, "received_post += 1", p=1)
    net = Network(*sources, *monitors, everybody)
    for _ in range(2):
        net.run(50 * ms, namespace={})
    get_device().build(directory=str(dense_device), run=False)
    results = []
    for chosen in (11, 11, 12):
        seed(chosen)
        get_device().run(with_output=False)
        spikes = [np.array(monitor.i) for monitor in monitors]
        assert (walkers.received == len(spikes[2])).all()
        results.append([*(walkers.get_states(["x", "y", "origin"]).values()), *spikes])
    one, again, other = results
    drive_t, drive_i = monitors[2].t / ms, np.array(monitors[2].i)
    early, late = (np.diff(drive_i[part])[:20] for part in (drive_t < 50, drive_t >= 50))
    assert not np.array_equal(early, late)  # the second run goes on, it does not repeat the first
    assert all(map(np.array_equal, one, again))
    assert not any(map(np.array_equal, one[:-2], other[:-2]))
    x, y, origin, *spikes, never, always = one
    assert len(never) == 0 and len(always) == 1000 * 1000
    for walk in (x, y):
        assert abs(walk.mean()) < 4 * np.sqrt(0.1 / 20_003)
        assert walk.var() == pytest.approx(0.1, rel=4 * np.sqrt(2 / 20_003))
    assert abs(np.corrcoef(x, y)[0, 1]) < 4 / np.sqrt(20_003)
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 4 / np.sqrt(20_003)
    assert abs(origin.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 20_003)
    for fired, expected in zip(spikes, (200_030, 5000, 5000)):
        assert abs(len(fired) - expected) < 4 * np.sqrt(expected)
