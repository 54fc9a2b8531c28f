"""How sure statistical tests are: one false alarm in a million draws of their random numbers."""

from scipy.stats import norm

ALARM = 1e-6
Z = norm.isf(ALARM / 2)
"""So many standard errors, to either side: 4.9."""
