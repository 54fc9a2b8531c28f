"""Sets of constants that are as plausible as the default: ranges with sources, and draws from them.

The paper's Table 1 is not available. A range below reaches over what published networks of this
type have, or as far as the sources disagree; what all of them agree on stays as it is (v_thres,
v_reset, the reversal potentials, g_leak, and what Methods states).
"""

import math
from dataclasses import dataclass

from models.constants import SIZES, UNIT_NAMES


@dataclass(frozen=True)
class Range:
    """Where a constant may lie.

    Attributes
    ----------
    low, high : float
        In the unit of `models.constants.UNIT_NAMES`.
    source : str
    logarithmic : bool
        Drawn uniformly on a logarithmic axis.
    """

    low: float
    high: float
    source: str
    logarithmic: bool = False


RANGES = {
    "p_ext": Range(0.07, 0.14, "no value in the text; the default, 1.4 times more or less", True),
    "tau_mem": Range(15, 25, "20 ms in every source; a quarter to either side"),
    "tau_ref": Range(2, 5, "5 ms in Vogels & Abbott (2005); 2 ms in most other networks"),
    "tau_exc": Range(3, 5, "3 ms assumed; 5 ms in Vogels & Abbott (2005), Zenke & Gerstner (2014)"),
    "tau_inh": Range(5, 10, "7 ms assumed; 10 ms in the same; 5 ms if all synapses are alike"),
    "tau_ext": Range(3, 7, "the mean of the three is the 5 ms of Methods"),
    "v_rest": Range(-70, -60, "-70 mV assumed; -60 mV in Vogels & Abbott (2005)"),
    "g_hat_exc": Range(0.003, 0.03, "0.008 and 0.004 nS in the sets of constants", True),
    "g_hat_inh": Range(0.01, 0.3, "ratios to g_hat_exc from 2.25 to 133 in the sets; 11 to 13 in "
        "published networks", True),
    "g_hat_ext": Range(0.08, 0.16, "0.09 and 0.105 nS in the sets; 0.16 nS fires at 20 Hz", True),
    "Q": Range(5e-5, 5e-4, "the value of Methods, of unknown unit: membrane s.d. 0.7 to 2.2 mV",
        True),
}  # fmt: skip
"""Of each constant that is uncertain."""


def latin_hypercube(members, seed):
    """Draw sets of constants: each range is cut into as many parts, and each part has one set.

    Parameters
    ----------
    members : int
    seed : int

    Returns
    -------
    dict
        Of each key of RANGES its `members` values, in SI units, rounded to six digits so that a
        set can be written down.

    References
    ----------
    McKay, Beckman, Conover (1979) Technometrics 21:239; `scipy.stats.qmc.LatinHypercube`.
    """
    from scipy.stats import qmc  # half a second to import

    unit = qmc.LatinHypercube(d=len(RANGES), seed=seed).random(members).T
    return {name: [_within(name, share) for share in shares] for name, shares in zip(RANGES, unit)}


def _within(name, share):
    """Return the value at a share of a range, in SI units."""
    between = RANGES[name]
    if between.logarithmic:
        value = math.exp(
            math.log(between.low) + share * math.log(between.high / between.low)
        )
    else:
        value = between.low + share * (between.high - between.low)
    return float(f"{value:.6g}") * SIZES.get(UNIT_NAMES.get(name), 1.0)
