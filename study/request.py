"""What a sweep is asked for: plain values that decide every number, as sweep.json keeps them."""

from argparse import Namespace
from pathlib import Path

from models.parameters import shown
from study.arguments import UsageError, integer, parameters_from, seed_from
from study.folder_name import sweep_name
from study.grid import grid_from
from study.own_models import own_models
from study.store import finished_record

RECORD = "sweep.json"
"""The file that says what a sweep's folder holds."""
_VALUES = ("n", "duration", "transient", "trials", "seed", "backend", "mass_integrator")
"""The flags that take one value, as the parsed arguments name them."""


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
    if arguments.out and not (arguments.grid or arguments.p or arguments.lam):
        recorded = finished_record(arguments.out, RECORD)
        if recorded is not None:
            unset = Namespace(**dict.fromkeys((*_VALUES, "budget")))
            given = parser.parse_args(argv, unset)  # which keeps None where no flag is given
            for name in (*_VALUES, "set", "model", "budget"):
                if getattr(given, name):
                    flag = f"--{name.replace('_', '-')}"
                    raise UsageError(f"{flag}: needs the grid, too: --grid, or --p and --lam")
            return recorded["request"], Path(arguments.out)
    p, lam = grid_from(arguments)
    params = parameters_from(arguments, p[0], lam[0])
    parameters = shown(params)
    request = {
        "p": p,
        "lam": lam,
        "trials": integer("--trials", arguments.trials, 1),
        "seed": seed_from(arguments),
        "backend": arguments.backend,
        "mass_integrator": arguments.mass_integrator,
        "models": own_models(arguments.model, params, arguments.budget),
        "budget": arguments.budget,
        "parameters": {n: value for n, value in parameters.items() if n not in ("p", "lam")},
    }
    return request, Path(arguments.out or Path("results") / sweep_name(request))


def plain(request):
    """Return the request with its parameters as SI numbers."""
    return {**request, "parameters": {n: v["si"] for n, v in request["parameters"].items()}}
