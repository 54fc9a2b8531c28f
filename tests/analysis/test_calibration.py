"""The level of every p-value of the tables, under a hypothesis that holds."""

import numpy as np
import pytest

from study import calibration


def level(repeats, standard_errors=4):
    """Return the largest part of the cases that a test of the level told may reject."""
    p = calibration.LEVEL
    return p + standard_errors * np.sqrt(p * (1 - p) / repeats)


def test_every_p_value_has_a_row():
    found = calibration.sizes(3, np.random.default_rng(1), kinds=("2 Hz",))
    names = "|".join(found.index)
    for name in ("chi2_pvalue", "chi2_pvalue_double", "chi2_permutation_pvalue", "rho_pvalue at",
        "rho_pvalue_nominal", "rho_pvalue_trials", "not stationary"):  # fmt: skip
        assert name in names
    assert found["2 Hz"].between(0, 1).all()


@pytest.mark.slow
def test_calibrated_tests_keep_their_level():
    repeats = 400
    found = calibration.sizes(repeats, np.random.default_rng(2))
    print(found.to_string(float_format="{:.3f}".format))
    kept = found[found.index.str.startswith(("chi2_permutation", "rho_pvalue at lag 0"))]
    assert len(kept) == 2 and (kept <= level(repeats)).all(axis=None)
    stationary = found[found.index.str.startswith("not stationary")]
    assert (stationary <= level(repeats)).all(axis=None)
    # what is no test says so: too liberal at the onset's slow spectrum, far too liberal
    liberal = found[found.index.str.startswith("rho_pvalue_nominal")]
    assert (liberal > 0.3).all(axis=None)
