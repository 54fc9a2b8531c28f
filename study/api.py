"""From Python: `from study import compare, load, predict`; keywords are flags of the commands."""

import contextlib
import difflib
import numbers
import time
import warnings
from dataclasses import replace
from pathlib import Path

from brian2 import Quantity, second

from models.constants import COUNTS, MEANINGS
from models.mass.registry import ADDRESS, CLOSED, INTEGRATORS, SECOND
from models.network.memory import check_memory
from models.network.simulate import BACKENDS, PRECISIONS, SEED_LIMIT
from models.parameters import CONSTANTS, UNITS
from models.quantities import parse_value
from study.command.constants import changed, check_alike
from study.prediction import Prediction
from study.results import Point, Study, checked_models, chosen_models, one_of
from study.store.folders import RECORD, StoreError, check_destination, check_writable
from study.store.keep_run import keep
from study.store.read_sweep import read_points
from study.store.run_folder import FILES, read_run, run_of
from study.trial.closed import ClosedModel
from study.trial.outcome import outcome
from study.trial.prediction import predicted
from study.trial.request import Request
from study.trial.run_job import simulated
from study.trial.trial import compared_models


def compare(
    p,
    lam,
    *,
    n=None,
    duration=30,
    transient=3,
    trials=1,
    seed=1,
    backend="dense",
    precision="double",
    threads=1,
    mass_integrator="euler",
    constants="calibrated",
    budget=False,
    models=None,
    ceiling=False,
    out=None,
    force=False,
    quiet=False,
    **parameters,
):
    """Simulate networks, drive the mass models with their input and compare.

    Parameters
    ----------
    p, lam : float
        Connection probability, fraction of excitatory neurons.
    n : int, optional
        Neurons.
    duration, transient : number of seconds, Quantity or text
    trials, seed : int
        Independent networks, and the seed that theirs follow from.
    backend, precision, mass_integrator, constants : str
    threads : int
        That share each simulation; any number gives the same results.
    budget : bool
        Also say what each assumption of the mass models costs.
    models : dict of functions or list of str, optional
        Mass models of your own by name, see `models.mass.model`; or names of closed models, as
        --closed takes them.
    ceiling : bool
        Also a second network with the same external input, which shows what a closed model can
        reach.
    out : path, optional
        Folder to keep the result in, as study.run does; nothing is written without it.
    force : bool
        Replace a run that is there.
    quiet : bool
        Show no progress.
    **parameters
        Any other parameter: a number or Quantity, a text with its unit ("0.01*nS"), or the name of
        another parameter of the same unit, which it follows.

    Returns
    -------
    Point

    Raises
    ------
    ValueError
        Names the parameter, its rule and the value.
    """
    started = time.perf_counter()
    one_of("backend", backend, BACKENDS)
    one_of("precision", precision, PRECISIONS)
    one_of("mass_integrator", mass_integrator, INTEGRATORS)
    one_of("constants", constants, CONSTANTS)
    _whole("trials", trials, 1)
    _whole("threads", threads, 1)
    if budget and precision != "double":
        raise ValueError("precision must be double with budget, whose balance is exact")
    if threads > 1 and backend != "dense":
        raise ValueError(f"threads must be 1 with the backend {backend}, got {threads}")
    _whole("seed", seed, 0, SEED_LIMIT)
    params = _parameters(p, lam, n, duration, transient, constants, parameters)
    check_memory(params, backend)
    folder = None if out is None else _destination(out, force)
    own = chosen_models(models or {}) | ({SECOND: ClosedModel(SECOND)} if ceiling else {})
    mass_models = compared_models() | checked_models(own)
    request = Request.of(
        params,
        trials=trials,
        seed=seed,
        backend=backend,
        precision=precision,
        mass_integrator=mass_integrator,
        models=[{"address": _address(f), "digest": ""} for f in own.values()],
        budget=bool(budget),
    )
    recordings = []

    def trials_of_all():
        for job in request.run_jobs():
            with _progress(f"trial {job.trial + 1} of {trials}", quiet) as show:
                trial = simulated(replace(job, threads=threads), mass_models, show)
            recordings.append(trial.recording)
            yield trial

    tables = outcome(trials_of_all(), seed, budget)
    run = run_of(tables, request.run_record()["parameters"])
    if folder is not None:
        from study.drawing.run_pictures import draw_run

        for error in keep(request, tables, folder, started, draw_run):
            warnings.warn(f"{error}; all else is kept", stacklevel=2)
    return Point(run, params, tables, tuple(recordings), own, mass_integrator)


