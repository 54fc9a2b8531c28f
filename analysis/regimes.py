"""Label a point of the {p, lambda} plane by what the network does there."""

import math

from analysis.arguments import require_positive

# Fewer than one spike per neuron in ten seconds: most trains of a record are then empty or
# nearly so, and neither synchrony nor a mean rate describes them. The quietest asynchronous
# networks with a majority of excitatory neurons fire ten times as often.
SILENT_RATE_Hz = 0.1

# Independent trains score 0.125, and less where some of them hardly fire. Twice as much is no
# chance in a large population: 10,000 neurons at the default parameters score 0.03 to 0.16
# before the recurrence ignites (p <= 0.2), 0.32 at the onset (p = 0.3, lam = 0.8) and 0.5 to
# 0.96 beyond it (p >= 0.4).
SYNCHRONOUS_CONTRAST = 0.25

# Volleys come at 2 to 20 Hz in low-frequency synchrony, at 60 to 138 Hz in high-frequency synchrony
# at the default parameters; the boundary is the usual one between the beta and the gamma band of
# the electroencephalogram.
HIGH_FREQUENCY_Hz = 30.0

SILENT = "silent"
ASYNCHRONOUS = "asynchronous"
LOW_FREQUENCY = "low-frequency synchronous"
HIGH_FREQUENCY = "high-frequency synchronous"
REGIMES = (SILENT, ASYNCHRONOUS, LOW_FREQUENCY, HIGH_FREQUENCY)


def regime(rate_Hz, spike_contrast, rhythm_Hz):
    """Name the regime of a network from three of its measures.

    Parameters
    ----------
    rate_Hz : float
        Mean firing rate over all neurons in Hz.
    spike_contrast : float
        Spike-contrast of all trains, in [0, 1]; NaN where it is undefined.
    rhythm_Hz : float
        Frequency of the volleys in Hz (`analysis.rhythm`), not the median frequency of the mean
        potential, which reads the harmonics of narrow volleys. Read only in a synchronous network;
        NaN where no rhythm is significant or all neurons spike at once. The rate then takes its
        place: in volleys that take every neuron along it is theirs, else it is lower.

    Returns
    -------
    str
        'silent' where the rate is below `SILENT_RATE_Hz` or Spike-contrast is undefined,
        'asynchronous' where it is below `SYNCHRONOUS_CONTRAST`, else 'low-frequency synchronous'
        or, from `HIGH_FREQUENCY_Hz` on, 'high-frequency synchronous'.

    Raises
    ------
    ValueError
        If the rate is negative or not a number, Spike-contrast lies outside [0, 1], or the rhythm
        of a synchronous network is not positive.

    Notes
    -----
    **Assumptions.** A regime is a region with sharp borders. Networks near a border are not that
    clear: the label is for the eye, the three measures are the result.
    """
    if not rate_Hz >= 0:
        raise ValueError(f"rate_Hz must not be negative, got {rate_Hz}")
    if rate_Hz < SILENT_RATE_Hz or math.isnan(spike_contrast):
        return SILENT
    if not 0 <= spike_contrast <= 1:
        raise ValueError(f"spike_contrast must lie in [0, 1], got {spike_contrast}")
    if spike_contrast < SYNCHRONOUS_CONTRAST:
        return ASYNCHRONOUS
    if math.isnan(rhythm_Hz):
        return synchronous(rate_Hz)
    require_positive(rhythm_Hz, "rhythm_Hz")
    return synchronous(rhythm_Hz)


def synchronous(frequency_Hz):
    """Name the regime of a synchronous network by the frequency of its volleys in Hz."""
    return LOW_FREQUENCY if frequency_Hz < HIGH_FREQUENCY_Hz else HIGH_FREQUENCY
