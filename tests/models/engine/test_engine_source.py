"""The rewrites that make the engine fast reach the generated C++, whatever Brian2's release."""

import re

import pytest
from brian2 import Network, NeuronGroup, ms

from models.engine import NAME, DenseSynapses
from models.engine.program import fresh_device


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The text of a generated program, by file name."""
    folder = tmp_path_factory.mktemp("sources")
    with fresh_device(NAME) as device:
        cells = NeuronGroup(
            8, "dv/dt = (1 - v + xi*sqrt(ms))/ms : 1 (unless refractory)",
            threshold="v > 1", reset="v = 0", refractory=2 * ms, method="euler", name="cells",
        )  # fmt: skip
        synapses = DenseSynapses(cells, cells, "v += 0.1", p=0.5, name="synapses")
        Network(cells, synapses).run(1 * ms, namespace={"ms": ms})
        device.build(directory=str(folder), compile=False, run=False)
        return {
            path.name: path.read_text()
            for pattern in ("code_objects/*.cpp", "main.cpp", "dense/objects.hpp")
            for path in folder.glob(pattern)
        }


def test_the_state_update(sources):
    text = re.sub(r"\s+", " ", sources["cells_stateupdater_codeobject.cpp"])
    choice = "if constexpr (dense_objects::cells_refractory_follows_spikes =="
    before, fast, slow = text.split(choice)
    # each thread counts the spikes that arrive at a tile, then goes through its blocks
    assert "dense_objects::synapses.count(_ptr_array_cells_v, _tile, _tile_end);" in before
    assert "dense::share_out(_N, _part);" in slow
    # a constant period is counted from spikes, and no time is compared in the loop
    assert "dense_objects::cells_refractory.update(_timestep(t, dt), t, dt" in before
    assert "_wide_not_refractory[_idx - _begin]" in fast and "lastspike" not in fast
    assert "_timestep(t - lastspike, dt)" in slow
    # noise is drawn by the block, volleys are added on the way, and the loop has no dependences
    for loop in (fast, slow):
        assert "_noise.at(_begin), _normal_0," in loop and "_normal_0[_idx - _begin]" in loop
        assert "dense_objects::synapses.add_counted(_ptr_array_cells_v, _begin, _end);" in loop
        assert "DENSE_INDEPENDENT for (size_t _idx = _begin; _idx < _end; _idx++)" in loop
        assert "_randn(" not in loop
    assert "dense_objects::synapses.all_added();" in slow
    assert "look(_tile, _tile_end, _first, _thread);" in slow


def test_the_period_follows_spikes_where_nothing_else_sets_them(sources):
    assert "constexpr bool cells_refractory_follows_spikes = true;" in sources["objects.hpp"]


def test_the_steps(sources):
    assert "dense::run_steps(network, defaultclock," in sources["main.cpp"]
