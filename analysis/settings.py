"""The settings of the measures: how far spectra and lags reach, how fine spikes are told."""

from dataclasses import dataclass

from analysis.arguments import require_positive


@dataclass(frozen=True)
class Settings:
    """What the measures of a trial are told beside the trial itself.

    Attributes
    ----------
    band_Hz : float
        Spectra reach up to here.
    max_lag_ms : float
        Correlations reach up to here, to either side.
    spike_contrast_floor_ms : float
        The smallest bin of Spike-contrast.

    Raises
    ------
    ValueError
        One of them is not positive.
    """

    band_Hz: float = 500.0
    max_lag_ms: float = 250.0
    spike_contrast_floor_ms: float = 1.0

    def __post_init__(self):
        for name, value in vars(self).items():
            require_positive(value, name)

    @property
    def shortest_ms(self):
        """The shortest record on which the largest lag can be measured, in ms."""
        return 2 * self.max_lag_ms

    @property
    def coarsest_ms(self):
        """The longest time step that reaches the end of the band, its Nyquist frequency, in ms."""
        return 1000 / (2 * self.band_Hz)


DEFAULT = Settings()
