"""What `predict` returns: a closed model at a point, with its table, arrays and figure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import ms

from models.parameters import Parameters
from study.trial.prediction import Predicted


@dataclass(frozen=True, repr=False)
class Prediction:
    """What a closed model says of a point.

    Attributes
    ----------
    model : str
    params : models.parameters.Parameters
    found : study.trial.prediction.Predicted
    """

    model: str
    params: Parameters
    found: Predicted

    @property
    def table(self):
        """One row: rates, Spike-contrast, mean and s.d. of V, median frequency, regime, status."""
        place = {"p": self.params.p, "lam": self.params.lam, "model": self.model}
        return pd.DataFrame([{**place, **self.found.measures}])

    @property
    def series(self):
        """The models.mass.model.MassSeries: V_mV, rate_exc_Hz and rate_inh_Hz at each step."""
        return self.found.series

    def to_xarray(self):
        """Return an xarray.Dataset: potential and rates by time, their power by frequency."""
        dt_ms = float(self.params.dt / ms)
        t_ms = np.arange(self.params.steps) * dt_ms
        units = {"V_mV": "mV", "rate_exc_Hz": "Hz", "rate_inh_Hz": "Hz"}
        given = {name: getattr(self.series, name) for name in units}
        data = {
            name.rpartition("_")[0]: ("time", values, {"units": units[name]})
            for name, values in given.items()
            if values is not None
        }
        if self.found.power is not None:
            data["power"] = ("frequency", self.found.power, {"units": "mV^2/Hz"})
        coords = {"time": ("time", t_ms, {"units": "ms"})}
        if self.found.power is not None:
            coords["frequency"] = ("frequency", self.found.frequency_Hz, {"units": "Hz"})
        return xr.Dataset(data, coords, {"model": self.model})

    def plot(self):
        """Draw potential, rates and spectrum; return the matplotlib Figure."""
        from study.drawing.closed import draw_prediction

        return draw_prediction(self.to_xarray())

    def __repr__(self):
        found = {n: v for n, v in self.found.measures.items() if n in ("rate_Hz", "std_mV")}
        said = ", ".join(f"{name} = {value:.3g}" for name, value in found.items())
        regime = self.found.measures.get("regime", self.found.measures["status"])
        place = f"p = {self.params.p:g}, lam = {self.params.lam:g}"
        return f"<{self.model} at {place}: {regime}, {said}>"
