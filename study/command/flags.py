"""The flags of study.run, sweep and bench: their parsers, which need no library to say --help."""

import argparse
import sys

from analysis.axes import PLANE
from models.constants import MEANINGS, SETS, default_entry
from models.mass.registry import CLOSED, INTEGRATORS
from models.network.simulate import BACKENDS, PRECISIONS
from study.command.commands import summary
from study.command.ending import run_command
from study.command.parser import Joined, Parser
from study.command.progress import say_loading

GRIDS = {
    "paper": ("0:1:0.05", "0.6,0.7,0.8,0.9,1.0"),  # 105 points: our reading of the paper's 105
    "fine": ("0:1:0.025", "0.5:1:0.05"),  # 451 points, those of `paper` among them
}
FLAGS = {"N": "--n", **{name: f"--{name}" for name in ("p", "lam", "duration", "transient")}}
"""The parameters that have a flag of their own; the others go through --set."""
SETTABLE = [name for name in MEANINGS if name not in FLAGS]


def early(command):
    """Answer --help and refuse what is no flag before the libraries are imported; else go on."""
    parsed = []

    def parse():
        parsed.append(PARSERS[command]().parse_args())
        return 0

    if (status := run_command(parse)) or not parsed:
        sys.exit(status)
    say_loading()


def run_parser():
    """Return the parser of study.run."""
    parser = Parser(prog="python -m study.run", description=summary("run"))
    add = parser.add_argument
    one = {"nargs": "+", "action": Joined, "required": True}  # a list is refused by name
    add("--p", **one, metavar="P", help="connection probability, 0 ... 1")
    add("--lam", **one, metavar="LAM", help="fraction of excitatory neurons, 0 ... 1")
    add_parameter_arguments(parser)
    add_trial_arguments(parser)
    add("--trials", default="1", help="independent networks (%(default)s)")
    add("--out", metavar="DIR", help="result folder (results/ and a name made of the parameters)")
    add("--force", action="store_true", help="recompute a finished run")
    add("--no-figure", action="store_true", help="leave figure.png out")
    add("--clear-cache", action=_ClearCache, nargs=0, help="remove the compiled programs and stop")
    return parser


class _ClearCache(argparse.Action):
    """Empty the cache of compiled programs and stop, as --help stops."""

    def __call__(self, parser, *arguments):
        from models.engine import cache

        try:
            cache.clear()
        except RuntimeError as error:
            parser.exit(1, f"error: {error}\n")
        parser.exit(0, f"{cache.folder()} is empty\n")


def sweep_parser():
    """Return the parser of study.sweep."""
    parser = Parser(prog="python -m study.sweep", description=summary("sweep"))
    add_grid_arguments(parser)
    add_parameter_arguments(parser)
    parser.epilog = settable("--set", "--vary")
    add_trial_arguments(parser)
    add = parser.add_argument
    add("--trials", default="10", help="independent networks per point (%(default)s)")
    add("--out", metavar="DIR", help="result folder (results/ and a name made of the request); "
        "without a grid, the sweep that is recorded there goes on")
    add_cluster_arguments(parser)
    add("--retries", default="2", help="how often a trial that failed is tried again (%(default)s)")
    add("--force", action="store_true",
        help="compute the finished trials again, too; with --tables: replace tables of more trials")
    add("--status", action="store_true", help="say what is done, failed and missing; do nothing")
    add("--dry-run", action="store_true", help="list the trials to be computed; do nothing")
    add("--tables", action="store_true", help="only write the tables of what is finished")
    add("--rebuild", action="store_true",
        help="make sweep.json of --out again from its trials, and the tables; with their --seed "
        "where they do not say it, with all flags where they are of several sweeps")
    add("--full-spectra", action="store_true", help="keep every bin in spectra.parquet")
    return parser


def bench_parser():
    """Return the parser of study.bench."""
    parser = Parser(prog="python -m study.bench", description=summary("bench"))
    add = parser.add_argument
    values = {"nargs": "+", "action": Joined}
    add("--p", **values, metavar="VALUES", default="0.02,0.1,0.5,1",
        help="numbers and START:STOP:STEP, both ends (%(default)s)")
    add("--lam", **values, metavar="LAM", default="0.8", help="one value (%(default)s)")
    add("--backends", **values, default=",".join(BACKENDS), help="(%(default)s)")
    add("--repeats", default="3", help="rounds (%(default)s)")
    add("--scaling", **values, metavar="N",
        help="also run these numbers of neurons at the first p and fit the exponent")
    add("--balance", action="store_true",
        help="also run each backend with the balance of --budget recorded")
    add("--peers", action="store_true", help="also run NEST (pip install -e '.[peers]')")
    add("--threads", **values, metavar="K", default="1",
        help="numbers of threads to run the dense backend with (%(default)s)")
    add("--precisions", **values, default="double",
        help=f"precisions to run each backend in, of {', '.join(PRECISIONS)} (%(default)s)")
    add("--phases", action="store_true",
        help="also say where the time of the dense backend goes")
    add("--study", metavar="DIR",
        help="instead: how long the sweep that is recorded there takes here, by a trial of some of "
        "its points")
    add("--out", metavar="CSV", help="write every run to this file")
    add_parameter_arguments(parser, duration_s=3, transient_s=0)
    return parser


