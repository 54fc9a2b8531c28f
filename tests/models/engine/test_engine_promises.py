"""What Brian2 promises and the dense device must keep, or refuse by name."""

import subprocess

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    ms,
    seed,
    start_scope,
)

from models.engine import NAME, DenseSynapses, PoissonDrive
from models.engine.program import fresh_device


def clockwork(name, equation="dv/dt = 1/ms : 1 (unless refractory)", **changes):
    """One cell that climbs to its threshold in 1 ms."""
    given = {"threshold": "v > 1", "reset": "v = 0", "method": "euler", **changes}
    return NeuronGroup(1, equation, name=name, **given)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Many small networks in one program: spike times in ms, and states of groups by name."""
    start_scope()
    with fresh_device(NAME) as device:
        pulses = SpikeGeneratorGroup(1, [0, 0, 0], [1, 2, 3] * ms)
        cells = {
            "no unless": clockwork("no_unless", "dv/dt = 199.99*Hz : 1", refractory=10 * ms),
            "moved": clockwork("moved", refractory=5 * ms),
            "long": clockwork("long_", refractory=1e9 * ms),
            "excited": clockwork(
                "excited", "dv/dt = 0/second : 1 (unless refractory)", threshold="v > 0.5",
                refractory=5 * ms,
            ),
        }  # fmt: skip
        moving = cells["moved"].run_regularly("lastspike -= 0.1*ms", dt=0.1 * ms)
        counting = NeuronGroup(2, "g : 1\nh : 1", name="counting")
        exciting = DenseSynapses(pulses, cells["excited"], "v += 1", p=1)
        inactive = DenseSynapses(pulses, counting, "g_post += 1", p=1)
        inactive.active = False
        elsewhere = DenseSynapses(pulses, counting, "h_post += 1", p=1)
        equations = "x : 1\ny : 1\ntau : second (shared, constant)"
        constants = NeuronGroup(1, equations, name="constants")
        constants.tau = 10 * ms
        constants.x = "tau/ms"
        constants.tau = 20 * ms
        constants.y = "tau/ms"
        numbers = NeuronGroup(3, "x : 1\ny : 1\nz : 1", name="numbers")
        seed(1)
        numbers.x = "rand()"
        seed(1)
        numbers.y = "rand()"
        numbers.z = "rand()"
        monitors = {name: SpikeMonitor(group) for name, group in cells.items()}
        groups = (*cells.values(), counting, constants, numbers)
        assert elsewhere.active  # it exists, outside the network
        net = Network(pulses, moving, exciting, inactive, *groups, *monitors.values())
        net.run(30 * ms, namespace={})
        device.build(directory=str(tmp_path_factory.mktemp("kept")), with_output=False)
        times = {name: np.array(monitor.t / ms) for name, monitor in monitors.items()}
        states = {group.name: group.get_states(units=False) for group in groups}
    return {"times": times, **states}


def test_refractoriness_without_unless(kept):
    np.testing.assert_allclose(kept["times"]["no unless"], [5, 15, 25])


def test_lastspike_moved_by_code(kept):
    assert len(kept["times"]["moved"]) == 9
    np.testing.assert_allclose(np.diff(kept["times"]["moved"]), 3.5)


def test_long_refractory_period_needs_no_memory(kept):
    assert len(kept["times"]["long"]) == 0  # as stock: the last spike is taken to be 10,000 s ago


def test_input_to_a_refractory_neuron_is_lost(kept):
    np.testing.assert_allclose(kept["times"]["excited"], [1.1])


def test_synapses_that_are_inactive_or_left_out_do_nothing(kept):
    assert not kept["counting"]["g"].any() and not kept["counting"]["h"].any()


def test_a_constant_set_twice_acts_from_its_own_place(kept):
    assert (kept["constants"]["x"][0], kept["constants"]["y"][0]) == (10, 20)


def test_the_same_seed_again_gives_the_same_numbers(kept):
    numbers = kept["numbers"]
    np.testing.assert_array_equal(numbers["x"], numbers["y"])
    assert not np.any(numbers["z"] == numbers["y"])


def test_another_schedule_and_a_start_by_hand(tmp_path):
    """Thresholds before the state update, in a program that is built and started by hand."""
    start_scope()
    with fresh_device(NAME) as device:
        cells = clockwork("cells", refractory=1 * ms)
        monitor = SpikeMonitor(cells)
        net = Network(cells, monitor)
        net.schedule = ["start", "thresholds", "resets", "groups", "synapses", "end"]
        net.run(10 * ms, namespace={})
        device.build(directory=str(tmp_path), run=False)
        assert subprocess.run(["./main"], cwd=tmp_path).returncode == 0
        device.has_been_run = True
        times = np.array(monitor.t / ms)
        device.delete()
    np.testing.assert_allclose(np.diff(times), 2.1)
    assert len(times) == 5 and not tmp_path.exists()


@pytest.fixture
def declared():
    """Ten cells on the dense device; nothing is built."""
    start_scope()
    with fresh_device(NAME):
        yield NeuronGroup(10, "v : 1\nw : 1", threshold="v > 1", reset="v = 0")


@pytest.mark.filterwarnings("ignore")
def test_what_means_nothing_is_refused(declared):
    def connect(on_pre="v_post += 1", **given):
        return DenseSynapses(declared, declared, on_pre, **given)

    for error, message, wrong in (
        (AttributeError, "no attribute p", lambda: setattr(connect(p=0.1), "p", 1)),
        (AttributeError, "no attribute w", lambda: connect(p=0.1).w),
        (NotImplementedError, "not known", lambda: len(connect(p=0.1))),
        (NotImplementedError, "when they are made", lambda: connect(p=0.1).connect()),
        (TypeError, "p must be a number", lambda: connect(p="0.5")),
        (TypeError, "i must hold integers", lambda: connect(i=[0.7], j=[1])),
        (ValueError, "same length, got 2 and 3", lambda: connect(i=[0, 1], j=[1, 2, 3])),
        (ValueError, "got twice 0 -> 1", lambda: connect(i=[0, 0], j=[1, 1])),
        (ValueError, "w_pre is not a shared", lambda: connect("v_post += w_pre", p=0.1)),
        (ValueError, "must have the form", lambda: connect("v_post -= 1", p=0.1)),
        (NotImplementedError, "cannot be cut", lambda: PoissonDrive(10, 5 * Hz)[:5]),
    ):
        with pytest.raises(error, match=message):
            wrong()


def test_a_weight_that_is_drawn_is_refused(declared):
    synapses = DenseSynapses(declared, declared, "v_post += rand()", p=0.5)
    with pytest.raises(Exception) as refused:
        Network(declared, synapses).run(1 * ms, namespace={})
    assert "one value for all synapses, but rand()" in str(refused.value.__cause__)
