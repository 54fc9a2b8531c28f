"""The backend `synapses`: the network run by stock Brian2 objects, as C++ standalone.

It is the best that stock Brian2 can do (`delay=0*ms` spares it a queue per synapse), and the
reference that everything faster is checked against.
"""

import time

import numpy as np
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
    prefs,
    volt,
)
from brian2 import (
    seed as set_seed,
)

from models import balance
from models.engine.compiler import flags_for_cxx, make
from models.engine.program import REPORT, active, fresh_device, run_binary, temporary_folder
from models.network.lif import floats_of, neuron_group
from models.recording import Recording


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
    precision="double",
):
    """Simulate the network once with stock Brian2 objects.

    Parameters
    ----------
    params : Parameters
    seed : int
        0 ... 2**32 - 1.
    progress : callable, optional
        Called with the completed fraction, 0 ... 1, a few times a second while it runs.
    record_spikes : bool
        Keep `neuron` and `step` in the Recording.
    record_balance : bool
        Record what `models.balance` lists.
    edges : (source, target) integer arrays, optional
        The recurrent graph, instead of a drawn one.
    external : ((source, step), (source, target)), integer arrays, optional
        The spikes of the external trains and their edges, instead of drawn ones. A train may spike
        once per step.
    v_start_mV : array, shape (N,), optional
        Start potentials in mV, instead of uniform ones in [v_rest, v_thres].
    precision : {"double", "single"}
        Of state variables.

    Returns
    -------
    models.recording.Recording

    Raises
    ------
    RuntimeError
        There is no compiler, the program could not be compiled or did not finish, or there is no
        room for its files.
    """
    with temporary_folder() as folder:
        with (
            fresh_device("cpp_standalone") as device,
            flags_for_cxx(),
            floats_of(precision),
        ):
            set_seed(seed)
            net, monitors, synapses = declare(params, edges, external, v_start_mV, record_balance)
            net.run(params.steps * params.dt, report=REPORT, report_period=200 * ms, namespace={})
            device.build(directory=str(folder), compile=False, run=False)
        started = time.perf_counter()
        make(folder)
        info = {"backend": "synapses", "compile_s": time.perf_counter() - started}
        info |= _run(device, folder, progress)
        info["compiler_flags"] = " ".join(prefs.codegen.cpp.extra_compile_args_gcc)
        with active(device), floats_of(precision):
            return _read(params, monitors, synapses, record_spikes, info)


def declare(params, edges=None, external=None, v_start_mV=None, record_balance=False):
    """Declare the objects of one simulation; return Network, monitors and synapses by name."""
    clock = Clock(params.dt, name="step")
    if record_balance:
        stored = [f"{name} : {unit}" for name, unit in balance.UNITS.items()]
        neurons = neuron_group(params, clock, balance.recorded_euler, stored)
    else:
        neurons = neuron_group(params, clock)
    if v_start_mV is None:
        neurons.v = "v_rest + rand()*(v_thres - v_rest)"
    else:
        neurons.v = np.asarray(v_start_mV) * mV
    n, n_exc = params.N, params.N_exc
    if external is None:
        drive = PoissonGroup(params.M, rates=params.nu_ext, clock=clock, name="drive")
    else:
        (source, step), external_edges = external
        drive = SpikeGeneratorGroup(
            params.M, source, step * params.dt, clock=clock, name="drive", sorted=True
        )
    synapses = {}

    def connect(kind, source, target, first_source, explicit, p, condition=None):
        """Connect two populations; `first_source` is where `source` begins among its neurons."""
        if len(source) == 0 or len(target) == 0:
            return
        made = Synapses(
            source,
            target,
            on_pre=f"g_{kind}_post += g_hat_{kind}_post",
            delay=0 * ms if kind == "ext" else params.delay,
            clock=clock,
            name=f"synapses_{kind}",
        )
        if explicit is None:
            made.connect(condition=condition, p=p, namespace={})
        else:
            here = (explicit[0] >= first_source) & (explicit[0] < first_source + len(source))
            if not here.any():
                return
            made.connect(i=explicit[0][here] - first_source, j=explicit[1][here])
        synapses[kind] = made

    excitatory = neurons[:n_exc] if n_exc else ()
    inhibitory = neurons[n_exc:] if n_exc < n else ()
    connect("exc", excitatory, neurons, 0, edges, params.p, "i != j")
    connect("inh", inhibitory, neurons, n_exc, edges, params.p, f"i + {n_exc} != j")
    connect("ext", drive, excitatory, 0, external and external_edges, params.p_ext)

    # The mean potential as a summed variable: v of this step's start is summed just before the
    # state update (same slot, order - 1) and recorded at the end of the step.
    mean = NeuronGroup(1, "V : volt", clock=clock, name="mean")
    average = Synapses(
        neurons, mean, f"V_post = v_pre/{n} : volt (summed)", clock=clock, name="average"
    )
    average.connect()
    monitors = {
        "V": StateMonitor(mean, "V", record=True, when="end", clock=clock, name="record_V"),
        "spikes": SpikeMonitor(neurons, "v" if record_balance else None, name="record_spikes"),
        "drive": SpikeMonitor(drive, name="record_drive"),
    }
    net = Network(neurons, drive, mean, average, *synapses.values(), *monitors.values())
    if record_balance:
        monitors["balance"] = _record_means(net, neurons, n, clock)
    return net, monitors, synapses


