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

from models.binary import fresh_device
from models.engine import NAME, DenseSynapses, PoissonDrive


@pytest.fixture
def device(tmp_path):
    """The dense device, which builds when a network runs."""
    start_scope()
    with fresh_device(NAME) as made:
        made.activate(build_on_run=True, directory=str(tmp_path / "build"), with_output=False)
        yield made


def spike_times(cells, duration, schedule=None, *others):
    monitor = SpikeMonitor(cells)
    network = Network(cells, monitor, *others)
    if schedule:
        network.schedule = schedule
    network.run(duration, namespace={})
    return np.array(monitor.t / ms)


def clockwork(**changes):
    """One cell that climbs to its threshold in 1 ms."""
    given = {"threshold": "v > 1", "reset": "v = 0", "method": "euler", **changes}
    equation = given.pop("equation", "dv/dt = 1/ms : 1 (unless refractory)")
    return NeuronGroup(1, equation, **given)


def test_refractoriness_without_unless(device):
    cells = clockwork(equation="dv/dt = 199.99*Hz : 1", refractory=10 * ms)
    np.testing.assert_allclose(spike_times(cells, 16 * ms), [5, 15])


def test_refractoriness_in_another_schedule(device):
    schedule = ["start", "thresholds", "resets", "groups", "synapses", "end"]
    times = spike_times(clockwork(refractory=1 * ms), 10 * ms, schedule)
    np.testing.assert_allclose(np.diff(times), 2.1)


def test_lastspike_moved_by_code(device):
    cells = clockwork(refractory=5 * ms)
    moved = cells.run_regularly("lastspike -= 0.1*ms", dt=0.1 * ms)
    times = spike_times(cells, 30 * ms, None, moved)
    assert len(times) == 9
    np.testing.assert_allclose(np.diff(times), 3.5)


def test_long_refractory_period_needs_no_memory(device):
    cells = clockwork(refractory=1e9 * ms)
    assert len(spike_times(cells, 5 * ms)) == 0  # as stock: lastspike starts 1e4 s ago


def test_input_to_a_refractory_neuron_is_lost(device):
    pulses = SpikeGeneratorGroup(1, [0, 0, 0], [1, 2, 3] * ms)
    cells = NeuronGroup(
        1, "dv/dt = 0/second : 1 (unless refractory)", threshold="v > 0.5", reset="v = 0",
        refractory=5 * ms, method="euler",
    )  # fmt: skip
    synapses = DenseSynapses(pulses, cells, "v += 1", p=1)
    np.testing.assert_allclose(spike_times(cells, 10 * ms, None, pulses, synapses), [1.1])


def test_a_constant_set_twice_acts_from_its_own_place(device):
    cells = NeuronGroup(1, "x : 1\ny : 1\ntau : second (shared, constant)")
    cells.tau = 10 * ms
    cells.x = "tau/ms"
    cells.tau = 20 * ms
    cells.y = "tau/ms"
    Network(cells).run(0.1 * ms, namespace={})
    assert (cells.x[0], cells.y[0]) == (10, 20)


def test_the_same_seed_again_gives_the_same_numbers(device):
    cells = NeuronGroup(3, "x : 1\ny : 1\nz : 1")
    seed(1)
    cells.x = "rand()"
    seed(1)
    cells.y = "rand()"
    cells.z = "rand()"
    Network(cells).run(0.1 * ms, namespace={})
    np.testing.assert_array_equal(cells.x, cells.y)
    assert not np.any(np.array(cells.z) == np.array(cells.y))


@pytest.mark.parametrize("left_out", ["inactive", "not in the network"])
def test_synapses_that_take_no_part(device, left_out):
    pulses = SpikeGeneratorGroup(1, [0], [1] * ms)
    cells = NeuronGroup(2, "g : 1")
    synapses = DenseSynapses(pulses, cells, "g_post += 1", p=1)
    synapses.active = left_out != "inactive"
    taking_part = [synapses] if left_out == "inactive" else []
    Network(pulses, cells, *taking_part).run(3 * ms, namespace={})
    assert not np.any(cells.g)


def test_a_program_started_by_hand(tmp_path):
    start_scope()
    with fresh_device(NAME) as device:
        _build_by_hand(device, tmp_path / "build")
    assert subprocess.run(["./main"], cwd=tmp_path / "build").returncode == 0


def _build_by_hand(device, folder):
    cells = NeuronGroup(1, "x : 1\ntau : second (shared, constant)")
    cells.tau = 3 * ms
    cells.x = "tau/ms"
    Network(cells).run(0.1 * ms, namespace={})
    device.build(directory=str(folder), run=False)


def test_what_means_nothing_is_refused(device):
    cells = NeuronGroup(10, "v : 1\nw : 1", threshold="v > 1", reset="v = 0")

    def connect(on_pre="v_post += 1", **given):
        return DenseSynapses(cells, cells, on_pre, **given)

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


def test_a_weight_that_is_drawn_is_refused(device):
    cells = NeuronGroup(10, "v : 1", threshold="v > 1", reset="v = 0")
    synapses = DenseSynapses(cells, cells, "v_post += rand()", p=0.5)
    with pytest.raises(Exception) as refused:
        Network(cells, synapses).run(1 * ms, namespace={})
    assert "one value for all synapses, but rand()" in str(refused.value.__cause__)
