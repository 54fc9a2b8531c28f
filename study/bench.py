"""How fast the backends are: python -m study.bench --p 0.02,0.1,0.5,1 --duration 3.

Every round runs every backend once at every point, in turns, so that a change of the machine's
speed meets all of them; the table gives medians over rounds, and the ratio to `synapses` within
the rounds. Graph building counts, compilation does not.
"""

if __name__ == "__main__":  # what follows takes seconds to import
    from study.command.flags import early

    early("bench")

import sys
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from itertools import product

import numpy as np
import pandas as pd
from brian2 import second

from models.network.simulate import BACKENDS, PRECISIONS, simulate
from models.parameters import ParameterError
from study.command.arguments import check_fits, parameters_from
from study.command.axes import fraction, listed
from study.command.ending import run_command
from study.command.flags import FLAGS, bench_parser
from study.command.numbers import integer
from study.command.parser import UsageError
from study.command.progress import progress_reporter
from study.forecast import forecast
from study.peers.nest import run_nest
from study.phases import memory_lines, phases, rows_read
from study.trial.provenance import provenance

REFERENCE = "synapses"


def main(argv=None):
    """Run the command; return its exit status."""
    parser = bench_parser()
    arguments = parser.parse_args(argv)
    try:
        repeats = integer("--repeats", arguments.repeats, 1)
        points, sizes = _points(arguments)
        backends = _named("--backends", arguments.backends, BACKENDS)
        for k, params in enumerate(points):
            scaled = {"N": "--scaling"} if k >= len(points) - len(sizes) else {}
            for backend in backends:
                check_fits(params, backend, FLAGS | scaled)
        simulators = _simulators(backends, arguments)
        if arguments.study:
            for precision in _named("--precisions", arguments.precisions, PRECISIONS):
                print("\n".join(forecast(arguments.study, precision, arguments.quiet)))
            return 0
    except UsageError as error:
        parser.error(str(error))
    runs = time_all(points, simulators, repeats, arguments.quiet)
    table = medians(runs)
    origin = provenance()
    print(f"{origin['cpu']}, {origin['compiler']}, commit {origin['git_commit']}")
    print(f"median of {repeats}, lam = {arguments.lam}, {arguments.duration} s simulated\n")
    print(table.to_string(index=False, float_format="{:.3g}".format))
    if "rows_GB_s" in table:
        print("\n" + "\n".join(memory_lines(table)))
    if sizes:
        print("\n" + "\n".join(scaling(table, points[0])))
    if arguments.out:
        runs.to_csv(arguments.out, index=False)
        print(f"\nevery run: {arguments.out}")
    return 0


def _points(arguments):
    """Return the Parameters of every point, and the sizes of --scaling, which come last."""
    points = [
        parameters_from(arguments, p, arguments.lam, measured=False)[0]
        for p in listed("--p", arguments.p, fraction)
    ]
    sizes = []
    if arguments.scaling is not None:
        sizes = listed("--scaling", arguments.scaling, partial(integer_at_least, 2))
    try:
        return points + [replace(points[0], N=size) for size in sizes], sizes
    except ParameterError as error:
        raise UsageError(f"--scaling: {error}") from None


def _named(flag, text, known):
    """Read names of which each may stand once."""
    names = text.split(",")
    for name in names:
        if name not in known:
            raise UsageError(
                f"{flag}: invalid choice: '{name}' (choose from {', '.join(known)})"
            )
        if names.count(name) > 1:
            raise UsageError(f"{flag}: must name each once, got {name} twice in {text}")
    return names


def _simulators(backends, arguments):
    """Return name and function of everything that is timed."""
    threads = listed("--threads", arguments.threads, partial(integer_at_least, 1))
    simulators = {}
    precisions = _named("--precisions", arguments.precisions, PRECISIONS)
    for name, precision in product(backends, precisions):
        options = {} if precision == "double" else {"precision": precision}
        label = name + (", single" if options else "")
        for k in threads if name == "dense" else [1]:
            phases = {"phases": True} if arguments.phases and name == "dense" else {}
            more = {**options, **phases, **({"threads": k} if name == "dense" else {})}
            several = f", {k} threads" if k > 1 else ""
            simulators[label + several] = partial(_run_backend, name, **more)
    if arguments.balance:
        recording = {f"{name} + balance": partial(run, record_balance=True)
            for name, run in simulators.items() if "single" not in name}  # fmt: skip
        simulators |= recording
    if arguments.peers:
        if find_spec("nest") is None:
            raise UsageError("--peers: NEST must be installed: pip install -e '.[peers]'")
        simulators["NEST"] = run_nest
    return simulators


