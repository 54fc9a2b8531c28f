"""The backend `dense`: the network of `models.network.lif`, run by the dense engine."""

import dataclasses
import functools
import re
import time

import numpy as np
from brian2 import Clock, Network, get_device, ms, prefs, second

from models import balance
from models.engine import values
from models.engine.cache import compiled
from models.engine.compiler import compiler, flags_for_cxx
from models.engine.device import NAME
from models.engine.drive import PoissonDrive
from models.engine.program import REPORT, fresh_device, run_binary, temporary_folder
from models.engine.recorder import EventRecorder, SpikeMeanRecorder, record_in_state_update
from models.engine.synapses import DenseSynapses
from models.network.lif import CONSTANTS, FLOATS, euler, floats_of, neuron_group
from models.network.memory import check_memory
from models.parameters import TABLE_1
from models.recording import TYPES, Recording

PHASES = "phases.txt"


def simulate(
    params,
    seed,
    *,
    progress=None,
    record_spikes=True,
    record_balance=False,
    edges=None,
    external=None,
    v_start_mV=None,
    threads=1,
    precision="double",
    vector_level="",
    phases=False,
):
    """Simulate the network once with the dense engine.

    Parameters
    ----------
    params, seed, progress, record_spikes, record_balance, edges, external, v_start_mV
        As in `models.network.stock.simulate`.
    threads : int
        That share the simulation. Any number of them gives the same numbers.
    precision : {"double", "single"}
        Of state variables and of the series of their means, whose sums are taken in double.
    vector_level : {"", "plain", "avx2", "avx512"}
        Which instructions the hand-written loops use; "" takes the widest of the machine. All give
        the same numbers.
    phases : bool
        Let `info["phases"]` tell the seconds that each part of a step has taken, over all steps.

    Returns
    -------
    models.recording.Recording

    Raises
    ------
    ParameterError
        The network does not fit into memory.
    RuntimeError
        The program could not be compiled or did not finish, or there is no room for its files.
    """
    if record_balance and precision != "double":
        raise ValueError(f"the balance is recorded in double precision, got {precision}")
    check_memory(params)
    started = time.perf_counter()
    settings = (*compiler(), prefs.as_file)
    sources = _sources(params.N, params.M, record_balance, precision, settings)
    program = compiled(sources)
    info = {"backend": "dense", "compile_s": time.perf_counter() - started}
    info["compiler_flags"] = re.search(r"OPTIMISATIONS = (.*)", sources["makefile"]).group(1)
    given = {**_parameter_values(params, seed), "threads": threads}
    given["record_spikes"] = "1" if record_spikes else "0"
    if vector_level:
        given["vector_level"] = vector_level
    if phases:
        given["phases"] = PHASES
    if v_start_mV is not None:
        given["neurons.v"] = np.asarray(v_start_mV) * 1e-3
    if edges is not None:
        source, target = map(np.asarray, edges)
        for kind, chosen in (("exc", source < params.N_exc), ("inh", source >= params.N_exc)):
            del given[f"synapses_{kind}.p"]
            given[f"synapses_{kind}.edges"] = np.column_stack([source[chosen], target[chosen]])
    if external is not None:
        spikes, external_edges = external
        del given["synapses_ext.p"]
        given["synapses_ext.edges"] = np.column_stack(external_edges)
        given["drive.spikes"] = np.column_stack(spikes)
    with temporary_folder() as folder:
        values.write(given, folder)
        info |= run_binary([str(program), "--results_dir", f"{folder}/"], folder, progress)
        info["vector_level"] = values.check_used(given, folder)["vector_level"]
        if phases:
            lines = (folder / PHASES).read_text().splitlines()
            info["phases"] = {name: float(s) for name, s in (line.split() for line in lines)}
        return _read(params, folder, record_spikes, record_balance, precision, info)


