"""The benchmark: its bookkeeping, on simulators of known speed."""

from dataclasses import replace

import pytest
from brian2 import second

from models.parameters import TABLE_1
from study import bench, phases

PARAMS = replace(TABLE_1, N=1000, p=0.5, duration=2 * second, transient=0 * second)


def simulator(calls, name, seconds):
    """Return a simulator that takes `seconds(N, round)` and fires at 5 Hz."""

    def run(params, seed):
        calls.append((name, params.N, seed))
        run_s = seconds(params.N, seed)
        info = {"compile_s": 9.0, "run_s": run_s, "loop_s": 0.75 * run_s, "peak_memory_MB": 7.0}
        return 10 * params.N, info

    return run


@pytest.fixture
def runs():
    calls = []
    simulators = {
        "dense": simulator(calls, "dense", lambda N, seed: 1e-4 * N * seed),
        "synapses": simulator(calls, "synapses", lambda N, seed: 1e-6 * N**2 * seed),
    }
    points = [PARAMS, replace(PARAMS, N=4000)]
    return bench.time_all(points, simulators, repeats=3, quiet=True), calls


def test_backends_take_turns(runs):
    names = [name for name, _, _ in runs[1]]
    assert names == ["dense", "synapses"] * 6
    assert [seed for _, _, seed in runs[1]] == [1] * 4 + [2] * 4 + [3] * 4


def test_medians_and_ratios_within_a_round(runs):
    table = bench.medians(runs[0]).set_index(["N", "backend"])
    dense = table.loc[(1000, "dense")]
    assert dense.run_s == pytest.approx(0.2) and dense.build_s == pytest.approx(0.05)
    assert dense.s_per_simulated_s == pytest.approx(0.1)
    assert dense.ratio == pytest.approx(10) and table.ratio[4000, "dense"] == pytest.approx(40)
    assert table.ratio[4000, "synapses"] == 1
    assert (table.rate_Hz == 5).all() and (table.compile_s == 9).all()


def test_scaling_fits_the_exponent(runs):
    lines = bench.scaling(bench.medians(runs[0]), PARAMS)
    assert "  dense: run time grows as N^1.00" in lines
    assert "  synapses: run time grows as N^2.00" in lines
    assert any("N =   4,000: 0.400 s per simulated s, 20,000 spikes" in line for line in lines)


def test_rows_that_are_read_while_counting():
    """5,000 spikes in 2 s, 4,000 trains at 5 Hz: 1.216 kB per neuron's row, 0.96 kB per train's."""
    params = replace(PARAMS, N=9700, M=4000, lam=0.75)
    info = {"phases": {"stateupdater": 3.0, "stateupdater.counting": 0.5}}
    expected = 1e-9 * (5000 * 1216 + 2 * 4000 * 5 * 960) / 0.5
    assert phases.rows_read(params, 2500, info) == pytest.approx({"rows_GB_s": expected})
    assert phases.rows_read(params, 2500, {}) == {}


def test_no_reference_no_ratio():
    table = bench.time_all([PARAMS], {"dense": simulator([], "dense", lambda N, s: 1.0)}, 1, True)
    assert table.ratio.isna().all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--repeats", "0"], "--repeats: must be an integer >= 1, got 0"),
        (["--p", "1.5"], "--p: p must lie in [0, 1], got 1.5"),
        (["--scaling", "1"], "--scaling: must be an integer >= 2, got 1"),
        (["--scaling", "2.5"], "--scaling: must be an integer >= 2, got 2.5"),
        (["--scaling", "1e30"], "--scaling: N must not exceed 2147483647, got 1000"),
        (["--scaling", "300000000"], "--scaling: N must fit into memory: "),
        (["--n", "300000000"], "--n: N must fit into memory: "),
        (["--scaling", "1000,1e3"], "--scaling: must name each value once, got 1000 twice in"),
        (["--backends", "gpu"], "--backends: invalid choice: 'gpu'"),
        (["--backends", "dense", "dense"], "--backends: must name each once, got dense twice in"),
        (["--lam", "0.7", "0.8"], "--lam: must be a number, one value; study.sweep takes lists"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as exit_:
        bench.main(arguments)
    printed = capsys.readouterr().err
    assert exit_.value.code == 2 and message in printed and printed.count("\n") == 1


@pytest.mark.parametrize(
    "given", [["--p", "0.2", "0.3", "0.4"], ["--p", "0.2,0.3, 0.4"], ["--p=0.2:0.4:0.1"]]
)
def test_one_syntax_of_lists(given, monkeypatch, capsys):
    """And no lag is measured, so that 0.4 s are enough."""
    asked = {}

    def measure(points, simulators, *rest):
        asked.update(points=points, simulators=simulators)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "time_all", measure)
    rest = ["--backends", "synapses,dense", "--scaling", "2000,1e3", "--duration", "0.4"]
    with pytest.raises(KeyboardInterrupt):
        bench.main([*given, *rest, "--quiet"])
    assert [params.p for params in asked["points"]] == [0.2, 0.3, 0.4, 0.2, 0.2]
    assert [params.N for params in asked["points"]] == [10_000] * 3 + [2000, 1000]
    assert list(asked["simulators"]) == ["synapses", "dense"]


def test_missing_peer(capsys, monkeypatch):
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        bench.main(["--peers"])
    expected = "--peers: NEST must be installed: pip install -e '.[peers]'"
    assert expected in capsys.readouterr().err


def test_table_of_a_real_run(capsys, tmp_path):
    small = "--p 0.1 --n 500 --set M=500 --duration 0.6 --repeats 1 --backends dense --quiet"
    assert bench.main([*small.split(), "--out", str(tmp_path / "runs.csv")]) == 0
    printed = capsys.readouterr().out
    assert "s_per_simulated_s" in printed and "commit" in printed
    assert (tmp_path / "runs.csv").read_text().count("\n") == 2


def test_phases_and_the_memory_that_is_read(capsys):
    small = "--p 0.1 --n 500 --set M=500 --duration 0.6 --repeats 1 --backends dense --quiet"
    assert bench.main([*small.split(), "--phases"]) == 0
    lines = capsys.readouterr().out.splitlines()
    header, row = (line.split() for line in lines if "rate_Hz" in line or " dense " in line)
    told = dict(zip(header[::-1], map(float, row[:3:-1])))
    assert 0.01 < told["rows_GB_s"] < 100 and 0 < told["counting_s"] < told["s_per_simulated_s"]
    assert lines[-1].startswith("      500 neurons: ") and lines[-1].endswith(" GB/s")
    assert float(lines[-1].split()[-2]) > 1


def test_recording_the_balance_is_timed_beside(capsys):
    small = "--n 1000 --set M=1000 --set g_hat_ext=1.05*nS --p 0.5 --duration 0.5 --repeats 1"
    assert bench.main([*small.split(), *"--backends dense --balance --quiet".split()]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if " dense " in line]
    plain, recorded = rows
    assert recorded[4:6] == ["+", "balance"]
    assert plain[-2] == recorded[-2] != "0"  # the same network, hence the same rate
