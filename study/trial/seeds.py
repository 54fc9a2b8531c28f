"""The seeds of trials, all derived from one integer."""

import struct

import numpy as np


def trial_seeds(root, trials):
    """Derive one 32-bit seed per trial: the root itself, then values hashed from (root, trial).

    All differ. Any one of them, given as root for a single trial, regenerates that trial alone.
    """
    return [root, *distinct_seeds(((root, k) for k in range(1, trials)), {root})]


def distinct_seeds(entropies, taken=()):
    """Hash each entropy into a 32-bit seed that none before it has.

    Each is the first word of the entropy's SeedSequence or, where an earlier one has that already,
    the first of the following words that is still free. So a seed depends on those before it, but
    not on how many come after.

    Parameters
    ----------
    entropies : iterable of tuple of int
    taken : set of int
        What no seed may be.
    """
    taken, seeds = set(taken), []
    for entropy in entropies:
        sequence, words = np.random.SeedSequence(entropy), 1
        while (seed := int(sequence.generate_state(words)[-1])) in taken:
            words += 1
        taken.add(seed)
        seeds.append(seed)
    return seeds


def point_entropy(root, p, lam):
    """Return what the random numbers of a point are derived from: 32-bit words.

    The root and the bits of p and lambda themselves, not their places in a grid.
    """
    return (root, *struct.unpack(">4I", struct.pack(">2d", p, lam)))


def point_seeds(root, p, lam, trials):
    """Derive the 32-bit seeds of a point's trials, all different.

    Two trials of different points may share one: with tens of thousands of trials, that happens.
    It is harmless. A trial's seed is its own network's alone, no statistic of a point looks at
    another point's trials, and the trials of a point stay independent. A comparison of two such
    points would see one of their trials twice, at different parameters.
    """
    entropy = point_entropy(root, p, lam)
    return distinct_seeds((*entropy, 1 + trial) for trial in range(trials))