def predict_parser():
    """Return the parser of study.predict."""
    parser = Parser(prog="python -m study.predict", description=summary("predict"))
    add = parser.add_argument
    add("--against", metavar="DIR", required=True,
        help="folder of a sweep: its points and parameters, and the network that judges")
    add("--closed", metavar="NAMES", default=",".join(CLOSED), help="which models (%(default)s)")
    add("--trials", default="3", help="realisations of each (%(default)s)")
    add("--seed", default="1", help="0 ... 2**32 - 1 (%(default)s)")
    add("--workers", default="1", help="processes (%(default)s)")
    add("--out", metavar="DIR", default="results/closed", help="result folder (%(default)s)")
    add("--no-figure", action="store_true", help="leave the figures out")
    add("--quiet", action="store_true", help="show no progress")
    return parser


PARSERS = {
    "run": run_parser,
    "sweep": sweep_parser,
    "bench": bench_parser,
    "predict": predict_parser,
}


def add_grid_arguments(parser):
    """Add the flags that name the points."""
    add = parser.add_argument
    add("--grid", choices=GRIDS, help="the paper's 105 points, or 451 that include them")
    add("--p", metavar="VALUES", nargs="+", action=Joined,
        help="instead of --grid: 0:1:0.05 (both ends), 0.1,0.3 or both")
    add("--lam", metavar="VALUES", nargs="+", action=Joined, help="likewise")
    add("--vary", metavar="NAME=VALUES", action="append", default=[],
        help="another axis, any parameter named below, its unit at the end: nu_ext=3,5,8*Hz, "
        "g_hat_inh=0.01:0.05:0.01*nS; the points are the product of all axes; repeatable")
    add("--sample", metavar="K",
        help="each point with K sets of plausible constants, drawn as a Latin hypercube within the "
        "ranges of models/ensemble.py")


def add_parameter_arguments(parser, duration_s=30, transient_s=3):
    """Add the flags that describe a network and how long it runs, all but p and lam."""
    add = parser.add_argument
    usual = str(SETS["calibrated"]["N"])
    add("--n", metavar="N", default=usual, help="number of neurons (%(default)s)")
    add("--duration", metavar="S", default=f"{duration_s:g}",
        help="simulated time in s (%(default)s)")
    add("--transient", metavar="S", default=f"{transient_s:g}",
        help="time in s that is dropped before anything is measured (%(default)s)")
    add("--constants", choices=SETS, default="calibrated",
        help="the set of constants that --set changes (%(default)s; models/constants.py has them)")
    add("--set", metavar="NAME=VALUE", action="append", default=[],
        help="set another parameter, named below, with its unit: g_hat_exc=0.05*nS; or let it "
        "follow one of the same unit: p_ext=p; repeatable")
    add("--quiet", action="store_true", help="show no progress")
    parser.epilog = settable("--set")


def settable(*flags):
    """List what --set takes, with default, unit and meaning."""
    lines = [f"NAME of {' and '.join(flags)}, its default (calibrated) and what it is:"]
    read_as = {"1": "", "(V^2)/s": "volt**2/second", "s": "second"}
    for name in MEANINGS:
        if name in SETTABLE or ("--vary" in flags and name not in PLANE):
            entry = default_entry(name)
            unit = read_as.get(entry["unit"], entry["unit"])
            of = f" (--vary alone; {FLAGS[name]} sets it)" if name in FLAGS else ""
            lines.append(f"  {name:<10} {entry['value']:>6g} {unit:<3} {MEANINGS[name]}{of}")
    return "\n".join(lines)


def add_trial_arguments(parser):
    """Add the flags that say how a network is simulated and its mass models are integrated."""
    add = parser.add_argument
    add("--seed", default="1", help="0 ... 2**32 - 1 (%(default)s)")
    add("--backend", choices=BACKENDS, default="dense", help="(%(default)s)")
    add_speed_arguments(parser)
    add("--mass-integrator", choices=INTEGRATORS, default="euler",
        help="how the mass models are integrated (%(default)s, as in the paper)")
    add("--model", metavar="MODULE:FUNCTION", action="append", default=[],
        help="a mass model of your own beside the others; may be repeated")
    names = ", ".join(CLOSED)
    add("--closed", metavar="NAMES", nargs="?", const=",".join(CLOSED),
        help="closed models beside the others, which get the parameters alone, all or some of "
        f"{names}; NAME_driven gets the network's external input, too")
    add("--ceiling", action="store_true",
        help="also a second network with the same external input: what a closed model can reach")
    add("--budget", action="store_true",
        help="also say what each assumption of the mass models costs, as budget.csv")


def add_speed_arguments(parser):
    """Add the flags that say how fast, and how precisely, a network is simulated."""
    add = parser.add_argument
    add("--threads", metavar="K", default="1",
        help="that share each simulation; any number gives the same results (%(default)s)")
    add("--precision", choices=PRECISIONS, default="double",
        help="of the network's state variables (%(default)s)")


def add_cluster_arguments(parser):
    """Add the flags that say where the trials run."""
    add = parser.add_argument
    add("--workers",
        help="worker processes (as many as there are cores for their --threads; SLURM: 2)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scheduler", metavar="ADDRESS",
        help="run on the Dask cluster whose scheduler is there: tcp://HOST:8786")
    where.add_argument("--cluster", choices=["slurm"], help="start the workers as SLURM jobs")
    add("--cluster-config", metavar="FILE.toml",
        help="what a SLURM job asks for: the keywords of dask_jobqueue.SLURMCluster")
