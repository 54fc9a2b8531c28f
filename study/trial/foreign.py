"""A function from elsewhere as a mass model: it changes nothing, what it returns is checked."""

import copy
from dataclasses import dataclass, replace

import numpy as np

from models.mass.model import Equation, MassSeries
from study.trial.closed import is_closed
from study.trial.contained import ModelFailure, contained, pass_interrupt, sealed, told

NUMBERS = (int, float, np.floating, np.integer)
"""What a list that a model returns may hold."""


@dataclass(frozen=True)
class Foreign:
    """A function, open or, by its signature, closed.

    Attributes
    ----------
    function : callable
    name : str
        What messages call it.
    seed : int
        What a closed model is given.
    """

    function: object
    name: str
    seed: int = 0

    def seeded(self, seed):
        """Return the model of one trial."""
        return replace(self, seed=seed)

    def __call__(self, recording, params, integrator="euler"):
        """Call the function.

        Raises
        ------
        ModelFailure
            It names the model and says why there is nothing.
        """
        with contained():
            own = copy.deepcopy(params)
            try:
                if is_closed(self.function):
                    returned = self.function(own, self.seed)
                else:
                    returned = self.function(sealed(recording), own, integrator)
            except BaseException as error:  # sys.exit() in a model ends the model alone
                pass_interrupt(error)
                raise ModelFailure(f"{self.name}: raised {told(error)}") from None
            try:
                return _checked(returned, recording.steps)
            except ValueError as error:
                raise ModelFailure(f"{self.name}: {error}") from None


def _checked(returned, steps):
    """Return what a model returned, as float arrays of its own, or raise ValueError."""
    if isinstance(returned, Equation):
        return returned
    if not isinstance(returned, MassSeries):
        return _series(returned, steps, "mV")
    rates_Hz = {}
    for name in ("rate_exc_Hz", "rate_inh_Hz"):
        if (rate_Hz := getattr(returned, name)) is not None:
            rates_Hz[name] = _series(rate_Hz, steps, "Hz")
            if rates_Hz[name].min() < 0:
                raise ValueError(f"must return rates of 0 or more, got {rates_Hz[name].min():g}")
    return MassSeries(_series(returned.V_mV, steps, "mV"), **rates_Hz)


def _series(returned, steps, unit):
    """Return values, one per step, as a float array of its own, or raise ValueError.

    Units are not guessed: a quantity in volts, taken for numbers in mV, would be a wrong row.
    """
    rule = f"must return {steps} values, one per step"
    if type(returned) in (list, tuple) and all(_is_number(value) for value in returned):
        returned = np.array(returned)
    if type(returned) is not np.ndarray:
        kind = type(returned).__name__
        raise ValueError(f"{rule}, as a numpy array of plain numbers in {unit}, got {_a(kind)}")
    if returned.dtype.kind not in "iuf" or not np.can_cast(returned.dtype, float):
        raise ValueError(f"{rule}, as real numbers, got an array of {returned.dtype}")
    if returned.shape != (steps,):
        raise ValueError(f"{rule}, got an array of shape {returned.shape}")
    values = np.array(returned, dtype=float)
    if not np.isfinite(values).all():
        step = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ValueError(f"must return finite values, got {values[step]} in step {step}")
    return values


def _is_number(value):
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def _a(kind):
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"
