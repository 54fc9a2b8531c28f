"""The whole {p, lambda} plane, and any other axis: python -m study.sweep --grid paper."""

if __name__ == "__main__":  # what follows takes seconds to import
    from study.command.flags import early

    early("sweep")

import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from models.parameters import from_si
from study.cluster import clusters
from study.cluster.dispatch import ClusterError, compute
from study.cluster.scheduler import address_parts, dashboard_link, is_exposed
from study.command.arguments import check_fits, threads_from
from study.command.ending import run_command
from study.command.flags import sweep_parser
from study.command.interrupt import deferred_interrupt, exit_status
from study.command.numbers import integer
from study.command.parser import UsageError
from study.command.progress import say, trial_reporter
from study.command.request import check_rebuild, sweep_request
from study.store.folders import StoreError, check_writable, finished_record, write_json
from study.store.kept_tables import kept_record, loss
from study.store.state import describe, failure_lines, status_lines, survey
from study.store.sweep_folder import RECORD, check_folder, locked
from study.store.tables import remove_stale, write_tables
from study.store.trial_files import FOLDER, write_failure, write_trial
from study.trial.provenance import code_version, provenance


def main(argv=None):
    """Run the command; return its exit status."""
    parser = sweep_parser()
    arguments = parser.parse_args(argv)
    try:
        request, folder = sweep_request(parser, arguments, argv)
        threads = threads_from(arguments)
        jobs = [replace(job, threads=threads) for job in request.jobs()]
        if not (arguments.scheduler or arguments.cluster or arguments.status or arguments.tables):
            check_fits(from_si(request.largest()), request.backend)
        retries = integer("--retries", arguments.retries, 0)
        (check_rebuild if arguments.rebuild else check_folder)(folder)
        if arguments.status or arguments.dry_run:
            print("\n".join(_listing(arguments, folder, jobs)))
            return 0
        check_writable(folder, in_one_step=False)
        connected = None if arguments.tables or arguments.rebuild else _cluster(arguments, folder)
        with locked(folder):
            try:
                return _sweep(arguments, request, folder, jobs, retries, connected)
            except KeyboardInterrupt as interrupt:
                say(_interrupted(arguments, folder, jobs))
                return exit_status(interrupt)
    except StoreError as error:
        parser.error(f"--out: {error}")
    except UsageError as error:
        parser.error(str(error))


