"""The contract of a mass model, and how what it returns becomes its potential.

    model(recording, params, integrator) -> V_mV, shape (K,), or MassSeries, or Equation

    recording   models.recording.Recording, not to be written to. An open model takes from it what
                the population was given (Phi_s), V(0) and, where its Assumptions say so, more. A
                closed one takes `steps`, `dt_ms`, `N`, `N_exc` and, where it is told to, the
                external events: nothing that the network did.
    params      models.parameters.Parameters
    integrator  "euler", as in the paper, or "exact", see `models.mass.integrators`
    V_mV        the model's mean potential at the start of each of the K steps, in mV; it starts
                from the network's V(0); whoever measures drops the transient, afterwards

A closed model is told by its first argument, `params`:

    model(params, seed, events_ext=None, noise=True) -> MassSeries

    seed        of its random numbers: the trial's
    events_ext  external events of a recorded network, where it is given its input
    noise       with the noise of a finite population and of the input, or without

It is called with parameters and a seed, a model of the project also with the events, and with
nothing else, so that it can use nothing that the network did.

An open model of this project returns an Equation: its file holds the mathematics, and `solve`
integrates it. Models that return V_mV or a MassSeries have been integrated already.
"""

from dataclasses import dataclass

import numpy as np
from brian2 import ms, mV

from models.mass.inputs import kept_jump_mV
from models.mass.integrators import integrate


@dataclass(frozen=True)
class MassSeries:
    """What a mass model says at the start of each step.

    Attributes
    ----------
    V_mV : array, shape (K,)
        Its mean potential in mV.
    rate_exc_Hz, rate_inh_Hz : arrays, shape (K,), or None
        Spikes per neuron and second of each population; None where it makes none: an open model.
    """

    V_mV: np.ndarray
    rate_exc_Hz: np.ndarray | None = None
    rate_inh_Hz: np.ndarray | None = None

    @classmethod
    def of_counts(cls, V_mV, counts, params):
        """Build the series of a model that counts spikes.

        Parameters
        ----------
        V_mV : array, shape (K,)
        counts : pair of arrays, shape (K,)
            Spikes of both populations in each step.
        params : models.parameters.Parameters
        """
        dt_s, sizes = params.si()["dt"], (params.N_exc, params.N_inh)
        return cls(V_mV, *(n / (size * dt_s) if size else None for n, size in zip(counts, sizes)))

    def __repr__(self):
        rates = [kind for kind in ("exc", "inh") if getattr(self, f"rate_{kind}_Hz") is not None]
        return f"<series of {len(self.V_mV)} steps, rates: {', '.join(rates) or 'none'}>"


@dataclass(frozen=True)
class Equation:
    """The potential of a population.

        tau_mem dV/dt = U - V,   tau_syn dU/dt = drive - feedback V - U,   V <- V + jump

    Attributes
    ----------
    drive_mV : array, shape (K,)
        In mV, constant over each step.
    feedback : array, shape (K,), or float
        Without unit.
    tau_syn_ms : float
        0: U = drive - feedback V.
    jump_mV : array, shape (K,), or None
        Added to V at the end of each step, in mV.
    share : float
        Of the neurons; the potential of several populations is the mean of theirs.
    """

    drive_mV: np.ndarray
    feedback: np.ndarray | float = 0.0
    tau_syn_ms: float = 0.0
    jump_mV: np.ndarray | None = None
    share: float = 1.0


def solve(model, recording, params, integrator="euler", kept=()):
    """Return the series of a mass model.

    Parameters
    ----------
    model : callable
        See the head of this file.
    recording : models.recording.Recording
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
    kept : sequence of {"noise", "clamp", "reset"}
        Terms of the network's exact balance that an Equation drops and that are put back in, from
        the record.

    Returns
    -------
    MassSeries

    Raises
    ------
    ValueError
        An unknown integrator; a term to be kept that does not exist or was not recorded.
    """
    returned = model(recording, params, integrator)
    return as_series(returned, recording, params, integrator, kept)


def as_series(returned, recording, params, integrator="euler", kept=()):
    """Make a MassSeries of what a model returned; arguments are those of `solve`."""
    if isinstance(returned, MassSeries):
        return returned
    if isinstance(returned, Equation):
        returned = (returned,)
    if not isinstance(returned, tuple):
        return MassSeries(returned)
    kept_mV, V_mV = kept_jump_mV(recording, kept), 0.0
    for equation in returned:
        jump_mV = kept_mV if equation.jump_mV is None else kept_mV + equation.jump_mV
        V_mV = V_mV + equation.share * integrate(
            equation.drive_mV,
            np.zeros(recording.steps) + equation.feedback,
            recording.V_mV[0],
            recording.dt_ms,
            float(params.tau_mem / ms),
            equation.tau_syn_ms,
            integrator,
            jump_mV,
        )
    return MassSeries(V_mV)


def diverged(V_mV, params):
    """Tell whether a mass model has left every bound.

    Synapses drive a potential by some 10 mV; a linear mass model may overshoot the largest driving
    force in a volley, but not a thousandfold.

    Parameters
    ----------
    V_mV : array, shape (K,)
        In mV.
    params : models.parameters.Parameters

    Returns
    -------
    bool
        Whether a value is not finite, or a thousand times the largest distance between rest and
        threshold or a reversal potential.
    """
    ends = (params.v_rev_exc, params.v_rev_inh, params.v_rev_ext, params.v_thres)
    bound_mV = 1e3 * max(abs(float((v - params.v_rest) / mV)) for v in ends)
    return not (np.isfinite(V_mV).all() and np.abs(V_mV).max() < bound_mV)
