"""The same network in NEST, to be timed beside the project's own backends.

NEST integrates with an adaptive Runge-Kutta method and delivers a spike one step after it was fired
at the earliest, so that rates agree, not spikes. Its threshold is an escape rate here: the one of
its models that has three synaptic time constants, `gif_cond_exp_multisynapse`, spikes with the
hazard lambda_0 exp((V - V_T)/Delta_V), made so steep that it is a threshold.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from models.engine.program import run_binary
from models.parameters import from_si
from study.trial.provenance import peak_memory_MB


def run_nest(params, seed):
    """Simulate the network in NEST, in a process of its own.

    Returns
    -------
    spikes : int
    info : dict
        As `models.recording.Recording.info`.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "request.json").write_text(json.dumps([params.si(), seed]))
        info = run_binary([sys.executable, "-m", "study.peers.nest", folder], folder)
        spikes, build_s, loop_s, peak_MB = json.loads((Path(folder) / "result.json").read_text())
    measured = {"run_s": build_s + loop_s, "loop_s": loop_s, "peak_memory_MB": peak_MB}
    return spikes, {**info, "compile_s": 0.0, **measured}


def build_and_run(params, seed):
    """Build and run the network; return its spikes and the seconds for building and simulating."""
    import nest  # an extra; says a lot when it is imported

    si = params.si()
    started = time.perf_counter()
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.resolution = si["dt"] * 1e3
    nest.rng_seed = seed + 1  # NEST takes 1 ... 2**32 - 1
    capacitance = si["g_leak"] * si["tau_mem"]
    neurons = nest.Create("gif_cond_exp_multisynapse", params.N, {
        "C_m": capacitance * 1e12,
        "g_L": si["g_leak"] * 1e9,
        "E_L": si["v_rest"] * 1e3,
        "V_reset": si["v_reset"] * 1e3,
        "V_T_star": si["v_thres"] * 1e3,
        "Delta_V": 1e-3,
        "lambda_0": 1e3 / si["dt"],
        "t_ref": si["tau_ref"] * 1e3,
        "tau_syn": [si[f"tau_{s}"] * 1e3 for s in ("exc", "inh", "ext")],
        "E_rev": [si[f"v_rev_{s}"] * 1e3 for s in ("exc", "inh", "ext")],
        "V_m": nest.random.uniform(si["v_rest"] * 1e3, si["v_thres"] * 1e3),
    })  # fmt: skip
    noise = nest.Create("noise_generator", {
        "std": capacitance * (si["Q"] / si["dt"]) ** 0.5 * 1e12,
        "dt": si["dt"] * 1e3,
    })  # fmt: skip
    nest.Connect(noise, neurons)
    poisson = nest.Create("poisson_generator", {"rate": si["nu_ext"]})
    drive = nest.Create("parrot_neuron", params.M)
    nest.Connect(poisson, drive)
    excitatory, inhibitory = neurons[: params.N_exc], neurons[params.N_exc :]
    for receptor, s, sources, targets, p in (
        (1, "exc", excitatory, neurons, params.p),
        (2, "inh", inhibitory, neurons, params.p),
        (3, "ext", drive, excitatory, params.p_ext),
    ):
        if len(sources) and len(targets):
            rule = {"rule": "pairwise_bernoulli", "p": p, "allow_autapses": False}
            weight, delay = si[f"g_hat_{s}"] * 1e9, si["dt"] * 1e3
            synapse = {"weight": weight, "delay": delay, "receptor_type": receptor}
            nest.Connect(sources, targets, rule, synapse)
    counter = nest.Create("spike_recorder", {"record_to": "memory"})
    nest.Connect(neurons, counter)
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(params.steps * si["dt"] * 1e3)
    nest.Cleanup()
    return int(counter.n_events), built - started, time.perf_counter() - built


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    given, given_seed = json.loads((folder / "request.json").read_text())
    result = build_and_run(from_si(given), given_seed)
    (folder / "result.json").write_text(json.dumps([*result, peak_memory_MB()]))
