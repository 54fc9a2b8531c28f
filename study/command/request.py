"""What a sweep is asked for: plain values that decide every number, as sweep.json keeps them."""

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from models.parameters import shown
from study.command.arguments import integer, models_from, parameters_from, seed_from, ties_from
from study.command.axes import check_size, grid_from
from study.command.folder_name import sweep_name
from study.command.parser import UsageError
from study.store.folders import StoreError, finished_record, result_folder
from study.store.rebuild import request_from_trials
from study.store.sweep_folder import RECORD, has_trials, recorded_sweep

_VALUES = (
    *("n", "duration", "transient", "trials", "seed", "backend", "mass_integrator", "constants"),
)
"""The flags that take one value, as the parsed arguments name them."""


def check_rebuild(folder):
    """Raise StoreError or UsageError where sweep.json cannot be made again, or need not be."""
    with suppress(StoreError):
        if finished_record(folder, RECORD) is not None:
            raise UsageError(f"--rebuild: {RECORD} is whole, got {folder}")
    if not has_trials(folder):
        raise StoreError(f"must hold finished trials to rebuild {RECORD} from, got {folder}")


def request_from(parser, arguments, argv):
    """Return everything that decides the numbers, as it is kept in sweep.json, and the folder.

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
            return recorded["request"], folder
    p, lam = grid_from(arguments)
    trials = integer("--trials", arguments.trials, 1)
    check_size(p, lam, trials)
    params = parameters_from(arguments, p[0], lam[0])
    parameters = shown(params)
    request = {
        "p": p,
        "lam": lam,
        "trials": trials,
        "seed": seed_from(arguments),
        "backend": arguments.backend,
        "mass_integrator": arguments.mass_integrator,
        "models": models_from(arguments, params),
        "budget": arguments.budget,
        "parameters": {n: value for n, value in parameters.items() if n not in ("p", "lam")},
    }
    along = {name: other for name, other in ties_from(arguments).items() if other in ("p", "lam")}
    if along:
        request["ties"] = along
    return request, result_folder(arguments.out or Path("results") / sweep_name(request))


def _given(parser, argv):
    """Return the flags of a request that were given, also with the value of their default."""
    unset = Namespace(**dict.fromkeys((*_VALUES, "budget")))
    given = vars(parser.parse_args(argv, unset))  # which keeps None where no flag is given
    return {n: given[n] for n in (*_VALUES, "set", "model", "budget") if given[n]}


def _refuse(given, rule, recorded=None):
    """Raise UsageError where there is a flag, saying what the recorded sweep has."""
    for name in given:
        said = f"; the sweep that is recorded there has {_said(name, recorded)}" if recorded else ""
        raise UsageError(f"--{name.replace('_', '-')}: {rule}{said}")


def _said(name, request):
    """Say what a sweep has for a flag."""
    parameters = request["parameters"]
    if name in ("n", "duration", "transient"):
        entry = parameters["N" if name == "n" else name]
        return f"{name} {entry['value']}{'' if name == 'n' else ' ' + entry['unit']}"
    if name in ("set", "constants"):
        return "its parameters"
    if name in ("model", "budget"):
        there = [entry["address"] for entry in request["models"]] if name == "model" else []
        there = there or ["budget"] * request["budget"]
        return ", ".join(there) or f"no {name}"
    return f"{name.replace('_', ' ')} {request[name]}"
