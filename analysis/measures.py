"""The measures: everything that is known of a column of the tables, once."""

from dataclasses import dataclass

NETWORK = "LIF"
"""What the network is called among the models."""
TRIALS, SPECTRA = "mean over trials", "from mean spectra"
CORRELATIONS, OTHERWISE = "from mean correlations", "otherwise"
"""How the value of a point follows from its trials."""
UNITS = ("Hz", "mV", "ms")
"""The units that stand at the end of a column's name."""


@dataclass(frozen=True)
class Measure:
    """A column of trials.csv and summary.csv.

    Attributes
    ----------
    name : str
        With its unit at the end.
    meaning : str
        What it is, for the tables of the site.
    form : str
        How a value is written for people, as `format` takes it.
    over_trials : {TRIALS, SPECTRA, CORRELATIONS, OTHERWISE}
        How a point's value follows from its trials: the mean of theirs, measured again on spectra
        or on correlation functions that were averaged first, all with a bootstrap interval; or as
        `analysis.summary.summarise` says.
    network : bool
        It describes the network's spikes.
    per_trial : bool
        A single trial has it, too.
    pvalue : bool
        It is one.
    direction : int
        1 where more is better, -1 where less is, 0 where neither.
    title, label : str
        Above a map and beside its colour bar; a p-value's label names its test.
    scale : str
        Of its map, see `study.drawing.maps.shared_scale`.
    tested_by : tuple of str
        The p-values whose boundaries its map shows.
    beyond : str
        Of a p-value: what lies on the other side of its boundary.
    later : bool
        Tables of older versions lack it: it is empty where they are read.
    """

    name: str
    meaning: str
    form: str
    over_trials: str = OTHERWISE
    network: bool = False
    per_trial: bool = True
    pvalue: bool = False
    direction: int = 0
    title: str = ""
    label: str = ""
    scale: str = "linear"
    tested_by: tuple = ()
    beyond: str = ""
    later: bool = False

    @property
    def unit(self):
        """The unit, "" where there is none."""
        last = self.name.rpartition("_")[2]
        return last if last in UNITS else ""

    @property
    def quantity(self):
        """The name without the unit."""
        return self.name.removesuffix(f"_{self.unit}") if self.unit else self.name

    @property
    def words(self):
        """`median frequency` for median_frequency_Hz."""
        return self.quantity.replace("_", " ")

    @property
    def row(self):
        """The head of its row, with the unit: `mean [mV]`."""
        return f"{self.words} [{self.unit}]" if self.unit else self.words


