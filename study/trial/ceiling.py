"""The ceiling of every closed model: what a second network with the same external input reaches.

Its graph, membrane noise and start are its own. Where it does not follow the first network, nothing
that knows the parameters and the external input alone can.
"""

from dataclasses import dataclass

import numpy as np

from models.mass.model import MassSeries
from models.network.simulate import simulate


def external_input(params, seed):
    """Draw the external trains and their connections, as a network draws them.

    Returns
    -------
    (source, step), (source, target)
        Integer arrays: spikes, sorted by step, and edges.
    """
    rng, si = np.random.default_rng((seed, 1)), params.si()
    counts = rng.binomial(params.M, si["nu_ext"] * si["dt"], params.steps)
    step = np.repeat(np.arange(params.steps), counts)
    spikes = np.unique(step * params.M + rng.integers(params.M, size=len(step)))
    step, source = np.divmod(spikes, params.M)  # a train spikes once per step
    return (source, step), _edges(params.M, params.N_exc, float(params.p_ext), rng)


def _edges(sources, targets, p, rng):
    """Draw each pair with probability p, by the gaps between those that are drawn."""
    pairs = sources * targets
    if p == 0 or pairs == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    wanted = pairs * p + 10 * np.sqrt(pairs * p) + 10
    place = np.cumsum(rng.geometric(p, int(wanted))) - 1
    return np.divmod(place[place < pairs], targets)


@dataclass(frozen=True)
class SecondNetwork:
    """The other network, as a model.

    Attributes
    ----------
    external : (spikes, edges)
        Of the first network, `external_input`.
    backend, precision : str
    seed : int
        Of the trial; the second network's own seed follows from it.
    """

    external: tuple
    backend: str
    seed: int
    precision: str = "double"

    def __call__(self, recording, params, integrator="euler"):
        seed = int(np.random.SeedSequence((self.seed, 2)).generate_state(1)[0])
        options = {"external": self.external, "precision": self.precision}
        other = simulate(params, seed, self.backend, **options)
        return MassSeries.of_counts(other.V_mV, (other.count_exc, other.count_inh), params)
