"""What survives a change of constants: errors of mass models over an ensemble of networks."""

import numpy as np
import pandas as pd

from analysis.axes import PLANE, axes_of
from analysis.measures import NETWORK
from analysis.statuses import LOCKSTEP, NOT_STATIONARY, has

DESCRIBED_BY = ("rate_Hz", "rhythm_Hz", "spike_contrast")
"""What a modeller may know of a network; the rhythm is 0 where it has none."""
ERRORS = ("nrmse", "rho_0", "spectral_distance", "bias_mV", "std_ratio")
"""Of a model that is given the network's input."""
CLOSED_ERRORS = ("rate_ratio", "std_ratio", "bias_mV", "spectral_distance")
"""Of one that is given parameters alone: its realisation is another one, so its time series are not
compared."""
QUANTILES = (0.1, 0.5, 0.9)
NEAREST = 40
"""So many members of the ensemble an expectation rests on."""


def networks_and_errors(points):
    """Arrange an ensemble: one row per network and mass model.

    Parameters
    ----------
    points : DataFrame
        points.parquet of a sweep with --sample.

    Returns
    -------
    DataFrame
        The axes, model, what the network does (DESCRIBED_BY, `regime`), `set`, the number of the
        set of constants, and the model's errors. Networks without Spike-contrast, with a constant
        potential, in lockstep or not stationary are left out: averages describe nothing of them.
    """
    axes = axes_of(points)
    constants = [axis for axis in axes if axis not in PLANE]
    network = points[points.model == NETWORK]
    usable = (network.rate_Hz > 0) & network.spike_contrast.notna() & (network.std_mV > 0)
    for status in (LOCKSTEP, NOT_STATIONARY):
        usable &= ~has(network.status, status)
    network = network[usable & network.regime.notna()].set_index(axes)
    described = network[[*DESCRIBED_BY, "regime"]].fillna({"rhythm_Hz": 0.0})
    mass = points[points.model != NETWORK].set_index(axes)
    own = mass[["model", "status", *(name for name in ERRORS if name in mass)]].copy()
    own["own_rate_Hz"], own["own_regime"] = mass.rate_Hz, mass.regime
    table = own.join(described, how="inner").reset_index()
    table["rate_ratio"] = table.own_rate_Hz / table.rate_Hz
    table["set"] = table.groupby(constants, sort=False).ngroup() if constants else 0
    return table


def by_group(table, group, errors):
    """Tabulate errors by a group of networks: their quantiles over sets of constants.

    The points of one set are averaged (median) first, so that each set counts once in a group.

    Parameters
    ----------
    table : DataFrame
        `networks_and_errors` of one model.
    group : Series
        What each row belongs to.
    errors : sequence of str

    Returns
    -------
    DataFrame
        A row per group: number of networks and of sets, and of each error the quantiles QUANTILES.
    """
    rows = {}
    for name, mine in table.groupby(group, observed=True, sort=False):
        of_sets = mine.groupby("set")[list(errors)].median()
        row = {"networks": len(mine), "sets": len(of_sets)}
        for error in errors:
            for q in QUANTILES:
                row[f"{error} {q:.0%}"] = of_sets[error].quantile(q)
        rows[name] = row
    return pd.DataFrame(rows).T


def described(rate_Hz, rhythm_Hz, spike_contrast):
    """Return what a network does as numbers among which distances mean something, shape (..., 3).

    Logarithms to base 2 of the rate and of the rhythm (which counts from 1 Hz on), and ten times
    Spike-contrast: a factor of two is as far as a step of 0.1.
    """
    parts = np.log2(rate_Hz), np.log2(np.maximum(rhythm_Hz, 1.0)), 10 * np.asarray(spike_contrast)
    return np.stack(np.broadcast_arrays(*parts), axis=-1)


def nearest(table, rate_Hz, rhythm_Hz, spike_contrast, number=NEAREST):
    """Return the rows of one model that are nearest to a network, with their `distance`.

    Parameters
    ----------
    table : DataFrame
        `networks_and_errors` of one model.
    rate_Hz, rhythm_Hz, spike_contrast : float
        Of the network; None where it is not known. A rhythm of 0 is none.
    number : int

    Returns
    -------
    DataFrame
        In order of the distance.
    """
    wanted = {"rate_Hz": rate_Hz, "rhythm_Hz": rhythm_Hz, "spike_contrast": spike_contrast}
    there = described(*(table[name].to_numpy(float) for name in DESCRIBED_BY))
    known = [k for k, name in enumerate(DESCRIBED_BY) if wanted[name] is not None]
    filled = {name: 1.0 if value is None else value for name, value in wanted.items()}
    here = described(*filled.values())
    distance = np.sqrt(np.square(there - here)[:, known].sum(axis=1))
    return table.assign(distance=distance).nsmallest(number, "distance")


def rank_correlations(table, error, names):
    """Return Spearman's rank correlation of an error with what may explain it, strongest first."""
    varies = [name for name in names if table[name].nunique() > 1]
    if table[error].nunique() < 2:
        varies = []
    found = {name: table[name].corr(table[error], method="spearman") for name in varies}
    found = pd.Series(found, name=error, dtype=float).dropna()
    return found.reindex(found.abs().sort_values(ascending=False).index)


def tree(table, error, leaves=6, smallest=40):
    """Explain an error by what the network does: a small regression tree, as text.

    Parameters
    ----------
    table : DataFrame
        `networks_and_errors` of one model.
    error : str
        Its logarithm to base 10 is what the tree predicts.
    leaves, smallest : int
        Of the tree: how many, and of how many networks the smallest.

    Returns
    -------
    str
    share : float
        Of the variance between sets of constants that the tree was not made of (five-fold
        cross-validation over sets).
    """
    from sklearn.model_selection import GroupKFold, cross_val_score
    from sklearn.tree import DecisionTreeRegressor

    known = table[table[error] > 0]
    features, target = known[list(DESCRIBED_BY)], np.log10(known[error])
    model = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=smallest, random_state=0)
    folds = GroupKFold(5)
    scores = cross_val_score(model, features, target, groups=known.set, cv=folds, scoring="r2")
    model.fit(features, target)
    return "\n".join(_branches(model.tree_, known, target)), float(np.mean(scores))


def _branches(fitted, known, target, node=0, depth=0):
    """Yield the lines of a fitted tree: conditions, and at a leaf the errors of its networks."""
    indent = "  " * depth
    if fitted.children_left[node] == -1:
        median = 10 ** float(fitted.value[node].ravel()[0])
        yield f"{indent}{median:.2g} ({fitted.n_node_samples[node]} networks)"
        return
    name, at = DESCRIBED_BY[fitted.feature[node]], fitted.threshold[node]
    for sign, child in (("<=", fitted.children_left[node]), (">", fitted.children_right[node])):
        yield f"{indent}{name} {sign} {at:.3g}"
        yield from _branches(fitted, known, target, child, depth + 1)
