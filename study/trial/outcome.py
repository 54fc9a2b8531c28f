"""What the trials of one point say together: the tables of a run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.budget import budget_table
from analysis.statuses import FAILED
from analysis.summary import mean_spectra, summarise
from analysis.tables import trial_table
from models.mass.ladder import UPWARD
from study.trial.trial import Trial


@dataclass(frozen=True)
class Outcome:
    """The tables of one point.

    Attributes
    ----------
    trials : DataFrame
        One row per trial and model.
    summary : DataFrame
        One row per model, spectra averaged over trials first.
    mean_power : DataFrame
        The averaged spectra: model, frequency_Hz, power in mV^2/Hz.
    budget : DataFrame or None
    first : study.trial.trial.Trial
    seconds : dict
        Wall seconds per phase, all trials together.
    failed : dict
        Of each mass model that failed: in how many `trials`, and the first `message`.
    """

    trials: pd.DataFrame
    summary: pd.DataFrame
    mean_power: pd.DataFrame
    budget: pd.DataFrame | None
    first: Trial
    seconds: dict
    failed: dict


def outcome(trials, root, budget):
    """Make the tables of the trials of one point.

    Parameters
    ----------
    trials : iterable of Trial
        Each is let go when the next comes, but for the first.
    root : int
        The root seed: of the permutation test's random numbers.
    budget : bool
        Whether they hold an error budget.

    Returns
    -------
    Outcome
    """
    rows, rungs, spectra, functions, seconds, first = [], [], [], [], {}, None
    for k, trial in enumerate(trials):
        rows += [{**row, "trial": k} for row in trial.rows]
        rungs += trial.budget
        spectra.append(trial.power)
        functions.append(trial.correlation)
        for phase, value in trial.seconds.items():
            seconds[phase] = seconds.get(phase, 0) + value
        first = first or trial
    models = [row["model"] for row in first.rows]
    power, correlation = (
        {model: [of_trial.get(model) for of_trial in found] for model in models}
        for found in (spectra, functions)
    )
    rng = np.random.default_rng(root)
    arrays = first.frequency_Hz, power, rng, first.lag_ms, correlation, first.settings
    table = trial_table(rows)
    means = [
        pd.DataFrame({"model": model, "frequency_Hz": first.frequency_Hz, "power": mean})
        for model, mean in mean_spectra(power).items()
    ]
    return Outcome(
        table,
        summarise(table, *arrays),
        pd.concat(means, ignore_index=True),
        budget_table(rungs, side_by_side=(UPWARD,)) if budget else None,
        first,
        seconds,
        _failures(rows),
    )


def _failures(rows):
    """Return the first message of each mass model that failed, and in how many trials it did."""
    messages = {}
    for row in rows:
        if row["status"] == FAILED:
            messages.setdefault(row["model"], []).append(row["message"])
    return {model: {"trials": len(all_), "message": all_[0]} for model, all_ in messages.items()}
