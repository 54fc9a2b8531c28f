"""Finished trials on disk: one file each, whole or not there, with its hashes inside.

A file has three parts: the sha256 of all that follows, in hexadecimal, and a newline; a record as
one line of JSON (the job, its hash, the rows, where and with which code it was computed); two .npy
arrays, the spectra (float64, frequency_Hz first) and the end of the potentials (float32, t_ms
first). So `head -2` shows everything but the arrays, and `tail -n +2 FILE | sha256sum` repeats the
hash.
"""

import hashlib
import io
import json

import numpy as np

from study.jobs import job_hash, job_name
from study.store import write_atomic

FOLDER = "trials"
FINISHED, FAILED = ".trial", ".failed"


class DamagedError(ValueError):
    """A trial's file is not what was written; the message says how."""


def trial_path(folder, job, suffix=FINISHED):
    """Return where a trial is kept. The name holds the hash of the parameters.

    So trials with other parameters lie beside it, and none takes the place of another.
    """
    return folder / FOLDER / f"{job_name(job)}_{job_hash(job)[:16]}{suffix}"


def write_trial(folder, job, result):
    """Keep a finished trial; an earlier failure of it is forgotten."""
    record = {"job": job, "job_hash": job_hash(job), **result["record"]}
    arrays = io.BytesIO()
    np.save(arrays, np.asarray(result["spectra"], "<f8"), allow_pickle=False)
    np.save(arrays, np.asarray(result["potentials"], "<f4"), allow_pickle=False)
    content = json.dumps(record, allow_nan=False).encode() + b"\n" + arrays.getvalue()
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomic(trial_path(folder, job), digest + b"\n" + content)
    trial_path(folder, job, FAILED).unlink(missing_ok=True)


def read_trial(path):
    """Read a trial's file and check it.

    Returns
    -------
    record : dict
    spectra : float64 array, shape (1 + models, L)
    potentials : float32 array, shape (1 + models, K)

    Raises
    ------
    DamagedError
        The content does not match its hash.
    """
    digest, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise DamagedError(f"{path.name} is damaged: its content does not match its hash")
    line, _, arrays = content.partition(b"\n")
    record = json.loads(line)
    if job_hash(record["job"]) != record["job_hash"]:
        raise DamagedError(f"{path.name} is damaged: its job does not match its hash")
    arrays = io.BytesIO(arrays)
    return record, *(np.load(arrays, allow_pickle=False) for _ in range(2))


def read_job(path):
    """Return the job of a trial's file, unchecked, or None where that cannot be read."""
    try:
        with open(path, "rb") as file:
            file.readline()
            return json.loads(file.readline())["job"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_failure(folder, job, message):
    """Keep what became of a trial that failed for good."""
    record = {"job": job, "message": message}
    write_atomic(trial_path(folder, job, FAILED), json.dumps(record).encode() + b"\n")


def read_failure(folder, job):
    """Return the message of a trial that failed, or None."""
    try:
        return json.loads(trial_path(folder, job, FAILED).read_text())["message"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return "the record of this failure is damaged"
