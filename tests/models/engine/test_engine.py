"""The dense engine as a whole: one program for every point, reproducible, safe to share."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, NeuronGroup, ms, nS, second, start_scope, volt
from confidence import ALARM, Z
from scipy.stats import t as student
from vector_levels import WIDE

from models.engine import cache
from models.engine.drive import PoissonDrive
from models.engine.synapses import DenseSynapses
from models.network import memory
from models.network.dense import simulate
from models.network.simulate import simulate as simulate_by_name
from models.parameters import TABLE_1, ParameterError
from study.trial.measure import measure

SMALL = replace(
    TABLE_1,
    N=1500,
    M=1000,
    p=0.4,
    g_hat_exc=0.05 * nS,
    g_hat_inh=0.12 * nS,
    g_hat_ext=1 * nS,
    duration=0.3 * second,
    transient=0.1 * second,
)


def same(one, two):
    """Tell whether two recordings are equal in every number."""
    counts = ("count_exc", "count_inh", "events_exc", "events_inh", "events_ext")
    names = ("V_mV", *counts, "neuron", "step")
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in names)


@pytest.fixture(scope="module")
def recording():
    return simulate(SMALL, 1)


def test_same_seed_same_numbers_also_side_by_side(recording):
    with ThreadPoolExecutor(2) as pool:
        for again in pool.map(lambda seed: simulate(SMALL, seed), (1, 1)):
            assert same(recording, again)
    assert not same(recording, simulate(SMALL, 2))


@pytest.mark.parametrize("level", WIDE)
def test_every_vector_level_gives_the_same_network(recording, level):
    plain = simulate(SMALL, 1, vector_level="plain")
    assert same(plain, simulate(SMALL, 1, vector_level=level))
    assert same(plain, recording)


def test_one_program_serves_every_point(recording, monkeypatch):
    def compile_nothing(*arguments):
        raise AssertionError("compiled again")

    monkeypatch.setattr(cache, "_compile", compile_nothing)
    for change in ({"p": 0.0}, {"p": 1.0}, {"lam": 0.0}, {"lam": 1.0}, {"tau_mem": 10 * ms}):
        changed = simulate(replace(SMALL, **change), 1)
        assert not same(recording, changed)


def test_graph_at_its_ends_is_exact():
    full = simulate(replace(SMALL, p=1.0), 1)
    assert np.array_equal(full.events_exc, full.count_exc * 1499)
    assert np.array_equal(full.events_inh, full.count_inh * 1499)
    empty = simulate(replace(SMALL, p=0.0), 1)
    assert empty.count_exc.sum() > 0
    assert empty.events_exc.sum() == empty.events_inh.sum() == 0


@pytest.mark.parametrize("p", [1e-4, 0.02, 0.37, 0.9])
def test_graph_has_the_declared_density(p):
    """Out-degrees of single spikes against Bin(N - 1, p): all neurons start above threshold."""
    times = {"duration": 0.1 * second, "transient": 0 * second}
    params = replace(SMALL, p=p, lam=1.0, nu_ext=0 * Hz, **times)
    found = simulate(params, 3, v_start_mV=np.full(1500, -49.0))
    assert found.count_exc[0] == 1500
    pairs = 1500 * 1499
    assert abs(found.events_exc[0] / pairs - p) < Z * np.sqrt(p * (1 - p) / pairs)


def test_drive_is_poisson_and_shared():
    """Steps without a spike, and events: a Poisson number of out-degrees Bin(N_exc, p_ext)."""
    found = simulate(replace(SMALL, duration=3 * second), 5)
    quiet = np.exp(-0.5)  # 1000 trains, 5 Hz, 0.1 ms
    assert abs((found.events_ext == 0).mean() - quiet) < Z * np.sqrt(0.25 / 30_000)
    mean, sd = 0.5 * 120, np.sqrt(0.5 * (120**2 + 108))
    assert abs(found.events_ext.mean() - mean) < Z * sd / np.sqrt(30_000)
    kurtosis = 1 / 0.5  # in excess, of sums of a Poisson number of almost equal terms
    assert found.events_ext.std() == pytest.approx(sd, rel=Z * np.sqrt((2 + kurtosis) / 30_000) / 2)
    independent = np.sqrt(mean)  # what Poisson input of its own would give each neuron
    assert found.events_ext.std() > 5 * independent


def test_noise_alone_moves_the_mean_as_theory_says():
    """Unconnected, undriven: V is an AR(1) process with s.d. sqrt(Q tau/2)/sqrt(N) about v_rest."""
    params = replace(SMALL, p=0.0, nu_ext=0 * Hz, duration=10 * second, transient=1 * second)
    V_mV = simulate(params, 6).V_mV[10_000:]
    a = 1 - 0.1 / 20
    sd = np.sqrt(5e-4 * 1e-4 / (1 - a**2)) * 1e3 / np.sqrt(1500)
    effective = len(V_mV) * (1 - a) / (1 + a)
    assert abs(V_mV.mean() + 70) < Z * sd / np.sqrt(effective)
    assert V_mV.std() == pytest.approx(sd, rel=Z / np.sqrt(2 * 2 * effective))
    step = np.sqrt(2 * (1 - a)) * sd
    assert np.diff(V_mV).std() == pytest.approx(step, rel=Z / np.sqrt(2 * len(V_mV)))


def test_silent_network_stays_at_rest():
    quiet = {"Q": 0 * volt**2 / second, "nu_ext": 0 * Hz}
    found = simulate(replace(SMALL, **quiet, duration=1.5 * second, transient=1 * second), 1)
    assert found.count_exc.sum() == 0
    assert abs(found.V_mV[-1] + 70) < 1e-9


def test_spikes_can_be_left_out(recording):
    found = simulate(SMALL, 1, record_spikes=False)
    assert found.neuron is None and found.step is None
    assert np.array_equal(found.count_exc, recording.count_exc)
    assert measure(found, {}, SMALL)[0][0]["status"] == "spikes not recorded"


def test_values_that_the_program_did_not_use_are_named(monkeypatch):
    from models.network import dense

    given = dense._parameter_values(SMALL, 1)
    monkeypatch.setattr(
        dense, "_parameter_values", lambda *a: given | {"neurons.tau_men": 0.01}
    )
    with pytest.raises(RuntimeError, match=r"neurons\.tau_men"):
        simulate(SMALL, 1)


def test_a_network_that_does_not_fit_says_how_much_it_needs(monkeypatch):
    params = replace(TABLE_1, N=100_000)
    assert memory.memory_needed_GB(params) == pytest.approx(1.36, rel=0.02)
    assert memory.memory_needed_GB(replace(TABLE_1, N=40_000)) < 0.3
    monkeypatch.setattr(memory, "memory_available_GB", lambda: 1.0)
    with pytest.raises(ParameterError, match=r"N must fit into memory: 1\.4 GB are needed, 1\.0"):
        simulate(params, 1)


def test_cache_of_files_does_not_count_against_a_container(monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text("1000000000\n")
    (tmp_path / "memory.current").write_text("990000000\n")
    files = "active_file 500000000\ninactive_file 400000000\n"
    (tmp_path / "memory.stat").write_text("anon 90000000\n" + files)
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.memory_available_GB() == pytest.approx(0.91)


def test_damaged_program_is_rebuilt(tmp_path, monkeypatch):
    compiled = []

    def compile_(sources, key):
        compiled.append(key)
        (tmp_path / f"{key}{cache.READ}").write_text("")  # it reads nothing else
        entry = cache._entry(key, [])
        entry.mkdir(parents=True, exist_ok=True)
        program = entry / cache.PROGRAM
        program.write_bytes(b"program")
        program.chmod(0o700)
        (entry / cache.DIGEST).write_text(cache._digest(program))
        return program

    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(cache, "_compile", compile_)
    program = cache.compiled({"makefile": "one"})
    assert cache.compiled({"makefile": "one"}) == program and len(compiled) == 1
    assert cache.compiled({"makefile": "two"}) != program and len(compiled) == 2
    program.write_bytes(b"damaged")
    cache.compiled({"makefile": "one"})
    assert len(compiled) == 3 and program.read_bytes() == b"program"
    monkeypatch.setattr(cache, "identity", lambda: "another processor")
    assert cache.compiled({"makefile": "one"}) != program and len(compiled) == 4
    cache.clear()
    assert not tmp_path.exists()


def test_compiler_errors_are_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setenv("MAKELEVEL", "1")  # as under `make test`
    with pytest.raises(RuntimeError, match=r"could not be compiled:\n.*no_such_file"):
        cache.compiled({"makefile": "main: no_such_file.cpp\n"})
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == []


HOW_TO = Path(__file__).parents[3] / "docs/howto/engine.md"


def test_the_example_of_the_how_to_runs(tmp_path):
    """The Brian2 script of docs/howto/engine.md, as a user would save and start it."""
    (tmp_path / "script.py").write_text(HOW_TO.read_text().split("```python\n")[1].split("```")[0])
    command, options = [sys.executable, "script.py"], {"capture_output": True, "text": True}
    done = subprocess.run(command, cwd=tmp_path, **options)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[0]) > 1


def test_dense_synapses_need_the_device():
    start_scope()
    cells = NeuronGroup(3, "g : 1")
    for make in (
        lambda: DenseSynapses(cells, cells, "g_post += 1", p=0.5),
        lambda: PoissonDrive(3, 5 * Hz),
    ):
        with pytest.raises(RuntimeError, match=r'set_device\("dense_standalone"\), got Runtime'):
            make()


@pytest.mark.parametrize(
    "on_pre, options, message",
    [
        ("g_post = 1", {"p": 0.5}, "on_pre must have the form 'NAME_post \\+= WEIGHT'"),
        ("g_post += h", {"p": 0.5}, "h is not a shared variable of cells"),
        ("w_post += 1", {"p": 0.5}, "on_pre must add to a floating-point variable of each"),
        ("g_post += h_post", {"p": 0.5}, "h_post is not a shared variable of cells"),
        ("g_post += h_pre", {"p": 0.5}, "h_pre is not a shared variable of cells"),
        ("g_post += 1", {"p": 1.5}, r"p must lie in \[0, 1\], got 1.5"),
        ("g_post += 1", {}, "either p or both i and j must be given"),
        ("g_post += 1", {"i": [0], "j": [7]}, "j must lie within 0 ... 2"),
        ("g_post += 1", {"p": 1, "targets": (0, 9)}, "targets must be a range within 0 ... 3"),
    ],
)
def test_dense_synapses_refuse_what_they_cannot_do(dense_device, on_pre, options, message):
    cells = NeuronGroup(3, "g : 1\nh : 1\nw : 1 (shared)", threshold="g > 1", name="cells")
    with pytest.raises(ValueError, match=message):
        DenseSynapses(cells, cells, on_pre, **options)


POINTS = [(0.0, 0.8), (0.3, 0.8), (0.6, 0.8), (0.6, 0.6), (0.3, 1.0)]


@pytest.mark.slow
@pytest.mark.parametrize("p, lam", POINTS)
def test_statistics_equal_those_of_stock_brian2(p, lam):
    """Rate, mean, s.d. and median frequency over seeds, within their standard errors."""
    params = replace(
        TABLE_1, N=2000, p=p, lam=lam, g_hat_exc=0.04 * nS, g_hat_inh=0.09 * nS,
        duration=5 * second, transient=1 * second,
    )  # fmt: skip
    names = ("rate_exc_Hz", "rate_inh_Hz", "mean_mV", "std_mV", "median_frequency_Hz")
    found = {}
    for backend, seeds in (("dense", range(1, 25)), ("synapses", range(1, 7))):
        rows = [
            measure(simulate_by_name(params, seed, backend), {}, params)[0][0] for seed in seeds
        ]
        found[backend] = np.array([[row[name] for name in names] for row in rows])
    dense, stock = found["dense"], found["synapses"]
    spread = dense.std(axis=0, ddof=1) * np.sqrt(1 / len(dense) + 1 / len(stock))
    difference = np.abs(dense.mean(axis=0) - stock.mean(axis=0))
    defined = np.isfinite(difference)
    limit = student.isf(ALARM / 2, len(dense) - 1)
    assert (difference <= limit * spread)[defined].all(), dict(zip(names, difference / spread))