def _parameter_values(params, seed):
    """Return the values of one run by the names that the program knows them by."""
    si, n, n_exc = params.si(), params.N, params.N_exc
    given = {
        "seed": seed,
        "step.dt": si["dt"],
        "defaultclock.dt": si["dt"],  # Brian2 declares this clock too; nothing runs on it
        "run_0.duration": params.steps * si["dt"],
        "drive.rate": si["nu_ext"],
        **{f"neurons.{name}": si[name] for name in CONSTANTS},
    }
    for kind, sources, targets, p in (
        ("exc", (0, n_exc), (0, n), params.p),
        ("inh", (n_exc, n), (0, n), params.p),
        ("ext", (0, params.M), (0, n_exc), params.p_ext),
    ):
        name = f"synapses_{kind}"
        given[f"{name}.source_start"], given[f"{name}.source_stop"] = sources
        given[f"{name}.target_start"], given[f"{name}.target_stop"] = targets
        given[f"{name}.p"] = float(p)
        given[f"{name}.delay"] = 0.0 if kind == "ext" else si["delay"]
    return given


@functools.lru_cache(maxsize=8)
def _sources(N, M, record_balance, precision, settings):
    """Generate the program for N neurons and M trains: the text of each of its files.

    It depends on the compiler and on Brian2's preferences too: `settings` tells their kinds apart.
    """
    params = dataclasses.replace(TABLE_1, N=N, M=M)
    with (
        temporary_folder() as folder,
        fresh_device(NAME) as device,
        flags_for_cxx(),
        floats_of(precision),
    ):
        network = _declare(params, record_balance)
        network.run(params.duration, report=REPORT, report_period=0.2 * second, namespace={})
        device.writes_arrays = False
        device.build(directory=str(folder), compile=False, run=False)
        return device.sources()


def _declare(params, record_balance):
    """Declare the network; which neurons are excitatory is left to each run."""
    clock = Clock(params.dt, name="step")
    neurons = neuron_group(params, clock, balance.recorded_euler if record_balance else euler)
    neurons.v = "v_rest + rand()*(v_thres - v_rest)"
    get_device().fill_at_run_time(neurons.variables["v"])
    drive = PoissonDrive(params.M, params.nu_ext, clock=clock, name="drive")
    synapses = [
        DenseSynapses(
            drive if kind == "ext" else neurons,
            neurons,
            f"g_{kind}_post += g_hat_{kind}_post",
            p=0,
            name=f"synapses_{kind}",
        )
        for kind in TYPES
    ]
    recorders = [EventRecorder(neurons, synapses, "spikes")]
    record_in_state_update(neurons, ["v", *(balance.STATEMENTS if record_balance else ())])
    if record_balance:
        recorders.append(SpikeMeanRecorder(neurons, balance.RESET_JUMP, "reset"))
    return Network(neurons, drive, *synapses, *recorders, name="network")


def _read(params, folder, record_spikes, record_balance, precision, info):
    """Turn the files that the program left into a Recording."""

    def series(name, kind):
        return np.fromfile(folder / name, kind)

    count_exc, count_inh = (series(f"synapses_{kind}_spikes", np.int32) for kind in ("exc", "inh"))
    neuron = step = None
    if record_spikes:
        neuron = series("spikes", np.uint16 if params.N <= 2**16 else np.int32)
        step = np.repeat(np.arange(params.steps, dtype=np.int32), count_exc + count_inh)
    V_mV = series("v", FLOATS[precision]).astype(np.float64) * 1e3
    recorded = None
    if record_balance:
        means = {name: series(name, np.float64) for name in balance.STATEMENTS}
        recorded = balance.terms(means, series("reset", np.float64), V_mV, params)
    return Recording(
        N=params.N,
        N_exc=params.N_exc,
        dt_ms=float(params.dt / ms),
        V_mV=V_mV,
        count_exc=count_exc,
        count_inh=count_inh,
        neuron=neuron,
        step=step,
        balance=recorded,
        info=info,
        **{f"events_{kind}": series(f"synapses_{kind}_events", np.int64) for kind in TYPES},
    )
