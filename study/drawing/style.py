"""What the figures share: what each colour means, and bins of logarithmic axes."""

import numpy as np
import seaborn as sns

from analysis.measures import NETWORK
from analysis.regimes import ASYNCHRONOUS, HIGH_FREQUENCY, LOW_FREQUENCY, SILENT
from models.mass.ladder import ASSUMPTIONS

PALETTE = sns.color_palette("colorblind").as_hex()
EXCITATORY, INHIBITORY = PALETTE[0], PALETTE[3]
MODELS = {NETWORK: "#000000", "CFM": PALETTE[1], "MFM": PALETTE[2], "density": PALETTE[5]}
"""These have their colour in every figure; other models take the next one of OTHERS."""
OTHERS = (PALETTE[4], PALETTE[9], "#6a51a3", "#8c510a", PALETTE[6], PALETTE[7])
RUNGS = dict(zip(ASSUMPTIONS.values(),
    ("#999999", "#332288", "#88ccee", "#ddcc77", "#aa4499", "#661100")))  # fmt: skip
"""What each assumption adds to an error."""
FROM_COUNTS = "#444444"
"""The rungs that are made of population counts."""
REGIMES = {SILENT: "#ffffff", ASYNCHRONOUS: "#b9d6e8", LOW_FREQUENCY: "#dd8322",
    HIGH_FREQUENCY: "#5a1d6b"}  # fmt: skip
"""From light to dark, so that they differ in print, too."""
GOOD_IS_LOW, GOOD_IS_HIGH, NEUTRAL, SIGNED = "viridis", "viridis_r", "Blues", "RdBu_r"
"""The colour maps: dark is good on every map of a model; a neutral one is dark where there is
more."""


def in_print(assumption):
    """Write an assumption with the brackets of an average, as the text has them."""
    return assumption.replace("<", "⟨").replace(">", "⟩")


def map_colours(measure):
    """Return the name of the colour map of a measure."""
    if measure.scale == "centred":
        return SIGNED
    return {1: GOOD_IS_HIGH, -1: GOOD_IS_LOW}.get(measure.direction, NEUTRAL)


def model_colours(models):
    """Give each model its colour: those that have their own, and the others in turn."""
    others = [model for model in models if model not in MODELS]
    turn = {model: OTHERS[k % len(OTHERS)] for k, model in enumerate(others)}
    return {model: MODELS.get(model) or turn[model] for model in dict.fromkeys((NETWORK, *models))}


def logarithmic_bins(frequency_Hz, power, per_decade=60):
    """Average a spectrum over logarithmic bins; bins that hold nothing are left out."""
    index = np.floor(per_decade * np.log10(frequency_Hz)).astype(int)
    index -= index.min()
    count = np.bincount(index)
    full = count > 0
    means = (np.bincount(index, values)[full] / count[full] for values in (frequency_Hz, power))
    return tuple(means)
