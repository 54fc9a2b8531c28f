"""What one simulation of the network yields."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

TYPES = ("exc", "inh", "ext")


@dataclass(frozen=True)
class Recording:
    """One simulated network, step by step.

    K is the number of steps, S the number of spikes. Step k covers [k dt, (k + 1) dt).

    Attributes
    ----------
    N, N_exc : int
        Neurons, and how many of them, the first ones, are excitatory.
    dt_ms : float
        Time step in ms.
    V_mV : float64 array, shape (K,)
        Population mean of the membrane potential at the start of each step, in mV (Eq. 12).
    count_exc, count_inh : integer arrays, shape (K,)
        Spikes of the excitatory and of the inhibitory neurons in each step.
    events_exc, events_inh, events_ext : int64 arrays, shape (K,)
        Synaptic events of each type delivered to all N neurons in each step. For the two
        recurrent types this is the sum of the out-degrees of the neurons that spiked one delay
        before, exactly.
    neuron, step : integer arrays, shape (S,), or None
        Which neuron spiked in which step, sorted by step; None where spikes were not recorded.
    balance : dict of float64 arrays, shape (K,), or None
        The terms of the exact balance of the mean potential, see `models.balance`, where they were
        recorded. At the start of each step `g_exc`, `g_inh`, `g_ext`, mean conductances in nS, and
        `g_exc_v` ..., the means of conductance times potential in nS mV; during the step `clamp`,
        `noise` and `reset`, in mV.
    info : dict
        How it was computed: wall seconds, memory, compiler, values that the binary used.
    """

    N: int
    N_exc: int
    dt_ms: float
    V_mV: np.ndarray
    count_exc: np.ndarray
    count_inh: np.ndarray
    events_exc: np.ndarray
    events_inh: np.ndarray
    events_ext: np.ndarray
    neuron: np.ndarray | None = None
    step: np.ndarray | None = None
    balance: dict | None = None
    info: dict = field(default_factory=dict)

    def __repr__(self):
        spikes = int(self.count_exc.sum() + self.count_inh.sum())
        seconds = self.steps * self.dt_ms * 1e-3
        length = f"{seconds:g} s in {self.steps} steps"
        return f"<recording of {self.N} neurons, {length}, {spikes} spikes>"

    @property
    def steps(self):
        """Number of steps K."""
        return len(self.V_mV)

    @cached_property
    def t_ms(self):
        """Time of the start of each step in ms, shape (K,); read-only, for it is kept."""
        t_ms = np.arange(self.steps) * self.dt_ms
        t_ms.flags.writeable = False
        return t_ms

    def phi_Hz(self, kind):
        """Return the population input Phi of one type ("exc", "inh" or "ext") in 1/s, shape (K,).

        Events per neuron and second (Eq. 14 and the definition under Eq. 16), averaged over all N
        neurons; inhibitory neurons receive no external input but count in the average. Read-only,
        for it is kept: an error budget asks for it some sixty times.
        """
        return self._phi_Hz[kind]

    @cached_property
    def _phi_Hz(self):
        phi_Hz = {s: getattr(self, f"events_{s}") / (self.N * self.dt_ms * 1e-3) for s in TYPES}
        for series in phi_Hz.values():
            series.flags.writeable = False
        return phi_Hz


def after_transient(series, params):
    """Drop the transient T0 from a series of the whole record, shape (K,)."""
    return series[params.transient_steps :]