MEASURES = (
    Measure(
        "rate_Hz", "spikes per neuron and second, transient dropped", ".2f", TRIALS,
        network=True, title="firing rate", label="rate (Hz)", scale="log",
    ),
    Measure(
        "rate_exc_Hz", "that of the excitatory neurons alone", ".2f", TRIALS,
        network=True,
    ),
    Measure(
        "rate_inh_Hz", "that of the inhibitory neurons alone", ".2f", TRIALS,
        network=True,
    ),
    Measure(
        "spike_contrast",
        "synchrony of all spike trains (Ciba et al. 2018), 0 to 1; independent trains score about "
        "0.125, not 0",
        ".3f", TRIALS, network=True, title="synchrony",
        label="Spike-contrast (0 … 1)", scale="unit",
    ),
    Measure(
        "rhythm_Hz",
        "frequency of the population's volleys: the first high maximum of the autocorrelation of "
        "its spike counts; empty where none is significant, of a point where fewer than half of "
        "the trials have one",
        ".2f", TRIALS, network=True, title="rhythm", label="rhythm (Hz)", scale="log", later=True,
    ),
    Measure(
        "rhythm_strength", "the autocorrelation at one period of the rhythm, 0 to 1", ".2f", TRIALS,
        network=True, title="strength of the rhythm", label="strength (0 … 1)", scale="unit",
        later=True,
    ),
    Measure("mean_mV", "of the model's mean potential over time", ".2f", TRIALS),
    Measure("std_mV", "standard deviation of the mean potential over time", ".3f", TRIALS),
    Measure(
        "median_frequency_Hz",
        "half of the power up to 500 Hz lies below it; it reads harmonics, the rhythm does not",
        ".2f", SPECTRA, title="median frequency", label="median frequency (Hz)", scale="log",
    ),
    Measure(
        "bias_mV", "mean of the model less mean of the network", "+.2f", TRIALS,
        title="bias", label="mean less that of LIF (mV)", scale="centred", later=True,
    ),
    Measure(
        "std_ratio", "standard deviation of the model by that of the network", ".3g", TRIALS,
        title="ratio of s.d.", label="s.d. by that of LIF", scale="log", later=True,
    ),
    Measure(
        "nrmse",
        "root mean square difference by the network's standard deviation: 0 for a copy, 1 is as "
        "bad as the network's time average",
        ".3g", TRIALS, direction=-1, title="error", label="NRMSE against LIF", scale="log",
        later=True,
    ),
    Measure(
        "spectral_distance",
        "0 (same shape of the spectrum) to 1 (nothing in common); free of scale",
        ".4f", SPECTRA, direction=-1, title="spectral distance",
        label="distance to the LIF spectrum (0 … 1)", scale="log",
        tested_by=("chi2_permutation_pvalue",),
    ),
    Measure(
        "chi2_permutation_pvalue",
        "of the hypothesis that network and mass model are exchangeable; needs 5 trials or more",
        ".2g", per_trial=False, pvalue=True, label="permutation test: p",
        beyond="towards small distance: no difference found",
    ),
    Measure(
        "chi2",
        "Eq. 25 between the model's spectrum and the network's, both scaled to one count per bin "
        "and trial that they are averaged over. The paper does not say to which total, and the "
        "statistic is proportional to it; with this one it is 2K/(2K + 1) of its degrees of "
        "freedom, on average over K trials, for two independent networks with one and the same "
        "spectrum",
        ".0f", SPECTRA, direction=-1, title="χ²",
        label="χ² to the LIF spectrum (no unit)", scale="log",
        tested_by=("chi2_pvalue", "chi2_pvalue_double"),
    ),
    Measure("chi2_dof", "degrees of freedom of chi2", ".0f"),
    Measure(
        "chi2_pvalue",
        "of Eq. 25 as if spectra were Poisson counts: a threshold on the distance whose rate of "
        "false alarms depends on the spectrum (`python -m study.calibration`); empty with one "
        "trial",
        ".2g", pvalue=True, label="χ², 1 count per bin and trial: p",
        beyond="towards small χ²",
    ),
    Measure(
        "chi2_pvalue_double",
        "the same with two counts per bin and trial, the number of samples",
        ".2g", pvalue=True, label="χ², 2 counts per bin and trial: p",
        beyond="towards small χ²", later=True,
    ),
    Measure(
        "tau_max_ms",
        "lag at which the mass model's potential correlates best with the network's; positive: the "
        "mass model lags. Empty where the correlation is largest at the edge of the window",
        "+.1f", CORRELATIONS, title="lag", label="$τ_{max}$ (ms); positive: behind LIF",
        scale="centred",
    ),
    Measure(
        "rho", "the correlation at that lag, tau max", ".3f", CORRELATIONS, direction=1,
        title="correlation", label="ρ with LIF at $τ_{max}$", scale="unit",
        tested_by=("rho_pvalue", "rho_pvalue_trials"),
    ),
    Measure(
        "rho_0", "the correlation at lag 0", ".3f", TRIALS, direction=1,
        title="correlation at lag 0", label="ρ with LIF at lag 0", scale="unit", later=True,
    ),
    Measure("rho_n_eff", "effective number of independent samples (Bartlett)", ".0f"),
    Measure(
        "rho_pvalue",
        "of *no* correlation, with so many samples. A small one says that model and network have "
        "something to do with each other, not that the model is right. Empty where the record is "
        "too short against its own correlation time",
        ".2g", pvalue=True, label="zero correlation, effective n: p",
        beyond="towards large ρ: correlated, which does not mean close",
    ),
    Measure(
        "rho_pvalue_nominal", "of no correlation, all samples as if independent", ".2g",
        pvalue=True,
    ),
    Measure(
        "rho_pvalue_trials",
        "of no correlation if each trial were one sample; needs 4 trials or more",
        ".2g", per_trial=False, pvalue=True, label="zero correlation, n = trials: p",
        beyond="towards large ρ", later=True,
    ),
)  # fmt: skip
"""In the order of the tables."""
BY_NAME = {measure.name: measure for measure in MEASURES}


def names(**wanted):
    """Return the names of the measures that have these attributes, in the order of the tables."""
    return tuple(
        measure.name
        for measure in MEASURES
        if all(getattr(measure, name) == value for name, value in wanted.items())
    )


def as_markdown():
    """Return the rows of a table in Markdown: what each measure is."""
    return "\n".join(f"| {measure.row} | {measure.meaning} |" for measure in MEASURES)
