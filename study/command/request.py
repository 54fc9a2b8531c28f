"""From flags to a Request, and which recorded sweep goes on where no grid is given."""

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from models.ensemble import RANGES, latin_hypercube
from models.parameters import ParameterError, quantity
from study.command.arguments import as_usage_error, models_from, parameters_from
from study.command.axes import check_size, grid_from, varied_from
from study.command.flags import FLAGS
from study.command.folder_name import sweep_name
from study.command.numbers import integer, seed_from
from study.command.parser import UsageError
from study.store.folders import StoreError, finished_record, result_folder
from study.store.rebuild import request_from_trials
from study.store.sweep_folder import RECORD, has_trials, recorded_sweep
from study.trial.request import Request
from study.trial.trial import check_measurable

_VALUES = (
    *("n", "duration", "transient", "trials", "seed", "backend", "precision"),
    *("mass_integrator", "constants", "sample"),
)
"""The flags that take one value, as the parsed arguments name them."""
_LISTS = ("set", "vary", "model", "closed", "ceiling")
"""Those that may be repeated."""


def check_rebuild(folder):
    """Raise StoreError or UsageError where sweep.json cannot be made again, or need not be."""
    with suppress(StoreError):
        if finished_record(folder, RECORD) is not None:
            raise UsageError(f"--rebuild: {RECORD} is whole, got {folder}")
    if not has_trials(folder):
        raise StoreError(f"must hold finished trials to rebuild {RECORD} from, got {folder}")


def _precision(arguments):
    if arguments.budget and arguments.precision != "double":
        raise UsageError("--precision: must be double with --budget, whose balance is exact")
    return arguments.precision


def _sample(arguments, members, varied):
    """Return the values of the constants that --sample draws, in SI units."""
    if not members:
        return {}
    for name in varied:
        if name in RANGES:
            raise UsageError(f"--sample: draws {name}, which must not stand beside --vary {name}")
    return latin_hypercube(members, seed_from(arguments))


def request_of(arguments, params, ties=(), axes=None, sample=None):
    """Return the Request of flags that study.run and study.sweep share.

    Parameters
    ----------
    arguments : argparse.Namespace
    params : models.parameters.Parameters
        Of the first point.
    ties : dict
    axes : dict, optional
        Values along each axis in SI units; none but the point itself.
    sample : dict, optional
        Values that vary together, in SI units.

    Raises
    ------
    UsageError
    """
    return Request.of(
        params,
        axes,
        dict(ties),
        sample,
        trials=integer("--trials", arguments.trials, 1),
        seed=seed_from(arguments),
        backend=arguments.backend,
        precision=_precision(arguments),
        mass_integrator=arguments.mass_integrator,
        models=models_from(arguments, params),
        budget=arguments.budget,
    )


def sweep_request(parser, arguments, argv):
    """Return the Request of a sweep, and its folder.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    arguments : argparse.Namespace
        What it made of `argv`.
    argv : list of str or None

    Raises
    ------
    UsageError
    """
    if arguments.rebuild and not arguments.out:
        raise UsageError("--rebuild: must stand beside --out")
    if arguments.out and not (arguments.grid or arguments.p or arguments.lam):
        folder, given = result_folder(arguments.out), _given(parser, argv)
        if arguments.rebuild:
            check_rebuild(folder)
            root = seed_from(arguments) if given.pop("seed", None) else None
            _refuse(given, "needs the grid, too: --grid, or --p and --lam")
            return request_from_trials(folder, root), folder
        recorded = recorded_sweep(folder)
        if recorded is not None:
            _refuse(given, "needs the grid, too: --grid, or --p and --lam", recorded["request"])
            return Request.from_record(recorded["request"]), folder
    p, lam = grid_from(arguments)
    varied = varied_from(arguments)
    members = integer("--sample", arguments.sample, 2) if arguments.sample else 0
    trials = integer("--trials", arguments.trials, 1)
    check_size({"p": p, "lam": lam, **varied}, trials, max(members, 1))
    sample = _sample(arguments, members, varied)
    if "delay" in varied and arguments.closed:
        raise UsageError("--closed: closed models know no delay, got --vary delay")
    first = {name: quantity(name, v[0]) for name, v in (varied | sample).items()}
    params, ties = parameters_from(arguments, p[0], lam[0], varied=first)
    request = request_of(arguments, params, ties, {"p": p, "lam": lam, **varied}, sample)
    try:
        request.check(check_measurable)
    except ParameterError as error:
        flags = {name: f"--vary {name}" for name in varied}
        flags |= dict.fromkeys(sample, f"--sample {members}")
        raise as_usage_error(error, FLAGS | flags) from None
    return request, result_folder(arguments.out or Path("results") / sweep_name(request.record()))


def _given(parser, argv):
    """Return the flags of a request that were given, also with the value of their default."""
    unset = Namespace(**dict.fromkeys((*_VALUES, "budget", "ceiling")))
    given = vars(parser.parse_args(argv, unset))  # which keeps None where no flag is given
    return {n: given[n] for n in (*_VALUES, *_LISTS, "budget") if given[n]}


def _refuse(given, rule, recorded=None):
    """Raise UsageError where there is a flag, saying what the recorded sweep has."""
    for name in given:
        said = f"; the sweep that is recorded there has {_said(name, recorded)}" if recorded else ""
        raise UsageError(f"--{name.replace('_', '-')}: {rule}{said}")


def _said(name, request):
    """Say what a sweep has for a flag."""
    parameters = request["parameters"]
    own = {"n": "N", "duration": "duration", "transient": "transient"}.get(name)
    if own in parameters:
        unit = "" if name == "n" else " " + parameters[own]["unit"]
        return f"{name} {parameters[own]['value']}{unit}"
    if name in ("set", "constants") or own:
        return "its parameters"
    if name == "sample":
        return f"{len(next(iter(request.get('sample', {}).values()), {}).get('si', ()))} sets"
    if name == "vary":
        return ", ".join(request.get("vary", {})) or "p and lam"
    if name in ("model", "closed", "ceiling", "budget"):
        there = [] if name == "budget" else [entry["address"] for entry in request["models"]]
        there = there or ["budget"] * request["budget"]
        return ", ".join(there) or f"no {name}"
    if name == "precision":
        return f"{request.get(name, 'double')} precision"
    return f"{name.replace('_', ' ')} {request[name]}"
