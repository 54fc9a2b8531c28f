"""Mass models from elsewhere: --model package.module:function, checked before they are trusted."""

import sys
from dataclasses import dataclass, replace

import numpy as np
from brian2 import ms, mV

from analysis.measures import NETWORK
from models.mass.model import solve
from models.mass.registry import ADDRESS, MODELS, SECOND
from models.recording import TYPES, Recording
from study.trial import model_source
from study.trial.closed import ClosedModel, closed_names
from study.trial.contained import ModelFailure, contained, pass_interrupt, short, told
from study.trial.foreign import Foreign
from study.trial.trial import compared_models

TRIED_STEPS = 200  # of the made-up record that a model has to pass before anything is simulated


class ModelError(RuntimeError):
    """A model from elsewhere cannot be had as it is wanted; the message names it and says why."""


@dataclass(frozen=True)
class OwnModel:
    """A function that keeps the contract of `models.mass.model`, by its address.

    Calling it calls the function and checks what comes back. The function can change neither the
    record nor the parameters, and what it does to the process is undone, so no other row depends on
    it.

    Attributes
    ----------
    address : str
        package.module:function
    expected : str or None
        The digest that its files must have.
    name : str
        What tables and figures call it: the function's name.
    """

    address: str
    expected: str | None = None
    seed: int = 0

    @property
    def name(self):
        return self.address.rpartition(":")[2]

    def seeded(self, seed):
        """Return the model of one trial; a closed one takes its random numbers from the seed."""
        return replace(self, seed=seed)

    def function(self):
        """Import the function.

        Raises
        ------
        ModelError
        """
        return self._found()[1]

    def digest(self):
        """Return the hash of the files that the function was imported from (`model_source`)."""
        return self._found()[0]

    def _found(self):
        module, colon, name = self.address.partition(":")
        if not (colon and name.isidentifier() and all(map(str.isidentifier, module.split(".")))):
            raise ModelError(f"{self.address}: must have the form package.module:function")
        with contained():
            try:
                digest, imported = model_source.load(module, self.expected)
                function = None if imported is None else getattr(imported, name)
            except BaseException as error:  # a module may raise anything when it is imported
                pass_interrupt(error)
                raise ModelError(f"{self.address}: cannot be imported ({told(error)})") from None
        if imported is None:
            other = "its file is not the one that --model was given for, or one that it imports"
            raise ModelError(f"{self.address}: {other}")
        if not callable(function):
            raise ModelError(f"{self.address}: must be a function, got {short(repr(function))}")
        if digest is None:
            raise ModelError(f"{self.address}: must be a function in a Python file")
        return digest, function

    def __call__(self, recording, params, integrator="euler"):
        function = self.function()
        return Foreign(function, self.address, self.seed)(recording, params, integrator)


def called(models):
    """Make of plain functions, by name, models that are called as those of --model are.

    Raises
    ------
    ModelError
        A name is taken, or what it names is no function.
    """
    for name, function in models.items():
        _check_name(name, {NETWORK, SECOND, *MODELS, *closed_names()}, name)
        if not callable(function):
            raise ModelError(f"{name}: must be a function, got {short(repr(function))}")
    return {name: Foreign(function, name) for name, function in models.items()}


def _check_name(name, taken, told):
    """Raise ModelError where a model cannot have a name."""
    if name in taken:
        raise ModelError(f"{told}: there is a model {name} already")
    if name == "t_ms" or name.startswith("_"):
        reason = "names with an underscore in front do not show in legends, t_ms is the time"
        raise ModelError(f"{told}: must have another name: {reason}")


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
    ModelError
        One cannot be imported or misbehaves, or its name is taken.
    """
    if addresses and "" not in sys.path:  # as for `python -m`: modules beside the person's feet
        sys.path.insert(0, "")
    taken, found = {NETWORK, SECOND, *MODELS, *closed_names()}, []
    for address in addresses:
        model = OwnModel(address)
        try:
            solve(model, *_tried(params, budget))
            found.append({"address": address, "digest": model.digest()})
        except (ModelError, ModelFailure) as error:
            raise ModelError(str(error)) from None
        _check_name(model.name, taken, address)
        taken.add(model.name)
    return found


def mass_models(wanted):
    """Return all mass models by name: the project's, and those that a request names besides.

    Parameters
    ----------
    wanted : list of dict
        `address` and `digest` of each, as `own_models` returns them, or `closed:NAME`.
    """
    models = [
        ClosedModel(entry["address"].removeprefix(ADDRESS))
        if entry["address"].startswith(ADDRESS)
        else OwnModel(entry["address"], entry["digest"])
        for entry in wanted
    ]
    return compared_models() | {model.name: model for model in models}


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
