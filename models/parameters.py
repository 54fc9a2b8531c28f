"""The parameters of the study, and Table 1 as reconstructed.

Table 1 of Deschle et al. (2021) is not available to us. Each value below says where it comes from:
`Methods` is stated in the paper's text; `assumed` is usual for this network type (Vogels & Abbott
2005; Yger et al. 2011); `calibrated` was found by scanning the {p, lambda} plane at N = 10,000 with
an independent simulator until the regimes that the paper reports appeared.
"""

import ast
import math
import numbers
import operator
from dataclasses import dataclass, fields

import numpy as np
from brian2 import (
    DimensionMismatchError,
    Hz,
    Quantity,
    get_unit,
    have_same_dimensions,
    ms,
    mV,
    nS,
    second,
    volt,
)
from brian2.units import allunits, stdunits

SEED_LIMIT = 2**32


class ParameterError(ValueError):
    """A parameter breaks its rule; `name` says which one."""

    def __init__(self, name, rule, value):
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

    N: int  # neurons
    M: int  # external Poisson trains
    p: float  # connection probability of an ordered pair of neurons
    lam: float  # fraction of excitatory neurons, Eq. 3
    p_ext: float  # connection probability train -> excitatory neuron
    nu_ext: Quantity  # rate of one external train
    tau_mem: Quantity  # membrane time constant
    tau_ref: Quantity  # refractory period
    tau_exc: Quantity  # decay of the excitatory conductance
    tau_inh: Quantity  # decay of the inhibitory conductance
    tau_ext: Quantity  # decay of the external conductance
    tau_syn: Quantity  # the one synaptic time constant of the mass models
    v_rest: Quantity  # leak reversal potential
    v_thres: Quantity  # spike threshold
    v_reset: Quantity  # potential after a spike
    v_rev_exc: Quantity  # reversal potentials of the synapses
    v_rev_inh: Quantity
    v_rev_ext: Quantity
    g_leak: Quantity  # leak conductance
    g_hat_exc: Quantity  # peak conductance per spike
    g_hat_inh: Quantity
    g_hat_ext: Quantity
    Q: Quantity  # variance rate of the membrane noise, on dv
    dt: Quantity  # time step of the network and of the mass models
    duration: Quantity  # simulated time T
    transient: Quantity  # T0, dropped from every series before it is measured

    def __post_init__(self):
        for name, unit in UNITS.items():
            value = getattr(self, name)
            if not (np.ndim(value) == 0 and have_same_dimensions(value, unit)):
                raise ParameterError(name, f"must have the dimensions of {unit}", value)
            if not math.isfinite(_si(value)):
                raise ParameterError(name, "must be finite", value)
        for name, least in (("N", 2), ("M", 1)):
            value = getattr(self, name)
            if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
                raise ParameterError(name, f"must be an integer >= {least}", value)
        for name in ("p", "lam", "p_ext"):
            value = getattr(self, name)
            if not (isinstance(value, numbers.Real) and 0 <= value <= 1):  # nan fails too
                raise ParameterError(name, "must lie in [0, 1]", value)
        for name in ("tau_mem", "tau_exc", "tau_inh", "tau_ext", "tau_syn", "g_leak", "dt"):
            if _si(getattr(self, name)) <= 0:
                raise ParameterError(name, "must be positive", getattr(self, name))
        for name in ("tau_ref", "g_hat_exc", "g_hat_inh", "g_hat_ext", "Q", "nu_ext", "transient"):
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
        if self.steps - self.transient_steps < 2:
            raise ParameterError(
                "duration",
                f"must exceed transient = {self.transient} by two steps or more",
                self.duration,
            )

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


