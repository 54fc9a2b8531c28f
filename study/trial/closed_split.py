"""Where the error of a closed model comes from: its input, its rate function or its potential.

The density with the network's whole input has nothing to get wrong but its rate function; with the
network's external input, nothing but what it makes of it; alone, all. The open models with the
density's spikes have its input and their own potential.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.settings import DEFAULT
from models.mass import registry
from models.mass.closed.external import received_events
from models.mass.closed.population_density import population_density
from models.mass.model import solve
from study.trial.measure import measure

WHOLE, EXTERNAL, ALONE = "network's whole input", "network's external input", "its own input"


def split(recording, params, seed, integrator="euler", settings=DEFAULT):
    """Measure the density with more and more of its input its own, and open models with its spikes.

    Parameters
    ----------
    recording : models.recording.Recording
    params : models.parameters.Parameters
    seed : int
    integrator : {"euler", "exact"}
        Of the open models.
    settings : analysis.settings.Settings

    Returns
    -------
    DataFrame
        A row per model and input, the network's first: `model`, `given`, the measures of a trial,
        and `rate_ratio`, `std_ratio`, `mean_error_mV` against the network.
    """
    events = {"exc": recording.events_exc, "inh": recording.events_inh}
    densities = {
        WHOLE: population_density(params, seed, recording.events_ext, events=events),
        EXTERNAL: population_density(params, seed, recording.events_ext),
        ALONE: population_density(params, seed),
    }
    predicted = _recording_of(densities[ALONE], recording, params, seed)
    series = {("density", given): of for given, of in densities.items()}
    for name in registry.named("compared"):
        model = registry.function(name)
        series[name, "network's spikes"] = solve(model, recording, params, integrator)
        series[name, "density's spikes"] = solve(model, predicted, params, integrator)
    named = {f"{model}|{given}": of for (model, given), of in series.items()}
    rows, *_ = measure(recording, named, params, settings)
    table = pd.DataFrame(rows).rename(columns={"model": "name"})
    names = table.name.str.partition("|")
    table.insert(0, "model", names[0])
    table.insert(1, "given", names[2])
    network = table.iloc[0]
    table["rate_ratio"] = table.rate_Hz / network.rate_Hz if network.rate_Hz else np.nan
    table["std_ratio"] = table.std_mV / network.std_mV
    table["mean_error_mV"] = table.mean_mV - network.mean_mV
    return table.drop(columns=["name", "p", "lam"])


def _recording_of(series, recording, params, seed):
    """Return the record that a network with the density's spikes would have given a mass model.

    With the external input that the density had: its first draw from the same seed.
    """
    dt_s, rng = recording.dt_ms * 1e-3, np.random.default_rng(seed)
    counts, events = {}, {}
    for kind, neurons in (("exc", params.N_exc), ("inh", params.N_inh)):
        rate_Hz = getattr(series, f"rate_{kind}_Hz")
        spikes = np.zeros(recording.steps) if rate_Hz is None else rate_Hz * neurons * dt_s
        counts[kind] = np.rint(spikes).astype(np.int64)
        events[kind] = np.rint(spikes * params.p * (params.N - 1)).astype(np.int64)
    external = received_events(params, rng) * params.N_exc
    return replace(
        recording,
        V_mV=series.V_mV,
        count_exc=counts["exc"],
        count_inh=counts["inh"],
        events_exc=events["exc"],
        events_inh=events["inh"],
        events_ext=np.rint(external).astype(np.int64),
        neuron=None,
        step=None,
        balance=None,
    )
