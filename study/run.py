"""One point of the study from the command line: python -m study.run --p 0.1 --lam 0.8."""

if __name__ == "__main__":  # what follows takes seconds to import
    from study.command.flags import early

    early("run")

import sys
import time
from dataclasses import replace
from pathlib import Path

from models.constants import default_entry
from study.command.arguments import check_fits, parameters_from, threads_from
from study.command.ending import run_command
from study.command.flags import run_parser
from study.command.folder_name import run_name
from study.command.parser import UsageError
from study.command.progress import progress_reporter
from study.command.report import report
from study.command.request import request_of
from study.store.folders import (
    RECORD,
    StoreError,
    check_destination,
    check_writable,
    finished_record,
    result_folder,
)
from study.store.hashes import changed_files
from study.store.keep_run import keep
from study.store.replace_folder import clean
from study.store.run_folder import FILES
from study.trial.outcome import outcome
from study.trial.run_job import simulated
from study.trial.user_models import ModelError

MOST_TRIALS = 10_000  # their spectra are in memory together, 0.3 MB each at full size


def main(argv=None):
    """Run the command; return its exit status."""
    parser = run_parser()
    arguments = parser.parse_args(argv)
    try:
        request, threads = _request(arguments), threads_from(arguments)
        folder = result_folder(arguments.out or Path("results") / run_name(request.run_record()))
        clean(folder)
        found = None if arguments.force else _finished(folder, request.run_record())
        if found is None:
            check_destination(folder, replaced=FILES)
            check_writable(folder, in_one_step=True)
    except StoreError as error:
        parser.error(f"--out: {error}")
    except UsageError as error:
        parser.error(str(error))
    if found is None:
        try:
            draw = None if arguments.no_figure else _drawing(parser)
            _compute(request, folder, arguments.quiet, threads, draw)
        except ModelError as error:
            parser.error(f"--model: {error}")
    print(found or report(folder))
    if found is not None:
        print("This run was finished before and is shown again; --force recomputes it.")
    print(folder)
    failed = finished_record(folder).get("failed", {})
    for model, entry in failed.items():
        print(f"failed: {model} in {entry['trials']} trials: {entry['message']}", file=sys.stderr)
    return 1 if failed else 0


def _request(arguments):
    """Return the Request of the one point."""
    params, _ = parameters_from(arguments, arguments.p, arguments.lam)
    check_fits(params, arguments.backend)
    request = request_of(arguments, params)
    if request.trials > MOST_TRIALS:
        raise UsageError(f"--trials: must be {MOST_TRIALS} or fewer, got {request.trials}")
    return request


def _finished(folder, request):
    """Return the table of a finished run, None where there is none.

    Raises
    ------
    StoreError
        It is of other parameters, or a file is not what was written.
    """
    found = finished_record(folder)
    if found is None:
        return None
    if difference := _difference(found["request"], request):
        there = f"{folder} holds a finished run of another parameter set"
        raise StoreError(f"{there}: {difference}; choose another folder, or --force")
    if changed := changed_files(folder, found.get("files", {}), RECORD):
        raise StoreError(f"{changed[0]}, got {folder}; --force computes the run again")
    try:
        return report(folder)
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        rule = f"holds a summary.csv that cannot be shown ({said})"
        raise StoreError(f"{rule}, got {folder}; --force computes the run again") from None


def _difference(found, request):
    """Name the first thing in which two requests differ, or return None."""
    for name, entry in request["parameters"].items():
        there = found["parameters"].get(name, default_entry(name))
        if there["si"] != entry["si"]:
            return f"{name} = {there['value']} {there['unit']} there, {entry['value']} here"
    for name in request | found:
        if name != "parameters" and found.get(name) != request.get(name):
            return f"{name} = {found.get(name)} there, {request.get(name)} here"
    return None


def _compute(request, folder, quiet, threads, draw):
    """Run the trials and put the finished folder in its place."""
    started = time.perf_counter()
    tables = outcome(_trials(request.run_jobs(), quiet, threads), request.seed, request.budget)
    for error in keep(request, tables, folder, started, draw):
        print(f"{error}; all else is kept", file=sys.stderr)


def _trials(jobs, quiet, threads):
    """Simulate and measure one trial after the other, showing how far it is."""
    for job in jobs:
        job = replace(job, threads=threads)
        label = "simulation" if len(jobs) == 1 else f"trial {job.trial + 1} of {len(jobs)}"
        with progress_reporter(label, quiet) as show:
            trial = simulated(
                job, progress=lambda done, show=show: show(done, "measuring" if done == 1 else "")
            )
        yield trial


def _drawing(parser):
    """Refuse before the simulation what would fail after it; return what draws the pictures."""
    from study.drawing import pictures, run_pictures  # matplotlib: a second to import

    try:
        pictures.try_drawing()
    except pictures.PictureError as error:
        parser.error(f"{error}; --no-figure does without")
    return run_pictures.draw_run


if __name__ == "__main__":
    sys.exit(run_command(main))
