"""The network of leaky integrate-and-fire neurons, as Brian2 equations.

Eqs 5-11 of Deschle et al. (2021) with Gaussian noise on the membrane and peak conductances: a
spike lets g jump by g_hat (Eq. 6b read literally would let it jump by g_hat/tau). Hence the area
under one spike is g_hat tau, and the time average of the mean conductance is g_hat tau <Phi>.
"""

import contextlib

import numpy as np
from brian2 import Expression, NeuronGroup, get_unit, prefs
from brian2.utils.stringtools import word_substitute

from models.parameters import UNITS

EQUATIONS = """
dv/dt     = (v_rest - v + I_syn/g_leak)/tau_mem + sqrt(Q)*xi : volt (unless refractory)
I_syn     = g_exc*(v_rev_exc - v) + g_inh*(v_rev_inh - v) + g_ext*(v_rev_ext - v) : amp
dg_exc/dt = -g_exc/tau_exc : siemens
dg_inh/dt = -g_inh/tau_inh : siemens
dg_ext/dt = -g_ext/tau_ext : siemens
"""  # Eqs 11a, 11b and 7b; the spikes that arrive are added by the synapses
THRESHOLD = "v > v_thres"  # Eq. 11d
RESET = "v = v_reset"
REFRACTORY = "tau_ref"

_NOT_NEURAL = ("tau_syn", "nu_ext", "dt", "duration", "transient", "delay")
FLOATS = {"double": np.float64, "single": np.float32}
"""The type of the state variables by the name of a precision."""
CONSTANTS = tuple(name for name in UNITS if name not in _NOT_NEURAL)
"""The parameters of neurons and synapses, declared as shared constants of the group."""


def euler(equations, variables=None, method_options=None):
    """Euler-Maruyama, one of Brian2's state updaters: x(k+1) = x(k) + dt f(x(k)) + g(x(k)) xi.

    Brian2's own puts subexpressions into the equations and multiplies everything out; here they are
    computed once, which saves a third of the arithmetic.
    """
    shared = {name: f"_{name}" for name in equations.subexpr_names}
    expressions = {name: str(e) for name, e in equations.eq_expressions}
    lines = ["xi = dt**.5*randn()"]
    for equation in equations.ordered:
        if equation.varname in shared:
            code = word_substitute(expressions[equation.varname], shared)
            lines.append(f"{shared[equation.varname]} = {code}")
    names = sorted(equations.diff_eq_names)  # a set: one order, so that one program is compiled
    for name in names:
        drift, noise = Expression(word_substitute(expressions[name], shared)).split_stochastic()
        added = "".join(f" + ({diffusion})*{source}" for source, diffusion in (noise or {}).items())
        lines.append(f"_{name} = {name} + dt*({drift}){added}")
    lines += [f"{name} = _{name}" for name in names]
    return "\n".join(lines)


def _unit(name):
    """Return the base unit of a parameter as Brian2's equations spell it; they take no brackets."""
    return repr(get_unit(UNITS[name].dim)).replace("(", "").replace(")", "")


@contextlib.contextmanager
def floats_of(precision):
    """Let Brian2 make state variables of a precision."""
    before = prefs.core.default_float_dtype
    try:
        prefs.core.default_float_dtype = FLOATS[precision]
        yield
    finally:
        prefs.core.default_float_dtype = before


def neuron_group(params, clock, method=euler, variables=()):
    """Declare the N neurons and set their constants.

    Parameters
    ----------
    params : Parameters
    clock : brian2.Clock
    method : callable
        Brian2's state updater.
    variables : sequence of str
        Further lines of equations.

    Returns
    -------
    brian2.NeuronGroup
        All conductances are zero; the potentials are for the caller to set.
    """
    constants = [f"{name} : {_unit(name)} (shared, constant)" for name in CONSTANTS]
    neurons = NeuronGroup(
        params.N,
        EQUATIONS + "\n".join([*constants, *variables]),
        threshold=THRESHOLD,
        reset=RESET,
        refractory=REFRACTORY,
        method=method,
        clock=clock,
        name="neurons",
        namespace={},
    )
    for name in CONSTANTS:
        setattr(neurons, name, getattr(params, name))
    return neurons
