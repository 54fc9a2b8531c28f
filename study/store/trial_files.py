"""Finished trials on disk: one file each, whole or not there, with its hashes inside.

A file has three parts: the sha256 of all that follows, in hexadecimal, and a newline; a record as
one line of JSON (the job, its hash, the rows, where and with which code it was computed); three
.npy arrays, the spectra (float64, frequency_Hz first), the end of the potentials and of the rates
(float32, t_ms first; no rates before format 4) and the correlation functions (float64, lag_ms
first; none before format 3).
So `head -2` shows everything but the arrays, and `tail -n +2 FILE | sha256sum` repeats the hash.
"""

import hashlib
import io
import json

import numpy as np

from analysis.measures import NETWORK, names
from models.constants import MEANINGS
from study.store.folders import write_atomic
from study.store.schema import JOB, TRIAL, fault
from study.trial.job import Job

OF_SPIKES = names(network=True)
FOLDER = "trials"
FINISHED, FAILED = ".trial", ".failed"


class DamagedError(ValueError):
    """A trial's file is not what was written; the message says how."""


def trial_path(folder, job, suffix=FINISHED):
    """Return where a trial is kept. The name holds the hash of the parameters.

    So trials with other parameters lie beside it, and none takes the place of another.
    """
    return folder / FOLDER / file_name(job, suffix)


def file_name(job, suffix=FINISHED):
    """Return the name of a trial's file."""
    return f"{job.stem}_{job.digest()[:16]}{suffix}"


def write_trial(folder, job, result):
    """Keep a finished trial; an earlier failure of it is forgotten."""
    record = {"job": job.record(), "job_hash": job.digest(), **result["record"]}
    arrays = io.BytesIO()
    np.save(arrays, np.asarray(result["spectra"], "<f8"), allow_pickle=False)
    np.save(arrays, np.asarray(result["potentials"], "<f4"), allow_pickle=False)
    if "correlations" in result:
        np.save(arrays, np.asarray(result["correlations"], "<f8"), allow_pickle=False)
    content = json.dumps(record, allow_nan=False).encode() + b"\n" + arrays.getvalue()
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomic(trial_path(folder, job), digest + b"\n" + content)
    trial_path(folder, job, FAILED).unlink(missing_ok=True)


def read_trial(path):
    """Read a trial's file and check it.

    Returns
    -------
    record : dict
        Its `job` is a Job. Of today's format: what an older one said of the network in every
        model's row is left out.
    spectra : float64 array, shape (1 + models, L)
    potentials : float32 array, shape (1 + models + populations, K)
    correlations : float64 array, shape (1 + models, m)
        Of the record's `correlated`; empty, shape (0, 0), where the file has none.

    Raises
    ------
    DamagedError
        The content does not match its hash, or the name is another trial's.
    """
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except IsADirectoryError:
        raise DamagedError(f"{path.name} is damaged: it is a folder") from None
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise DamagedError(f"{path.name} is damaged: its content does not match its hash")
    line, _, arrays = content.partition(b"\n")
    try:
        record = json.loads(line)
        arrays = io.BytesIO(arrays)
        number = 3 if "correlated" in record else 2
        read = [np.load(arrays, allow_pickle=False) for _ in range(number)]
        spectra, potentials, correlations = [*read, np.empty((0, 0))][:3]
    except (ValueError, TypeError, RecursionError, EOFError) as error:
        raise DamagedError(f"{path.name} is damaged: {error}") from None
    if wrong := fault(record, TRIAL):
        raise DamagedError(f"{path.name} is damaged: {wrong}")
    job = record["job"] = Job.from_record(record["job"])
    if job.digest() != record["job_hash"]:
        raise DamagedError(f"{path.name} is damaged: its job does not match its hash")
    if file_name(job) != path.name:
        raise DamagedError(f"{path.name} is damaged: it holds another trial, {file_name(job)}")
    if record.get("format", 1) < 2:
        record["rows"] = [_own(row) for row in record["rows"]]
    record.setdefault("correlated", [])
    record.setdefault("populations", [])
    return record, spectra, potentials, correlations


def _own(row):
    """Leave the network's measures out of a mass model's row."""
    others = () if row["model"] == NETWORK else OF_SPIKES
    return {name: value for name, value in row.items() if name not in others}


def read_job(path):
    """Return the job of a trial's file, its hash unchecked, or None where that cannot be read."""
    try:
        with open(path, "rb") as file:
            file.readline()
            job = json.loads(file.readline())["job"]
        if fault(job, JOB):
            return None
        return Job.from_record(job) if set(job["parameters"]) == set(MEANINGS) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_failure(folder, job, message):
    """Keep what became of a trial that failed for good."""
    record = {"job": job.record(), "message": message}
    write_atomic(trial_path(folder, job, FAILED), json.dumps(record).encode() + b"\n")


def read_failure(folder, job):
    """Return the message of a trial that failed, or None."""
    damaged = "the record of this failure is damaged"
    try:
        message = json.loads(trial_path(folder, job, FAILED).read_bytes())["message"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return damaged
    return message if isinstance(message, str) else damaged
