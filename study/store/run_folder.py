"""The files of a run: traces.npz, and all files read back, as its pictures are drawn from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measures import NETWORK
from study.store.folders import RECORD, StoreError, read_record, write_json
from study.store.hashes import changed_files, file_hashes

FILES = (
    *("summary.csv", "trials.csv", "spectra.parquet", "traces.npz", "figure.png"),
    *("budget.csv", "budget.png", RECORD),
)
"""What the folder of a run can hold."""
SHOWN_NEURONS = 100
"""Of so many the spikes are kept, the two types in the proportion of the network."""
LARGEST_FLOAT32 = 1e4
"""Up to this size float32 is exact to 0.001, more than is shown."""


@dataclass(frozen=True)
class Traces:
    """The series of one trial, step by step, as traces.npz holds them.

    Attributes
    ----------
    N, N_exc : int
        Neurons, and how many of them, the first ones, are excitatory.
    t_ms : array, shape (K,)
        Start of each step.
    V_mV : dict of arrays, shape (K,)
        Mean potential of the network, first, and of each mass model that has one.
    phi_Hz : dict of arrays, shape (K,)
        Population input of each type.
    count_exc, count_inh : arrays, shape (K,)
        Spikes of both populations.
    neuron, step : arrays, shape (S,)
        Spikes of the first neurons of each type, `shown_neurons`, sorted by step.
    """

    N: int
    N_exc: int
    t_ms: np.ndarray
    V_mV: dict
    phi_Hz: dict
    count_exc: np.ndarray
    count_inh: np.ndarray
    neuron: np.ndarray
    step: np.ndarray

    def __repr__(self):
        return f"<traces of {', '.join(self.V_mV)}: {len(self.t_ms)} steps>"


@dataclass(frozen=True)
class Run:
    """A finished run, read back.

    Attributes
    ----------
    parameters : dict
        Of each its `value`, `unit` and `si`, as in run.json.
    summary : DataFrame
    mean_power : DataFrame
        Spectra averaged over trials: model, frequency_Hz, power.
    budget : DataFrame or None
    traces : Traces
    statuses : dict
        Of each model in the trial of the traces.
    max_lag_ms : float
        How far correlations reach.
    trials : DataFrame
        One row per trial and model.
    """

    parameters: dict
    summary: pd.DataFrame
    mean_power: pd.DataFrame
    budget: pd.DataFrame | None
    traces: Traces
    statuses: dict
    max_lag_ms: float
    trials: pd.DataFrame


def shown_neurons(N, N_exc):
    """Return of how many excitatory and inhibitory neurons spikes are kept: the first ones."""
    shown = min(SHOWN_NEURONS, N)
    exc = round(shown * N_exc / N)
    return exc, shown - exc


def traces_of(recording, V_mV):
    """Take from a recording, and the potentials of its mass models, what the traces hold."""
    exc, inh = shown_neurons(recording.N, recording.N_exc)
    neuron = step = np.zeros(0, np.int32)
    if recording.neuron is not None:
        place = recording.neuron.astype(np.int64)
        kept = (place < exc) | ((place >= recording.N_exc) & (place < recording.N_exc + inh))
        neuron, step = recording.neuron[kept], recording.step[kept]
    phi_Hz = {kind: recording.phi_Hz(kind) for kind in ("exc", "inh", "ext")}
    return Traces(
        *(recording.N, recording.N_exc, recording.t_ms, {NETWORK: recording.V_mV, **V_mV}, phi_Hz),
        *(recording.count_exc, recording.count_inh, neuron, step),
    )


def write_traces(path, traces):
    """Write traces.npz: compressed, float32 where that is exact to the digits that are shown."""
    arrays = {f"V_mV_{model}": _short(V_mV) for model, V_mV in traces.V_mV.items()}
    arrays |= {f"phi_{kind}_Hz": _short(phi_Hz) for kind, phi_Hz in traces.phi_Hz.items()}
    for name in ("N", "N_exc", "t_ms", "count_exc", "count_inh"):
        arrays[name] = getattr(traces, name)
    arrays |= {"spike_neuron": traces.neuron, "spike_step": traces.step}
    np.savez_compressed(path, **arrays)


def write_outcome(folder, tables):
    """Write the tables and the traces of a run.

    Parameters
    ----------
    folder : Path
    tables : study.trial.outcome.Outcome
    """
    tables.summary.to_csv(folder / "summary.csv", index=False)
    tables.trials.to_csv(folder / "trials.csv", index=False)
    tables.mean_power.to_parquet(folder / "spectra.parquet", index=False)
    write_traces(folder / "traces.npz", traces_of(tables.first.recording, tables.first.V_mV))
    if tables.budget is not None:
        tables.budget.to_csv(folder / "budget.csv", index=False)


def write_record(folder, record):
    """Write run.json, with the hashes of all that lies beside it."""
    files = {name: digest for name, digest in file_hashes(folder).items() if name != RECORD}
    write_json(folder / RECORD, {**record, "files": files})


def run_of(tables, parameters):
    """Arrange an Outcome as the Run that would be read from its folder."""
    first = tables.first
    return Run(
        parameters,
        tables.summary,
        tables.mean_power,
        tables.budget,
        traces_of(first.recording, first.V_mV),
        {row["model"]: row["status"] for row in first.rows},
        first.settings.max_lag_ms,
        tables.trials,
    )


def _short(series):
    finite = np.isfinite(series).all() and np.abs(series).max() < LARGEST_FLOAT32
    return series.astype(np.float32) if finite else series


def read_traces(path):
    """Read traces.npz, or raise StoreError where an earlier version wrote it."""
    with np.load(path, allow_pickle=False) as file:
        if "spike_neuron" not in file:
            rule = "holds the traces of an earlier version, without spikes"
            raise StoreError(f"{rule}, got {path}; --force computes the run again")
        arrays = dict(file)
    V_mV, phi_Hz = {}, {}
    for name, series in arrays.items():
        if name.startswith("V_mV_"):
            V_mV[name.removeprefix("V_mV_")] = series.astype(float)
        elif name.startswith("phi_"):
            phi_Hz[name.split("_")[1]] = series.astype(float)
    return Traces(
        *(int(arrays["N"]), int(arrays["N_exc"]), arrays["t_ms"], V_mV, phi_Hz),
        *(arrays["count_exc"], arrays["count_inh"]),
        *(arrays["spike_neuron"], arrays["spike_step"]),
    )


def read_csv(path):
    """Read a table of a run; a model may be called NA: nothing but an empty cell is missing."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def read_run(folder, checked=False):
    """Read a finished run.

    Parameters
    ----------
    folder : path
    checked : bool
        Compare every file but the pictures with its hash.

    Raises
    ------
    StoreError
        There is none, it cannot be read, its traces are of an earlier version, or a file is not
        what was written.
    """
    folder = Path(folder)
    record = read_record(folder)
    if record is None:
        raise StoreError(f"must hold a finished run, got {folder}")
    try:
        trials, budget = read_csv(folder / "trials.csv"), folder / "budget.csv"
        first = trials[trials.trial == trials.trial.min()]
        run = Run(
            parameters=record["request"]["parameters"],
            summary=read_csv(folder / "summary.csv"),
            mean_power=pd.read_parquet(folder / "spectra.parquet"),
            budget=read_csv(budget) if budget.is_file() else None,
            traces=read_traces(folder / "traces.npz"),
            statuses=dict(zip(first.model, first.status)),
            max_lag_ms=record["measures"]["max_lag_ms"],
            trials=trials,
        )
    except StoreError:
        raise
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise StoreError(f"holds a run that cannot be read ({said}), got {folder}") from None
    kept = {name: h for name, h in record.get("files", {}).items() if name[-4:] != ".png"}
    if checked and (changed := changed_files(folder, kept, RECORD)):
        raise StoreError(f"{changed[0]}, got {folder}")
    return run
