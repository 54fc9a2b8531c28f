"""What a sweep's folder holds of the trials that are wanted, and what is still to be done."""

from collections import Counter
from dataclasses import dataclass, field

from analysis.statuses import FAILED
from models.constants import entry
from study.store.trial_files import (
    FINISHED,
    FOLDER,
    DamagedError,
    read_failure,
    read_job,
    read_trial,
    trial_path,
)
from study.trial.provenance import code_version

FEW = 3
"""How many trials or points one line names."""


@dataclass
class Survey:
    """The state of every wanted trial.

    Attributes
    ----------
    done : list of Job
        Finished, undamaged, with the wanted parameters.
    todo : list of Job
        All others, longest first.
    damaged : list of str
        What is wrong with the files that are not what was written.
    failed : list of (job, message)
        The jobs of `todo` that failed before.
    lacking : dict
        By model, the messages of the finished trials in which it alone failed.
    differences : Counter of str
        How jobs of `todo` differ from finished trials of the same point, and how many.
    codes : Counter of str
        Finished trials that another version of the code made, by version.
    seconds : float
        Wall seconds that the finished trials took, all together.
    """

    done: list = field(default_factory=list)
    todo: list = field(default_factory=list)
    damaged: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    lacking: dict = field(default_factory=dict)
    differences: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    seconds: float = 0.0


def survey(folder, jobs):
    """Look at every wanted trial, reading and checking the whole of each file.

    Parameters
    ----------
    folder : path
        It need not exist.
    jobs : list of study.trial.job.Job

    Returns
    -------
    Survey
    """
    paths = {trial_path(folder, job): job for job in jobs}
    found, others = Survey(), _unwanted(folder, paths)
    for path, job in paths.items():
        try:
            record, *_ = read_trial(path)
        except (FileNotFoundError, NotADirectoryError):
            found.todo.append(job)
            if job.stem in others and (there := read_job(others[job.stem])):
                found.differences[difference(there, job)] += 1
        except DamagedError as error:
            found.todo.append(job)
            found.damaged.append(str(error))
        else:
            found.done.append(job)
            found.seconds += sum(record["seconds"].values())
            for row in record["rows"]:
                if row["status"] == FAILED:
                    found.lacking.setdefault(row["model"], []).append(row["message"])
            if record["code"] != code_version():
                found.codes[record["code"]] += 1
            continue
        message = read_failure(folder, job)
        if message is not None:
            found.failed.append((job, message))
    return found


def _unwanted(folder, wanted):
    """Return a file of each stem, p, lam and trial, that is none of those that are wanted."""
    files = {}
    for path in sorted((folder / FOLDER).glob(f"*{FINISHED}"), reverse=True):
        if path not in wanted:
            files[path.name.rpartition("_")[0]] = path
    return files


def difference(there, here):
    """Name the first thing in which two jobs of the same point and trial differ."""
    if there.digest() == here.digest():
        return "nothing"
    for name in ("backend", "precision", "mass_integrator", "models", "budget", "measures"):
        values = getattr(there, name), getattr(here, name)
        if values[0] != values[1]:
            return f"{name} = {values[0]} there, {values[1]} here"
    if there.parameters != here.parameters:
        both = [{n: entry(n, v) for n, v in job.parameters.items()} for job in (there, here)]
        return "; ".join(
            f"{name} = {a['value']} {a['unit']} there, {b['value']} {b['unit']} here".replace(
                " 1 there", " there"
            ).replace(" 1 here", " here")
            for name, a, b in ((name, both[0][name], both[1][name]) for name in both[0])
            if a["si"] != b["si"]
        )
    return "another root seed"


def describe(found, total):
    """Say for people, as a few lines, what was found and what follows from it."""
    lines = [f"{len(found.done)} of {total} trials are finished, {len(found.todo)} are to be done"]
    if found.damaged:
        lines.append(f"  {_first(found.damaged, 'files')}; computed again")
    for what, count in found.differences.items():
        lines.append(
            f"  {count} of them are here with other parameters ({what}); "
            "they are kept and do not enter the tables"
        )
    for code, count in found.codes.items():
        lines.append(
            f"  {count} finished ones were made by other code ({code} there, {code_version()} "
            "here); they are kept and used, --force computes them again"
        )
    for model, messages in found.lacking.items():
        lines.append(
            f"  {len(messages)} finished ones lack {model}, which failed: {messages[0]}; they are "
            "kept and used, --force computes them again"
        )
    return lines + [f"  {line}" for line in failure_lines(found.failed)]


def failure_lines(failed):
    """Say which trials failed and why: a line for each message, whatever the number of trials."""
    by_message = {}
    for job, message in failed:
        by_message.setdefault(message, []).append(job.name)
    return [
        f"failed: {_first(names, 'trials')}: {message}" for message, names in by_message.items()
    ]


def status_lines(found):
    """Say of how many points all is done, and for each other state how much there is of it."""
    failed = {id(job) for job, _ in found.failed}
    point_names = {job.point: job.point_name for job in (*found.done, *found.todo)}
    by_state = {
        "failed": Counter(job.point for job in found.todo if id(job) in failed),
        "missing": Counter(job.point for job in found.todo if id(job) not in failed),
    }
    incomplete = set().union(*by_state.values())
    complete = {job.point for job in found.done} - incomplete
    lines = [f"{len(complete)} of {len(complete | incomplete)} points are complete"]
    for state, trials in by_state.items():
        if count := trials.total():
            names = [point_names[point] for point in sorted(trials)]
            plural = "" if count == 1 else "s"
            lines.append(f"  {count} trial{plural} {state}: {_first(names, 'points')}")
    return lines


def _first(names, what):
    """Name the first few; of many, how many more there are."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more {what}" if more > 0 else "")