def integer_at_least(least, flag, value, text):
    """Read a whole number from a list of them."""
    return integer(flag, str(value), least)


def _run_backend(name, params, seed, **options):
    """Simulate once; return the number of spikes and what the run cost."""
    recording = simulate(params, seed, name, **options)
    return int(recording.count_exc.sum() + recording.count_inh.sum()), recording.info


def time_all(points, simulators, repeats, quiet=False):
    """Run every simulator at every point, in turns.

    Parameters
    ----------
    points : sequence of Parameters
    simulators : dict
        Name and function (params, seed) -> number of spikes, info of the run.
    repeats : int
    quiet : bool

    Returns
    -------
    DataFrame
        One row per run: backend, N, p, lam, round, compile_s, build_s (graph and start), run_s
        (build and loop), s_per_simulated_s, peak_memory_MB, rate_Hz, ratio (to the reference of the
        same round and point).
    """
    total = repeats * len(points) * len(simulators)
    with progress_reporter("benchmark", quiet, doing="starting") as show:
        rows = []
        for turn, params in product(range(repeats), points):
            mine = []
            for name, run in simulators.items():
                place = f"{name} at N = {params.N}, p = {params.p:g}, round {turn + 1}"
                show((len(rows) + len(mine)) / total, place)
                spikes, info = run(params, turn + 1)
                seconds = float(params.duration / second)
                mine.append({
                    "backend": name,
                    "N": params.N,
                    "p": params.p,
                    "lam": params.lam,
                    "round": turn,
                    "compile_s": info["compile_s"],
                    "build_s": info["run_s"] - info["loop_s"],
                    "run_s": info["run_s"],
                    "s_per_simulated_s": info["run_s"] / seconds,
                    "peak_memory_MB": info["peak_memory_MB"],
                    "rate_Hz": spikes / params.N / seconds,
                    **{f"{phase}_s": s / seconds for phase, s in phases(info).items()},
                    **rows_read(params, spikes / seconds, info),
                })  # fmt: skip
            reference = [row["run_s"] for row in mine if row["backend"] == REFERENCE]
            for row in mine:
                row["ratio"] = reference[0] / row["run_s"] if reference else np.nan
            rows += mine
        show(1)
    return pd.DataFrame(rows)


def medians(runs):
    """Return the median of every column of `time_all` over rounds: a row per point and backend."""
    table = runs.drop(columns="round").groupby(["N", "p", "lam", "backend"], sort=False).median()
    return table.reset_index()


def scaling(table, params):
    """Fit how the time grows with N at fixed p, and with the number of neurons times their rate.

    Returns
    -------
    list of str
        One line per backend: exponent of N, and seconds per simulated second and neuron x Hz.
    """
    lines = ["Scaling at p = " + format(params.p, "g")]
    for backend, mine in table[table.p == params.p].groupby("backend", sort=False):
        if mine.N.nunique() < 2:
            continue
        exponent = np.polyfit(np.log(mine.N), np.log(mine.s_per_simulated_s), 1)[0]
        lines.append(f"  {backend}: run time grows as N^{exponent:.2f}")
        for row in mine.itertuples():
            spikes = row.N * row.rate_Hz
            each = 1e6 * row.s_per_simulated_s / spikes if spikes else np.nan
            lines.append(
                f"    N = {row.N:>7,}: {row.s_per_simulated_s:.3f} s per simulated s, "
                f"{spikes:,.0f} spikes per simulated s, {each:.2f} us per spike"
            )
    return lines


if __name__ == "__main__":
    sys.exit(run_command(main))