UNITS = {
    "nu_ext": Hz,
    **dict.fromkeys(("tau_mem", "tau_ref", "tau_exc", "tau_inh", "tau_ext", "tau_syn", "dt"), ms),
    **dict.fromkeys(("v_rest", "v_thres", "v_reset", "v_rev_exc", "v_rev_inh", "v_rev_ext"), mV),
    **dict.fromkeys(("g_leak", "g_hat_exc", "g_hat_inh", "g_hat_ext"), nS),
    "Q": volt**2 / second,
    **dict.fromkeys(("duration", "transient"), second),
}
"""The unit in which a parameter is shown; parameters that are not here are plain numbers."""

DERIVED = {
    name: value.__doc__ for name, value in vars(Parameters).items() if isinstance(value, property)
}
"""Values that follow from the parameters and cannot be set."""


def _si(value):
    """Return the plain number behind `value`, in SI units; integers stay integers."""
    return value if isinstance(value, numbers.Integral) else float(np.asarray(value))


def from_si(values):
    """Build Parameters from plain SI numbers, the inverse of `Parameters.si`."""
    dim = {name: get_unit(unit.dim) for name, unit in UNITS.items()}
    return Parameters(**{k: v * dim[k] if k in dim else v for k, v in values.items()})


def shown(params):
    """Return every parameter as {"value", "unit", "si"}, for people and for run.json."""
    table = {}
    for name, si in params.si().items():
        unit = UNITS.get(name)
        value = si if unit is None else float(f"{float(getattr(params, name) / unit):.12g}")
        table[name] = {"value": value, "unit": "1" if unit is None else str(unit), "si": si}
    return table


_UNIT_NAMES = vars(allunits) | vars(stdunits)
_OPERATORS = {
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def parse_value(text):
    """Read a number with a unit, such as `0.05*nS`, `5e-4*volt**2/second` or `0.1`.

    Only numbers, the names of Brian2 units and the operators * / ** are read; nothing is run.

    Raises
    ------
    ValueError
        The text is anything else.
    """

    def evaluate(node):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return node.value
        if isinstance(node, ast.Name) and isinstance(_UNIT_NAMES.get(node.id), Quantity):
            return _UNIT_NAMES[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](evaluate(node.left), evaluate(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](evaluate(node.operand))
        raise ValueError(f"must be a number with a unit, such as 0.05*nS, got {text}")

    failures = (SyntaxError, TypeError, ZeroDivisionError, OverflowError, RecursionError)
    try:
        value = evaluate(ast.parse(text.strip(), mode="eval").body)
        if not np.isrealobj(value):
            raise TypeError
        return value
    except (*failures, DimensionMismatchError):
        raise ValueError(f"must be a number with a unit, such as 0.05*nS, got {text}") from None


TABLE_1 = Parameters(
    N=10_000,  # Methods
    M=10_000,  # Methods
    p=0.1,  # Methods: 0 ... 1; every command asks for it
    lam=0.8,  # Methods: varied; every command asks for it
    p_ext=0.1,  # assumed
    nu_ext=5 * Hz,  # Methods
    tau_mem=20 * ms,  # assumed
    tau_ref=5 * ms,  # assumed
    tau_exc=3 * ms,  # assumed; the mean of the three is the 5 ms that Methods states
    tau_inh=7 * ms,  # assumed, likewise
    tau_ext=5 * ms,  # assumed, likewise
    tau_syn=5 * ms,  # Methods
    v_rest=-70 * mV,  # assumed
    v_thres=-50 * mV,  # assumed
    v_reset=-60 * mV,  # assumed
    v_rev_exc=0 * mV,  # assumed
    v_rev_inh=-80 * mV,  # assumed
    v_rev_ext=0 * mV,  # assumed
    g_leak=10 * nS,  # assumed
    g_hat_exc=0.008 * nS,  # calibrated
    g_hat_inh=0.018 * nS,  # calibrated
    g_hat_ext=0.105 * nS,  # calibrated
    Q=5e-4 * volt**2 / second,  # value: Methods; unit (SI, on dv): assumed
    dt=0.1 * ms,  # Methods
    duration=30 * second,  # Methods
    transient=3 * second,  # Methods
)
