"""What the figures share: colours of populations and models, and bins of logarithmic axes."""

import numpy as np
import seaborn as sns

from analysis.measures import NETWORK

PALETTE = sns.color_palette("colorblind")
EXCITATORY, INHIBITORY = PALETTE[0], PALETTE[3]


def model_colours(models):
    """Give each model its colour: the network black, the mass models the palette's."""
    others = [model for model in models if model != NETWORK]
    cycle = (PALETTE[1], PALETTE[2], PALETTE[4], PALETTE[5], PALETTE[8], PALETTE[9])
    return {NETWORK: "black"} | {m: cycle[i % len(cycle)] for i, m in enumerate(others)}


def logarithmic_bins(frequency_Hz, power, per_decade=60):
    """Average a spectrum over logarithmic bins; bins that hold nothing are left out."""
    index = np.floor(per_decade * np.log10(frequency_Hz)).astype(int)
    index -= index.min()
    count = np.bincount(index)
    full = count > 0
    means = (np.bincount(index, values)[full] / count[full] for values in (frequency_Hz, power))
    return tuple(means)
