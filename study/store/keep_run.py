"""A finished run put in its place: its tables and traces, its record, last its pictures."""

import time
from datetime import UTC, datetime

from study.store.replace_folder import atomic_folder
from study.store.run_folder import write_outcome, write_record
from study.trial.measure import settings_record
from study.trial.provenance import peak_memory_MB, provenance


def keep(request, tables, folder, started, draw=None):
    """Put a finished run in its place.

    Parameters
    ----------
    request : study.trial.request.Request
        Of one point.
    tables : study.trial.outcome.Outcome
    folder : Path
    started : float
        `time.perf_counter` at the start.
    draw : callable, optional
        `study.drawing.run_pictures.draw_run`, where there are to be pictures.

    Returns
    -------
    list of study.drawing.pictures.PictureError
        Of the pictures that cannot be drawn, which cost themselves alone.
    """
    seconds, first = dict(tables.seconds), tables.first
    record = {
        "request": request.run_record(),
        "trial_seeds": [job.seed for job in request.run_jobs()],
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": seconds,
        "simulation": first.recording.info,
        "peak_memory_MB": 0.0,
        "measures": settings_record(first),
        **provenance(),
        "files": {},
    }
    if tables.failed:
        record["failed"] = tables.failed

    def write(place):
        seconds["total"] = time.perf_counter() - started
        write_record(place, {
            **record,
            "seconds": {phase: round(value, 3) for phase, value in seconds.items()},
            "peak_memory_MB": round(peak_memory_MB(), 1),
        })  # fmt: skip

    with atomic_folder(folder) as private:
        write_outcome(private, tables)
        write(private)
    if draw is None:
        return []
    drawing, failed = time.perf_counter(), []
    list(draw(folder, folder, failed))
    seconds["figure"] = time.perf_counter() - drawing
    write(folder)
    return failed
