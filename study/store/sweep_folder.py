"""The folder of a sweep: whether it can be used, what is recorded there, who holds it."""

from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from study.store.folders import SWEEP_RECORD as RECORD
from study.store.folders import StoreError, check_destination, finished_record
from study.store.trial_files import FINISHED, FOLDER

AGAIN = "--rebuild makes it again from the trials"


def has_trials(folder):
    """Tell whether there is a file of a finished trial."""
    return any((Path(folder) / FOLDER).glob(f"*{FINISHED}"))


def recorded_sweep(folder):
    """Return what sweep.json says, None where there is none.

    Raises
    ------
    StoreError
        It is damaged, or gone while its trials are there.
    """
    try:
        found = finished_record(folder, RECORD)
    except StoreError as error:
        raise (StoreError(f"{error}; {AGAIN}") if has_trials(folder) else error) from None
    if found is None and has_trials(folder):
        raise StoreError(f"must hold {RECORD} beside its trials, got {folder}; {AGAIN}")
    return found


def check_folder(folder):
    """Raise StoreError where a sweep cannot use the folder; write nothing."""
    recorded_sweep(folder)
    check_destination(folder, RECORD, "a sweep")


@contextmanager
def locked(folder):
    """Hold the folder for one sweep alone; remove what a killed one left half-written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        busy = f"must not be in use, got {folder}: another sweep is at work there"
        raise StoreError(busy) from None
    except OSError as error:
        raise StoreError(f"must be writable, got {folder}: {error.strerror}") from None
    try:
        for part in [*folder.glob(".*.part"), *(folder / FOLDER).glob(".*.part")]:
            part.unlink()
        yield
    finally:
        lock.release()
