"""Mass models from elsewhere: --model package.module:function, checked before they are trusted."""

import hashlib
import importlib
import inspect
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from brian2 import ms, mV

from analysis.tables import NETWORK
from models.recording import TYPES, Recording
from study.arguments import UsageError
from study.point import MASS_MODELS

TRIED_STEPS = 200  # of the made-up record that a model has to pass before anything is simulated


class ModelError(RuntimeError):
    """A model from elsewhere misbehaved; the message names it and says how."""


@dataclass(frozen=True)
class OwnModel:
    """A function (recording, params, integrator) -> V_mV, shape (K,), by its address.

    Calling it calls the function and checks what comes back.

    Attributes
    ----------
    address : str
        package.module:function
    expected : str or None
        The digest that its file must have.
    name : str
        What tables and figures call it: the function's name.
    """

    address: str
    expected: str | None = None

    @property
    def name(self):
        return self.address.rpartition(":")[2]

    def function(self):
        """Import the function.

        Raises
        ------
        ModelError
        """
        module, colon, name = self.address.partition(":")
        if not (colon and module and name.isidentifier()):
            raise ModelError(f"{self.address}: must have the form package.module:function")
        try:
            found = getattr(importlib.import_module(module), name)
        except Exception as error:  # a module may raise anything when it is imported
            reason = f"{type(error).__name__}: {error}"
            raise ModelError(f"{self.address}: cannot be imported ({reason})") from None
        if not callable(found):
            raise ModelError(f"{self.address}: must be a function, got {found!r}")
        return found

    def digest(self):
        """Hash the file that the function stands in: another text, another model."""
        try:
            file = inspect.getsourcefile(inspect.unwrap(self.function()))
        except TypeError:
            file = None
        if file is None:
            raise ModelError(f"{self.address}: must be a function in a Python file")
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]

    def __call__(self, recording, params, integrator="euler"):
        function = self.function()
        if self.expected is not None and self.expected != self.digest():
            raise ModelError(f"{self.address}: its file is not the one that --model was given for")
        try:
            V_mV = np.asarray(function(recording, params, integrator), dtype=float)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise ModelError(f"{self.address}: raised {reason}") from error
        if V_mV.shape != (recording.steps,):
            rule = f"must return {recording.steps} values, one per step"
            raise ModelError(f"{self.address}: {rule}, got an array of shape {V_mV.shape}")
        if not np.isfinite(V_mV).all():
            step = int(np.flatnonzero(~np.isfinite(V_mV))[0])
            rule = f"must return finite values, got {V_mV[step]} in step {step}"
            raise ModelError(f"{self.address}: {rule}")
        return V_mV


def own_models(addresses, params, budget=False):
    """Import the models of --model and try each on a short made-up record.

    Parameters
    ----------
    addresses : list of str
    params : models.parameters.Parameters
    budget : bool
        Whether their records will hold the balance.

    Returns
    -------
    list of dict
        `address` and `digest` of each.

    Raises
    ------
    UsageError
        One cannot be imported or misbehaves, or its name is taken.
    """
    if addresses and "" not in sys.path:  # as for `python -m`: modules beside the person's feet
        sys.path.insert(0, "")
    taken, found = {NETWORK, *MASS_MODELS}, []
    for address in addresses:
        model = OwnModel(address)
        try:
            model(*_tried(params, budget))
            found.append({"address": address, "digest": model.digest()})
        except ModelError as error:
            raise UsageError(f"--model: {error}") from None
        if model.name in taken:
            raise UsageError(f"--model: {address}: there is a model {model.name} already")
        taken.add(model.name)
    return found


def mass_models(own):
    """Return all mass models by name: the project's and those that `own_models` found."""
    models = (OwnModel(entry["address"], entry["digest"]) for entry in own)
    return MASS_MODELS | {model.name: model for model in models}


def _tried(params, budget):
    """Return a made-up record of some steps at rest with Poisson input, and Parameters for it."""
    steps, rng = TRIED_STEPS, np.random.default_rng(1)
    counts = [rng.binomial(n, 0.001, steps) for n in (params.N_exc, params.N_inh)]
    events = [rng.poisson(0.1 * params.N, steps) for _ in TYPES]
    V_mV = np.full(steps, float(params.v_rest / mV))
    spiking = [
        start + np.sort(rng.choice(n, spikes, replace=False))
        for both in zip(*counts)
        for start, n, spikes in zip((0, params.N_exc), (params.N_exc, params.N_inh), both)
    ]
    neuron, step = np.concatenate(spiking), np.repeat(np.arange(steps), sum(counts))
    balance = {f"g_{s}{v}": np.zeros(steps) for s in TYPES for v in ("", "_v")}
    balance |= {name: np.zeros(steps) for name in ("clamp", "noise", "reset")}
    dt_ms = float(params.dt / ms)
    recording = Recording(
        *(params.N, params.N_exc, dt_ms, V_mV, *counts, *events, neuron, step),
        balance=balance if budget else None,
    )
    return recording, replace(params, duration=steps * params.dt, transient=0 * ms)