def _cluster(arguments, folder):
    """Check that the cluster can be had; return a function of the number of open trials.

    What that returns is a context manager that yields a function that returns a Client.
    """
    slurm = arguments.cluster == "slurm"
    default = 2 if slurm else max(1, clusters.default_workers() // threads_from(arguments))
    workers = integer("--workers", arguments.workers or str(default), 1)
    if arguments.cluster_config and not slurm:
        raise UsageError("--cluster-config: must stand beside --cluster slurm")
    if arguments.scheduler is not None:
        if arguments.workers:
            raise UsageError("--workers: must not stand beside --scheduler, which has its own")
        try:
            with clusters.running_cluster(arguments.scheduler) as connect:
                connect().close()
        except ClusterError as error:
            raise UsageError(f"--scheduler: {error}") from None
        if is_exposed(*address_parts(arguments.scheduler)):
            plain = f"warning: --scheduler: {arguments.scheduler} is not encrypted"
            print(f"{plain}: who reaches it can run code as you", file=sys.stderr)
        return lambda trials: clusters.running_cluster(arguments.scheduler)
    if slurm:
        try:
            clusters.check_slurm()
        except ClusterError as error:
            raise UsageError(f"--cluster slurm: {error}") from None
        try:
            settings = clusters.slurm_settings(arguments.cluster_config)
            clusters.check_interface(settings)
        except ClusterError as error:
            raise UsageError(f"--cluster-config: {error}") from None
        return lambda trials: clusters.slurm_cluster(min(workers, trials), settings, folder)
    return lambda trials: clusters.local_cluster(min(workers, trials), folder)


def _listing(arguments, folder, jobs):
    """Return the lines of --status or --dry-run."""
    found = survey(folder, jobs)
    if arguments.status:
        return [*describe(found, len(jobs)), *status_lines(found)]
    todo = jobs if arguments.force else found.todo
    return [*describe(found, len(jobs)), *(f"{job.name} seed={job.seed}" for job in todo)]


def _sweep(arguments, request, folder, jobs, retries, connected):
    """Compute what is to be done, write the tables, report; return the exit status."""
    found = survey(folder, jobs)
    failed, todo = found.failed, jobs if arguments.force else found.todo
    before = None if arguments.rebuild else finished_record(folder, RECORD)
    if arguments.rebuild and not found.done:
        raise UsageError(f"--rebuild: these flags name no trial that is there, got {folder}")
    record = {"request": request.record(), "code": code_version(), "sessions": []}
    if before:
        record |= {"sessions": before["sessions"], **kept_record(before, record["request"])}
    forced = arguments.force and connected is None
    if arguments.tables and before and not forced and (lost := loss(folder, before, found.done)):
        raise UsageError(f"--tables: {lost}; --force replaces them, got {folder}")
    if todo and connected:
        print(*describe(found, len(jobs)), sep="\n", file=sys.stderr)
        (folder / FOLDER).mkdir(exist_ok=True)
        with _session(folder, record) as session:
            failed = _compute(arguments, request, folder, todo, retries, connected, session)
        found = survey(folder, jobs)
    lost = None if forced else loss(folder, before, found.done)
    if not lost:
        record = _with_tables(arguments, request, record, folder, jobs, found)
    write_json(folder / RECORD, record | provenance())
    if not lost:
        remove_stale(folder, record["tables"])
    print(*describe(found, len(jobs)), folder, sep="\n")
    for line in failure_lines(failed):
        print(line, file=sys.stderr)
    if lost:
        print(f"the trials are kept, and so are the old tables: {lost}; --tables --force replaces "
            "them", file=sys.stderr)
    for model, messages in found.lacking.items():
        print(f"failed: {model} in {len(messages)} trials: {messages[0]}", file=sys.stderr)
    return 1 if failed or found.lacking or lost else 0


def _with_tables(arguments, request, record, folder, jobs, found):
    """Write the tables; return the record with what it has to say of them."""
    started = time.perf_counter()
    digests = write_tables(folder, request, jobs, thin=not arguments.full_spectra)
    record = {name: value for name, value in record.items() if name != "tables_of"}
    missing = len(found.todo) - len(found.failed)
    return record | {
        "tables": digests,
        "trials": {"finished": len(found.done), "failed": len(found.failed),
            "missing": missing, "seconds": round(found.seconds, 3)},
        "tables_seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip


@contextmanager
def _session(folder, record):
    """Record one start of the sweep; yield what is recorded, for the trials to be counted in."""
    started = time.perf_counter()
    session = {"started": datetime.now(UTC).isoformat(timespec="seconds"), "computed": 0}
    record["sessions"] = [*record["sessions"], session]
    write_json(folder / RECORD, record | provenance())
    try:
        yield session
    finally:
        session["wall_seconds"] = round(time.perf_counter() - started, 3)
        with suppress(OSError):  # the disk may be full
            write_json(folder / RECORD, record | provenance())


def _interrupted(arguments, folder, jobs):
    """Say what a sweep that was interrupted leaves."""
    done = len(survey(folder, jobs).done)
    again = f"{'without --force ' if arguments.force else ''}the same command goes on from there"
    return f"interrupted: {done} of {len(jobs)} trials are finished and kept; {again}"


def _compute(arguments, request, folder, todo, retries, connected, session):
    """Run the open trials and keep each as it arrives; count them in the session.

    Returns
    -------
    list of (job, message)
        Those that failed. One that had been finished before (--force) keeps its old result.
    """
    failed = []

    def watch(threads):
        check_interrupt()
        left = len(todo) - session["computed"] - len(failed)
        show(session["computed"], min(threads, left), len(failed))

    with (
        trial_reporter(len(todo), arguments.quiet) as show,
        deferred_interrupt() as check_interrupt,
        connected(len(todo)) as connect,
    ):

        def announced():
            client = connect()
            link = dashboard_link(client) if arguments.scheduler else None  # ours have none
            if link and not arguments.quiet:
                say(f"Dask's dashboard: {link}")
            return client

        for job, result, message in compute(announced, todo, retries, watch):
            if result is None:
                failed.append((job, message))
                write_failure(folder, job, message)
            else:
                result["record"]["sweep"] = request.sizes()
                write_trial(folder, job, result)
                session["computed"] += 1
        check_interrupt()
        show(session["computed"], 0, len(failed))
    return failed


if __name__ == "__main__":
    sys.exit(run_command(main))
