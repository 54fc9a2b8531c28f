"""The request of a sweep, read back from its trials where sweep.json is lost."""

import json

from models.parameters import from_si, shown
from study.store.folders import StoreError
from study.store.state import difference
from study.store.trial_files import FINISHED, FOLDER, DamagedError, read_trial
from study.trial.job import job_name, job_point
from study.trial.seeds import point_seeds

APART = ("parameters", "trial", "seed")


def request_from_trials(folder, root=None):
    """Return the request of the smallest sweep that all trials of a folder are part of.

    Parameters
    ----------
    folder : path
    root : int, optional
        The root seed. Needed where no trial says it, since it does not follow from theirs; in any
        case all of theirs must follow from it.

    Raises
    ------
    StoreError
        There is no sound trial, or they are not of one sweep.
    """
    found = {}
    for path in sorted((folder / FOLDER).glob(f"*{FINISHED}")):
        try:
            record, *_ = read_trial(path)
        except (OSError, DamagedError):
            continue  # will be named and computed again
        found.setdefault(_set_of(record), []).append(record)
    if not found:
        raise StoreError(f"must hold finished trials to rebuild sweep.json from, got {folder}")
    records = [record for of_set in found.values() for record in of_set]
    jobs, sweeps = [r["job"] for r in records], [r["sweep"] for r in records if "sweep" in r]
    if len(found) > 1:
        first, second, *_ = (of_set[0]["job"] for of_set in found.values())
        rule = f"holds trials of {len(found)} sets of parameters ({difference(first, second)})"
        raise StoreError(f"{rule}: give the flags of one of them, grid and all, got {folder}")
    axes = {}
    for name in ("p", "lam"):
        axis = {job["parameters"][name] for job in jobs}
        axes[name] = sorted(axis.union(*(sweep[name] for sweep in sweeps)))
    trials = max(1 + max(job["trial"] for job in jobs), *(s["trials"] for s in sweeps), 1)
    parameters = shown(from_si(jobs[0]["parameters"]))
    ties = sweeps[0].get("ties") if sweeps else None
    return {
        **axes,
        "trials": trials,
        "seed": _root(folder, jobs, {sweep["seed"] for sweep in sweeps}, root),
        **{name: jobs[0][name] for name in ("backend", "mass_integrator", "models", "budget")},
        "parameters": {n: entry for n, entry in parameters.items() if n not in ("p", "lam")},
        **({"ties": ties} if ties else {}),
    }


def _set_of(record):
    """Return as one text what all trials of a sweep share."""
    job, ties = record["job"], record.get("sweep", {}).get("ties", {})
    parameters = {n: v for n, v in job["parameters"].items() if n not in ("p", "lam", *ties)}
    parameters |= ties
    shared = {name: value for name, value in job.items() if name not in APART}
    return json.dumps([parameters, shared], sort_keys=True)


def _root(folder, jobs, told, given):
    """Return the root seed that all trials follow from."""
    roots = sorted(told) if given is None else [given]
    if len(roots) != 1:
        said = f"they say {', '.join(map(str, roots))}" if roots else "they do not say it"
        rule = "holds trials whose root seed must be given as --seed"
        raise StoreError(f"{rule}: {said}, got {folder}")
    (root,) = roots
    seeds = {}
    for job in jobs:
        place = job_point(job)
        if len(seeds.get(place, ())) <= job["trial"]:
            seeds[place] = point_seeds(root, *place, job["trial"] + 1)
        if seeds[place][job["trial"]] != job["seed"]:
            rule = f"holds trials that do not follow from the root seed {root}"
            raise StoreError(f"{rule}: {job_name(job)} has the seed {job['seed']}, got {folder}")
    return root
