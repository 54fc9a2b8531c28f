"""The parameters of the study as Brian2 quantities, their rules, and the sets of constants."""

import math
import numbers
from dataclasses import dataclass, field, fields

import numpy as np
from brian2 import Hz, Quantity, get_unit, have_same_dimensions, ms, mV, nS, second, volt

from models.constants import SETS, UNIT_NAMES, entry

LARGEST_INTEGER = 2**31 - 1  # neurons, trains and steps are counted with 32 bits
DIGITS = 30
"""A parameter is 0 or of size 1e-30 ... 1e30 in SI units: no product of ten leaves the numbers."""


class ParameterError(ValueError):
    """A parameter breaks its rule; `name` says which one."""

    def __init__(self, name, rule, value):
        if isinstance(value, int) and abs(value) > 10**100:
            value = f"an integer of {value.bit_length()} bits"
        with np.errstate(all="ignore"):  # Brian2 divides on the way to the best unit
            super().__init__(f"{name} {rule}, got {value}")
        self.name, self.rule, self.value = name, rule, value


@dataclass(frozen=True)
class Parameters:
    """One network, its drive, its mass models and the length of its simulation.

    Potentials, times, conductances and rates are scalar Brian2 quantities; `N`, `M` are integers;
    `p`, `lam`, `p_ext` are plain numbers. All rules are checked here, once; code that receives a
    `Parameters` trusts it.

    Raises
    ------
    ParameterError
        A `ValueError` that names the parameter, its rule and the value.
    """

    N: int
    M: int
    p: float
    lam: float
    p_ext: float
    nu_ext: Quantity
    tau_mem: Quantity
    tau_ref: Quantity
    tau_exc: Quantity
    tau_inh: Quantity
    tau_ext: Quantity
    tau_syn: Quantity
    v_rest: Quantity
    v_thres: Quantity
    v_reset: Quantity
    v_rev_exc: Quantity
    v_rev_inh: Quantity
    v_rev_ext: Quantity
    g_leak: Quantity
    g_hat_exc: Quantity
    g_hat_inh: Quantity
    g_hat_ext: Quantity
    Q: Quantity
    dt: Quantity
    duration: Quantity
    transient: Quantity
    delay: Quantity = field(default_factory=lambda: 0 * ms)

    def __post_init__(self):
        for name, unit in UNITS.items():
            value = getattr(self, name)
            if not (isinstance(value, (Quantity, numbers.Real)) and np.ndim(value) == 0
                    and np.isrealobj(value) and have_same_dimensions(value, unit)):  # fmt: skip
                raise ParameterError(name, f"must have the dimensions of {unit}", value)
            if not math.isfinite(_si(value)):
                raise ParameterError(name, "must be finite", value)
        for name, least in (("N", 2), ("M", 1)):
            value = getattr(self, name)
            if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
                raise ParameterError(name, f"must be an integer >= {least}", value)
            if value > LARGEST_INTEGER:
                raise ParameterError(name, f"must not exceed {LARGEST_INTEGER}", value)
        for name in ("p", "lam", "p_ext"):
            value = getattr(self, name)
            if not isinstance(value, numbers.Real) or isinstance(value, bool):
                raise ParameterError(name, "must be a number", value)
            if not 0 <= value <= 1:  # nan fails too
                raise ParameterError(name, "must lie in [0, 1]", value)
        for name, value in self.si().items():
            if value != 0 and not 10.0**-DIGITS <= abs(value) <= 10.0**DIGITS:
                rule = f"must be 0 or of size 1e-{DIGITS} ... 1e{DIGITS} in SI units"
                raise ParameterError(name, rule, f"{value:g}")
        self._make_plain()
        for name in ("tau_mem", "tau_exc", "tau_inh", "tau_ext", "tau_syn", "g_leak", "dt"):
            if _si(getattr(self, name)) <= 0:
                raise ParameterError(name, "must be positive", getattr(self, name))
        of_size = ("tau_ref", "g_hat_exc", "g_hat_inh", "g_hat_ext", "Q", "nu_ext")
        for name in (*of_size, "transient", "delay"):
            if _si(getattr(self, name)) < 0:
                raise ParameterError(name, "must not be negative", getattr(self, name))
        shortest = min(self.tau_mem, self.tau_exc, self.tau_inh, self.tau_ext, self.tau_syn)
        if self.dt > shortest:
            raise ParameterError(
                "dt", f"must not exceed the shortest time constant, {shortest}", self.dt
            )
        if _si(self.nu_ext) * _si(self.dt) > 1:
            raise ParameterError("nu_ext", f"must not exceed 1/dt = {1 / self.dt}", self.nu_ext)
        for name in ("v_rest", "v_reset"):
            if getattr(self, name) >= self.v_thres:
                raise ParameterError(
                    name, f"must lie below v_thres = {self.v_thres}", getattr(self, name)
                )
        if self.steps > LARGEST_INTEGER:
            rule = f"must be {LARGEST_INTEGER} steps of dt = {self.dt} or fewer"
            raise ParameterError("duration", rule, self.duration)
        if self.delay >= self.duration:
            raise ParameterError(
                "delay", f"must be shorter than duration = {self.duration}", self.delay
            )
        if self.steps - self.transient_steps < 2:
            raise ParameterError(
                "duration",
                f"must exceed transient = {self.transient} by two steps or more",
                self.duration,
            )

    def _make_plain(self):
        """Make equal parameters the same to the bit: no numpy numbers, no 1 for 1.0, no -0."""
        for name in ("N", "M"):
            object.__setattr__(self, name, int(getattr(self, name)))
        for name in ("p", "lam", "p_ext"):
            object.__setattr__(self, name, float(getattr(self, name)) + 0.0)
        for name, unit in UNITS.items():
            if _si(getattr(self, name)) == 0:
                object.__setattr__(self, name, 0 * unit)

    @property
    def N_exc(self):
        """Number of excitatory neurons: the first N_exc of the N."""
        return round(self.lam * self.N)

    @property
    def N_inh(self):
        """Number of inhibitory neurons: the last N_inh of the N."""
        return self.N - self.N_exc

    @property
    def steps(self):
        """Number of time steps in `duration`."""
        return round(_si(self.duration) / _si(self.dt))

    @property
    def transient_steps(self):
        """Number of time steps in `transient`."""
        return round(_si(self.transient) / _si(self.dt))

    def si(self):
        """Return every parameter as a plain number in SI units, in the order of the fields."""
        return {f.name: _si(getattr(self, f.name)) for f in fields(self)}


