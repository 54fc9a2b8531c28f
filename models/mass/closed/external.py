"""The external input of a closed model: a recorded network's, or drawn as a network draws it."""

import numpy as np


def received_events(params, rng, events_ext=None, noise=True):
    """Return how many external events an excitatory neuron receives in each step, in the mean.

    Parameters
    ----------
    params : models.parameters.Parameters
    rng : numpy.random.Generator
        Drawn from where nothing is given and there is noise.
    events_ext : array, shape (K,), optional
        Events of a recorded network, delivered in each step to all its neurons.
    noise : bool
        The spikes of the M trains, Poisson(M nu_ext dt) in each step; else their mean.

    Returns
    -------
    array, shape (K,)
    """
    if events_ext is not None:
        return np.asarray(events_ext, float) / max(params.N_exc, 1)
    mean = params.M * params.si()["nu_ext"] * params.si()["dt"]
    trains = rng.poisson(mean, params.steps) if noise else np.full(params.steps, mean)
    return trains * float(params.p_ext)