def predict(
    p,
    lam,
    *,
    model="density",
    n=None,
    duration=30,
    transient=3,
    seed=1,
    noise=True,
    constants="calibrated",
    **parameters,
):
    """Let a closed model say what the parameters alone imply; no network is simulated.

    Parameters
    ----------
    p, lam, n, duration, transient, constants, **parameters
        As in `compare`.
    model : str
        A key of `models.mass.registry.CLOSED`.
    seed : int
        Of the noise of a finite population and of the input.
    noise : bool
        Without it: what an infinite population does with the mean input.

    Returns
    -------
    Prediction

    Raises
    ------
    ValueError
        Names the parameter, its rule and the value.
    """
    one_of("model", model, CLOSED)
    one_of("constants", constants, CONSTANTS)
    _whole("seed", seed, 0, SEED_LIMIT)
    params = _parameters(p, lam, n, duration, transient, constants, parameters)
    return Prediction(model, params, predicted(model, params, seed, noise=noise))


def load(folder):
    """Read the folder of a run or of a sweep, its hashes checked.

    Returns
    -------
    Point or Study

    Raises
    ------
    ValueError
        It is neither, or a file is not what was written.
    """
    folder = Path(folder)
    if (folder / RECORD).is_file():
        return Point(read_run(folder, checked=True))
    return Study(folder, read_points(folder, whole=True))


def _parameters(p, lam, n, duration, transient, constants, given):
    """Return the Parameters that keywords ask for."""
    changes, ties = {"p": p, "lam": lam}, {}
    for name, value in {"duration": duration, "transient": transient}.items():
        value = _value(name, value)
        changes[name] = value if isinstance(value, Quantity) else value * second
    if n is not None:
        changes["N"] = n
    for name, value in given.items():
        if name not in MEANINGS or name == "N":
            close = difflib.get_close_matches(name, MEANINGS, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"{name} must be a parameter or a flag{hint}")
        if isinstance(value, str) and value.strip() in MEANINGS:
            check_alike(name, value.strip())
            ties[name] = value.strip()
        else:
            changes[name] = _value(name, value)
    return changed(constants, changes, ties)[0]


def _value(name, value):
    """Read a text with a unit; everything else is what it is."""
    if not isinstance(value, str):
        if name in ("duration", "transient") and not isinstance(value, (numbers.Real, Quantity)):
            raise ValueError(f"{name} must be seconds, a Quantity or a text, got {value!r}")
        return value
    try:
        parsed = parse_value(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return parsed if name in UNITS or name in COUNTS else float(parsed)


def _whole(name, value, least, limit=None):
    rule = f">= {least}" if limit is None else f"in [{least}, {limit - 1}]"
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least or (limit is not None and value >= limit):
        raise ValueError(f"{name} must be an integer {rule}, got {value!r}")


def _address(function):
    """Return where a function comes from, as a record says it."""
    if isinstance(function, ClosedModel):
        return ADDRESS + function.name
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"{getattr(function, '__module__', '?')}:{name}"


def _destination(out, force):
    """Return a folder that the result can be kept in."""
    folder = Path(out)
    try:
        check_destination(folder, replaced=FILES)
        check_writable(folder, in_one_step=True)
    except StoreError as error:
        raise ValueError(f"out: {error}") from None
    if (folder / RECORD).is_file() and not force:
        rule = "holds a finished run, which load() reads and force=True replaces"
        raise ValueError(f"out: {rule}, got {out}")
    return folder


@contextlib.contextmanager
def _progress(label, quiet):
    """Yield a function that shows the completed fraction, in a notebook as in a terminal."""
    if quiet:
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without widgets gets text
        from tqdm.auto import tqdm

        bar = tqdm(total=100, desc=label, bar_format="{desc}: {percentage:3.0f}% {bar} {elapsed}")
    with bar:
        yield lambda fraction: bar.update(int(100 * fraction) - bar.n)