_BRIAN2 = {"Hz": Hz, "ms": ms, "mV": mV, "nS": nS, "(V^2)/s": volt**2 / second, "s": second}
UNITS = {name: _BRIAN2[unit] for name, unit in UNIT_NAMES.items()}
"""The unit in which a parameter is shown; parameters that are not here are plain numbers."""

DERIVED = {
    name: value.__doc__ for name, value in vars(Parameters).items() if isinstance(value, property)
}
"""Values that follow from the parameters and cannot be set."""


def _si(value):
    """Return the plain number behind `value`, in SI units; integers stay integers."""
    return value if isinstance(value, numbers.Integral) else float(np.asarray(value))


def quantity(name, si):
    """Return the value of a parameter from its plain number in SI units."""
    return si * get_unit(UNITS[name].dim) if name in UNITS else si


def from_si(values):
    """Build Parameters from plain SI numbers, the inverse of `Parameters.si`."""
    return Parameters(**{name: quantity(name, si) for name, si in values.items()})


def shown(params):
    """Return `entry` of every parameter, by its name."""
    return {name: entry(name, si) for name, si in params.si().items()}


CONSTANTS = {
    name: Parameters(**{n: v * UNITS[n] if n in UNITS else v for n, v in values.items()})
    for name, values in SETS.items()
}
"""The sets of constants by name, the default first; `models.constants` has their sources."""
TABLE_1 = CONSTANTS["calibrated"]
