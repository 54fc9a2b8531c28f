"""What a closed model predicts from the parameters alone, measured as a network is."""

from dataclasses import dataclass

import numpy as np
from brian2 import ms

from analysis.measures import NETWORK
from analysis.regimes import regime
from analysis.settings import DEFAULT
from analysis.spectra import is_constant
from analysis.statuses import CONSTANT, DIVERGED, OK, OUTSIDE
from models.mass.closed.density_grid import resolution
from models.mass.model import MassSeries, diverged
from models.recording import after_transient
from study.trial.closed import closed_function
from study.trial.measure import own_spikes, potential


@dataclass(frozen=True)
class Predicted:
    """One realisation of a closed model.

    Attributes
    ----------
    series : models.mass.model.MassSeries
    measures : dict
        Rates, spike_contrast, rhythm_Hz, rhythm_strength, mean_mV, std_mV,
        median_frequency_Hz, regime and status.
    frequency_Hz, power : arrays, shape (L,), or None
        Power spectral density of its potential in mV^2/Hz; None where it diverged or is constant.
    """

    series: MassSeries
    measures: dict
    frequency_Hz: np.ndarray | None = None
    power: np.ndarray | None = None


def predicted(name, params, seed, events_ext=None, noise=True, settings=DEFAULT):
    """Run a closed model and measure it, transient dropped.

    Parameters
    ----------
    name : str
        A key of `models.mass.registry.CLOSED`.
    params : models.parameters.Parameters
    seed : int
    events_ext : integer array, shape (K,), optional
        External events of a recorded network, for a model that is given its input.
    noise : bool
        With the noise of a finite population and of the input, or its mean.
    settings : analysis.settings.Settings

    Returns
    -------
    Predicted

    Raises
    ------
    ParameterError
        The model cannot have these parameters.
    """
    series = closed_function(name)(params, seed, events_ext=events_ext, noise=noise)
    V_mV = after_transient(series.V_mV, params)
    if diverged(V_mV, params):
        return Predicted(series, {"status": DIVERGED})
    inside = name != "density" or resolution(params).inside
    measures = {"status": OK if inside else OUTSIDE}
    of_potential, frequency_Hz, power = potential(V_mV, float(params.dt / ms), settings)
    measures |= own_spikes(series, params, settings) | of_potential
    if is_constant(V_mV):
        measures["status"], frequency_Hz, power = CONSTANT, None, None
    if "rate_Hz" in measures:
        of_regime = ("rate_Hz", "spike_contrast", "rhythm_Hz")
        measures["regime"] = regime(*(measures[of] for of in of_regime))
    return Predicted(series, measures, frequency_Hz, power)


def against(own, network):
    """Compare what a closed model predicts with what the network does.

    Parameters
    ----------
    own, network : mappings
        Measures of both, as in a row of points.csv.

    Returns
    -------
    dict
        `rate_ratio`, `std_ratio`, `frequency_ratio` of model to network, `mean_error_mV`,
        `regime_right`; NaN where one of them is undefined.
    """
    def ratio(name):
        a, b = own.get(name, np.nan), network[name]
        return a / b if b else (1.0 if a == b else np.nan)

    return {
        "rate_ratio": ratio("rate_Hz"),
        "std_ratio": ratio("std_mV"),
        "frequency_ratio": ratio("median_frequency_Hz"),
        "mean_error_mV": own.get("mean_mV", np.nan) - network["mean_mV"],
        "regime_right": own.get("regime") == network["regime"],
        "of": NETWORK,
    }
