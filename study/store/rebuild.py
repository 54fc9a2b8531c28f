"""The request of a sweep, read back from its trials where sweep.json is lost."""

import json

from analysis.axes import PLANE
from study.store.folders import StoreError
from study.store.state import difference
from study.store.trial_files import FINISHED, FOLDER, DamagedError, read_trial
from study.trial.request import Request
from study.trial.seeds import point_seeds

APART = ("parameters", "trial", "seed")


def request_from_trials(folder, root=None):
    """Return the Request of the smallest sweep that all trials of a folder are part of.

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
    records = []
    for path in sorted((folder / FOLDER).glob(f"*{FINISHED}")):
        try:
            record, *_ = read_trial(path)
        except (OSError, DamagedError):
            continue  # will be named and computed again
        records.append(record)
    if not records:
        raise StoreError(f"must hold finished trials to rebuild sweep.json from, got {folder}")
    jobs, sweeps = [r["job"] for r in records], [r["sweep"] for r in records if "sweep" in r]
    names = dict.fromkeys([*PLANE, *(name for sweep in sweeps for name in sweep.get("vary", {}))])
    sample = sweeps[0].get("sample", {}) if sweeps else {}
    sets = {_set_of(record, (*names, *sample)): record["job"] for record in reversed(records)}
    if len(sets) > 1:
        first, second, *_ = reversed(sets.values())
        rule = f"holds trials of {len(sets)} sets of parameters ({difference(first, second)})"
        raise StoreError(f"{rule}: give the flags of one of them, grid and all, got {folder}")
    axes = {name: {job.parameters[name] for job in jobs} for name in names}
    for sweep in sweeps:
        for name in PLANE:
            axes[name].update(sweep[name])
        for name, axis in sweep.get("vary", {}).items():
            axes[name].update(axis["si"])
    job, trials = jobs[0], [1 + job.trial for job in jobs] + [s["trials"] for s in sweeps]
    return Request(
        axes={name: sorted(values) for name, values in axes.items()},
        parameters={
            n: value for n, value in job.parameters.items() if n not in axes and n not in sample
        },
        trials=max(trials),
        seed=_root(folder, jobs, {sweep["seed"] for sweep in sweeps}, root),
        backend=job.backend,
        mass_integrator=job.mass_integrator,
        models=job.models,
        budget=job.budget,
        ties=sweeps[0].get("ties", {}) if sweeps else {},
        sample={name: column["si"] for name, column in sample.items()},
    )


def _set_of(record, axes):
    """Return as one text what all trials of a sweep share."""
    job, ties = record["job"], record.get("sweep", {}).get("ties", {})
    parameters = {n: v for n, v in job.parameters.items() if n not in (*axes, *ties)} | ties
    shared = {name: value for name, value in job.record().items() if name not in APART}
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
        if len(seeds.get(job.plane, ())) <= job.trial:
            seeds[job.plane] = point_seeds(root, *job.plane, job.trial + 1)
        if seeds[job.plane][job.trial] != job.seed:
            rule = f"holds trials that do not follow from the root seed {root}"
            raise StoreError(f"{rule}: {job.name} has the seed {job.seed}, got {folder}")
    return root