def _record_means(net, neurons, n, clock):
    """Record the means of what `recorded_euler` stored; return the monitor.

    Sums for a group of order 2 are taken at order 1, after the state update.
    """
    lines = "\n".join(f"{name} : {unit}" for name, unit in balance.UNITS.items())
    means = NeuronGroup(1, lines, clock=clock, order=2, name="means")
    monitor = StateMonitor(means, [*balance.UNITS], True, when="end", clock=clock, name="record")
    sums = [
        f"{name}_post = {name}_pre/{n} : {unit} (summed)" for name, unit in balance.UNITS.items()
    ]
    average = Synapses(neurons, means, "\n".join(sums), clock=clock, name="average_balance")
    average.connect()
    net.add(means, monitor, average)
    return monitor


def _run(device, directory, progress):
    """Run the built program and let the device read its results; return what it took."""
    results = directory / "results"
    command = [str(directory / "main"), "--results_dir", f"{results}/"]
    used = run_binary(command, directory, progress)
    device.results_dir = f"{results}/"
    device.has_been_run = True
    return used


def _read(params, monitors, synapses, record_spikes, info):
    """Turn what the monitors hold into a Recording."""
    steps, n, n_exc = params.steps, params.N, params.N_exc

    def spikes(name):
        monitor = monitors[name]
        return np.asarray(monitor.i), np.rint(monitor.t / params.dt).astype(np.int32)

    def events(kind, source, step):
        """Sum the out-degrees of the sources whose spikes arrive in each step."""
        if kind not in synapses:
            return np.zeros(steps, np.int64)
        degree = np.zeros(max(n, params.M), np.int64)
        outgoing = synapses[kind].N_outgoing_pre
        degree[: len(outgoing)] = outgoing  # Brian2 counts from neuron 0
        later = 0 if kind == "ext" else round(float(params.delay / params.dt))
        arrival = step + later
        arrived = np.bincount(arrival, degree[source], minlength=steps)[:steps]
        return np.rint(arrived).astype(np.int64)

    neuron, step = spikes("spikes")
    exc = neuron < n_exc
    V_mV = np.asarray(monitors["V"].V[0] / mV)
    recorded = None
    if "balance" in monitors:
        means = {name: np.asarray(getattr(monitors["balance"], name)[0]) for name in balance.UNITS}
        jump = float(params.v_reset / volt) - np.asarray(monitors["spikes"].v)
        reset = np.bincount(step, jump, minlength=steps) / n
        recorded = balance.terms(means, reset, V_mV, params)
    return Recording(
        N=n,
        N_exc=n_exc,
        dt_ms=float(params.dt / ms),
        V_mV=V_mV,
        count_exc=np.bincount(step[exc], minlength=steps),
        count_inh=np.bincount(step[~exc], minlength=steps),
        events_exc=events("exc", neuron[exc], step[exc]),
        events_inh=events("inh", neuron[~exc], step[~exc]),
        events_ext=events("ext", *spikes("drive")),
        neuron=neuron if record_spikes else None,
        step=step if record_spikes else None,
        balance=recorded,
        info=info,
    )
