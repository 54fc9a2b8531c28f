"""The network of leaky integrate-and-fire neurons, as Brian2 equations.

Eqs 5-11 of Deschle et al. (2021) with Gaussian noise on the membrane and peak conductances: a
spike lets g jump by g_hat (Eq. 6b read literally would let it jump by g_hat/tau). Hence the area
under one spike is g_hat tau, and the time average of the mean conductance is g_hat tau <Phi>.
"""

from brian2 import NeuronGroup, get_unit

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
METHOD = "euler"  # Euler-Maruyama

_NOT_NEURAL = ("tau_syn", "nu_ext", "dt", "duration", "transient")
CONSTANTS = tuple(name for name in UNITS if name not in _NOT_NEURAL)
"""The parameters of neurons and synapses, declared as shared constants of the group."""


def _unit(name):
    """Return the base unit of a parameter as Brian2's equations spell it; they take no brackets."""
    return repr(get_unit(UNITS[name].dim)).replace("(", "").replace(")", "")


def neuron_group(params, clock, method=METHOD, variables=()):
    """Declare the N neurons and set their constants.

    Parameters
    ----------
    params : Parameters
    clock : brian2.Clock
    method : str or callable
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
