"""Three published networks, as any Brian2 user writes them: spike statistics against stock Brian2.

Each holds a constant refractory period without `(unless refractory)`: a Hodgkin-Huxley network
with conductances (Brette et al. 2007, J Comput Neurosci 23:349, benchmark 3), sparse inhibition
with fast oscillations (Brunel & Hakim 1999, Neural Comput 11:1621) and a chain of synchronous
groups (Diesmann, Gewaltig & Aertsen 1999, Nature 402:529), with the constants of Brian2's examples
of these names.
"""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    prefs,
    seed,
)
from scipy.stats import ttest_ind

from models.engine.device import NAME
from models.engine.program import fresh_device

SEEDS = range(1, 7)


def hodgkin_huxley():
    """4,000 cells, 20 % of them inhibitory, connected with probability 0.02."""
    equations = """
    dv/dt = (10*nS*(-60*mV - v) + g_exc*(0*mV - v) + g_inh*(-80*mV - v)
             + 20*uS*m**3*h*(50*mV - v) + 6*uS*n**4*(-90*mV - v)) / (200*pF) : volt
    dm/dt = (a_m*(1 - m) - b_m*m) / ms : 1
    dn/dt = (a_n*(1 - n) - b_n*n) / ms : 1
    dh/dt = (a_h*(1 - h) - b_h*h) / ms : 1
    dg_exc/dt = -g_exc / (5*ms) : siemens
    dg_inh/dt = -g_inh / (10*ms) : siemens
    u = v/mV + 63 : 1
    a_m = 1.28 / exprel((13 - u) / 4) : 1
    b_m = 1.4 / exprel((u - 40) / 5) : 1
    a_h = 0.128*exp((17 - u) / 18) : 1
    b_h = 4 / (1 + exp((40 - u) / 5)) : 1
    a_n = 0.16 / exprel((15 - u) / 5) : 1
    b_n = 0.5*exp((10 - u) / 40) : 1
    """
    options = {"threshold": "v > -20*mV", "refractory": 3 * ms, "method": "exponential_euler"}
    cells = NeuronGroup(4000, equations, name="cells", **options)
    cells.v = "-65*mV + 5*mV*randn()"
    cells.g_exc = "(40 + 15*randn())*nS"
    cells.g_inh = "(200 + 120*randn())*nS"
    exc = Synapses(cells[:3200], cells, on_pre="g_exc_post += 6*nS", name="exc")
    inh = Synapses(cells[3200:], cells, on_pre="g_inh_post += 67*nS", name="inh")
    exc.connect(p=0.02)
    inh.connect(p=0.02)
    return cells, [cells, exc, inh], 300 * ms


def sparse_inhibition():
    """5,000 noisy cells that inhibit each other after 2 ms."""
    equation = "dv/dt = (25*mV - v)/(20*ms) + 1*mV*(20*ms)**-0.5*xi : volt"
    options = {"threshold": "v > 20*mV", "reset": "v = 10*mV", "refractory": 2 * ms}
    cells = NeuronGroup(5000, equation, method="euler", name="cells", **options)
    cells.v = 10 * mV
    inh = Synapses(cells, cells, on_pre="v -= 0.1*mV", delay=2 * ms, name="inh")
    inh.connect(p=0.2)
    return cells, [cells, inh], 100 * ms


def synchronous_chain():
    """Ten groups of a hundred noisy cells, each connected to the whole of the next."""
    equations = """
    dv/dt = (-70*mV - v + x) / (10*ms) : volt
    dx/dt = (y - x) / (0.325*ms) : volt
    dy/dt = -y / (0.325*ms) + 25.27*mV/ms + 39.24*mV*ms**-0.5*xi : volt
    """
    options = {"threshold": "v > -55*mV", "reset": "v = -70*mV", "refractory": 1 * ms}
    cells = NeuronGroup(1000, equations, method="euler", name="cells", **options)
    cells.v = "-70*mV + 15*mV*rand()"
    times = np.random.default_rng(1).normal(50, 1, 85) * ms
    volley = SpikeGeneratorGroup(85, np.arange(85), times, name="volley")
    first = Synapses(volley, cells[:100], on_pre="y += 4.86*mV", name="first")
    first.connect()
    links = Synapses(cells, cells, on_pre="y += 4.86*mV", name="links")
    links.connect(condition="int(j/100) == int(i/100) + 1")
    return cells, [cells, volley, first, links], 100 * ms


def statistics(network, device, folder, seed_value):
    """Spikes, their s.d. over bins of 1 ms and over cells, and the mean time in the last tenth."""
    seed(seed_value)
    cells, objects, duration = network()
    monitor = SpikeMonitor(cells, name="monitor")
    Network(*objects, monitor).run(duration)
    device.build(directory=str(folder), with_output=False)
    t_ms, i = np.asarray(monitor.t / ms), np.asarray(monitor.i)
    counts = np.histogram(t_ms, np.arange(0, duration / ms + 1))[0]
    last = t_ms[(i >= 0.9 * len(cells)) & (t_ms > 50)]
    return [len(i), counts.std(), np.bincount(i, minlength=len(cells)).std(), last.mean()]


@pytest.mark.slow
@pytest.mark.parametrize("network", [hodgkin_huxley, sparse_inhibition, synchronous_chain])
def test_spike_statistics_are_those_of_stock_brian2(network, tmp_path, monkeypatch):
    monkeypatch.setitem(prefs, "devices.cpp_standalone.extra_make_args_unix", ["-j2"])
    found = {}
    for name in (NAME, "cpp_standalone"):
        folder = tmp_path / name
        found[name] = []
        for seed_value in SEEDS:  # the files that stay the same are compiled once
            with fresh_device(name) as device:
                found[name].append(statistics(network, device, folder, seed_value))
    ours, stock = map(np.array, found.values())
    assert ours[:, 0].min() > 500 and len(set(ours[:, 0])) > 1
    pvalue = ttest_ind(ours, stock, axis=0, equal_var=False).pvalue
    print(pvalue, ours.mean(axis=0), stock.mean(axis=0), sep="\n")
    assert (pvalue > 1e-3 / pvalue.size).all(), (ours, stock)  # one alarm in 1,000 changes of seeds
