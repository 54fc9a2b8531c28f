"""Synapses of one type, all equal, as one bit per pair of neurons."""

from numbers import Real

import numpy as np
from brian2.core.variables import ArrayVariable, Variables
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner, Group
from brian2.groups.subgroup import Subgroup
from brian2.parsing.statements import parse_statement
from brian2.units import second
from brian2.units.fundamentalunits import fail_for_dimension_mismatch
from brian2.utils.stringtools import get_identifiers

from models.engine.device import NAME, DenseDevice


class DenseSynapses(CodeRunner, Group):
    """Connect two groups by synapses that are all equal.

    The graph takes one bit per pair of neurons, however many of them are connected, and a spike is
    delivered to all its targets by counting bits. The graph is made when the program runs.

    Parameters
    ----------
    source : brian2 group that spikes, or a subgroup of one
    target : brian2.NeuronGroup or brian2.Subgroup
    on_pre : str
        `NAME_post += WEIGHT`, or `NAME += WEIGHT`. The weight must be one value for all synapses:
        it may hold numbers, names from the namespace, shared variables of the target (NAME_post, or
        NAME alone) and of the source (NAME_pre).
    p : float, optional
        Connect each ordered pair with this probability. Within one group no neuron is connected to
        itself.
    i, j : integer arrays, optional
        Connect exactly these sources and targets instead, each pair once.
    sources, targets : (int, int), optional
        First neuron, and last plus one, of the part of `source` and `target` that takes part.
        Unlike a Subgroup it may be empty, and the compiled program serves every choice.
    delay : Quantity, optional
        Of all spikes, rounded to time steps. 0 by default: a spike of step k arrives in step k, in
        the slot `synapses`.
    name : str, optional

    Raises
    ------
    NotImplementedError
        `delay` is a string, or an array: delays that differ.
    RuntimeError
        The active device is not `dense_standalone`.
    TypeError
        p is no number; i or j are not integers; something else than a group is to be connected.
    ValueError
        `on_pre` asks for another effect; p, i, j, sources, targets or delay are out of range; i and
        j have different lengths.

    Notes
    -----
    Where the target's equation says `(unless refractory)`, input to a neuron that is refractory
    when it arrives is lost.
    """

    add_to_magic_network = True

    def __init__(
        self,
        source,
        target,
        on_pre,
        p=None,
        i=None,
        j=None,
        sources=None,
        targets=None,
        delay=None,
        name="densesynapses*",
    ):
        device = get_device()
        if not isinstance(device, DenseDevice):
            raise RuntimeError(
                f'DenseSynapses need set_device("{NAME}"), got {type(device).__name__}'
            )
        source_group, source_range = _part(source, sources, "sources")
        target_group, target_range = _part(target, targets, "targets")
        if "_spikespace" not in source_group.variables:
            raise TypeError(f"source must be a group that spikes, got {source_group.name}")
        changed, weight = _effect(on_pre, source_group, target_group)
        self.codeobj_class = None
        self.target_variable = target_group.variables[changed]
        #: The flags of neurons that take input; None where every neuron does
        self.open_variable = self.target_variable.conditional_write
        self.target_group_name = target_group.name
        spikes = source_group.variables["_spikespace"]
        CodeRunner.__init__(
            self,
            self,
            "dense_synapses",
            code=f"_weight = {weight}",
            clock=source_group.clock,
            when="synapses",
            name=name,
            needed_variables=["_target", "_spikes"],
            template_kwds={
                "eventspace_variable": spikes,
                "n_sources": spikes.size - 1,
                "target_variable": self.target_variable,
                "open_variable": self.open_variable,
            },
        )
        self.add_dependency(source_group)
        self.add_dependency(target_group)
        self.variables = Variables(self)
        self.variables.add_auxiliary_variable(
            "_weight", dimensions=self.target_variable.dim, scalar=True
        )
        self.variables.add_reference("_target", target_group, changed)
        self.variables.add_reference("_spikes", source_group, "_spikespace")
        for group, suffix in ((target_group, "_post"), (source_group, "_pre"), (target_group, "")):
            for shared in _shared(group):
                self.variables.add_reference(f"{shared}{suffix}", group, shared)
        given = {
            "source_start": source_range[0],
            "source_stop": source_range[1],
            "target_start": target_range[0],
            "target_stop": target_range[1],
            "delay": _delay(delay),
            **_graph(p, i, j, source_range, target_range),
        }
        #: What the program is told, where these synapses are part of it
        self.run_values = {f"{self.name}.{key}": value for key, value in given.items()}
        device.add_dense_synapses(self, within=source_group is target_group)
        self._made = True

    def __setattr__(self, name, value):
        """Set an attribute that is there; once made, there is nothing more to add."""
        if self.__dict__.get("_made") and not hasattr(self, name):
            raise AttributeError(
                f"DenseSynapses have no attribute {name}: what connects, and how, is said when "
                "they are made"
            )
        object.__setattr__(self, name, value)

    def __getattr__(self, name):
        """Say what is missing; Brian2's groups would look for a variable of each synapse."""
        raise AttributeError(f"DenseSynapses have no attribute {name}: they have no variables")

    def __bool__(self):
        return True

    def __len__(self):
        raise NotImplementedError(
            "the number of synapses is not known: the program draws them, and keeps no list"
        )

    def connect(self, *args, **kwds):
        """Refuse: p, or i and j, are given when the synapses are made.

        Raises
        ------
        NotImplementedError
        """
        raise NotImplementedError(
            "DenseSynapses are connected when they are made: DenseSynapses(..., p=...) or (..., "
            "i=..., j=...)"
        )


def _part(group, part, argument):
    """Return the whole group behind `group`, and the range of its neurons that is meant."""
    if not isinstance(group, Group) or "N" not in group.variables:
        raise TypeError(f"must connect Brian2 groups, got {type(group).__name__}")
    start, stop = 0, len(group)
    if part is not None:
        if not 0 <= part[0] <= part[1] <= stop:
            raise ValueError(f"{argument} must be a range within 0 ... {stop}, got {part}")
        start, stop = map(int, part)
    if isinstance(group, Subgroup):
        start, stop = start + group.start, stop + group.start
        group = group.source.__repr__.__self__  # the object behind Brian2's weak reference
    return group, (start, stop)


def _shared(group):
    """Return the names of the variables that have one value for the whole group."""
    variables = group.variables.items()
    return [name for name, v in variables if isinstance(v, ArrayVariable) and v.scalar]


def _effect(on_pre, source, target):
    """Split `NAME_post += WEIGHT` into NAME and WEIGHT; refuse what is not one weight for all."""
    try:
        changed, operation, weight, _ = parse_statement(on_pre)
    except (TypeError, ValueError):
        changed = operation = weight = ""
    name = changed.removesuffix("_post")
    if operation != "+=" or ";" in weight or "\n" in weight:
        raise ValueError(f"on_pre must have the form 'NAME_post += WEIGHT', got {on_pre!r}")
    variable = target.variables.get(name)
    floats = (np.float32, np.float64)
    if not isinstance(variable, ArrayVariable) or variable.scalar or variable.dtype not in floats:
        raise ValueError(
            f"on_pre must add to a floating-point variable of each neuron of {target.name}, "
            f"got '{on_pre}'"
        )
    for used in get_identifiers(weight):
        for group, suffix in ((target, "_post"), (source, "_pre"), (target, "")):
            known = used.removesuffix(suffix)
            if used.endswith(suffix) and known not in _shared(group) and known in group.variables:
                raise ValueError(
                    f"the weight must be one value for all synapses, but {used} is not a shared "
                    f"variable of {group.name}, got '{on_pre}'"
                )
    return name, weight


def _delay(delay):
    """Return the delay in s."""
    if delay is None:
        return 0.0
    if isinstance(delay, str) or np.ndim(delay):
        raise NotImplementedError(
            f"DenseSynapses have one delay for all: delays that differ, as {delay!r}, need Synapses"
        )
    fail_for_dimension_mismatch(delay, second, "delay must be a time")
    delay_s = float(delay)
    if not 0 <= delay_s < np.inf:
        raise ValueError(f"delay must be 0 s or more, got {delay}")
    return delay_s


def _graph(p, i, j, sources, targets):
    """Return the run-time value that says how to connect."""
    if (i is None) != (j is None) or (i is None) == (p is None):
        raise ValueError(f"either p or both i and j must be given, got p = {p}, i = {i}, j = {j}")
    if p is not None:
        if not isinstance(p, Real):
            raise TypeError(f"p must be a number in [0, 1], got {p!r}")
        if not 0 <= p <= 1:
            raise ValueError(f"p must lie in [0, 1], got {p}")
        return {"p": float(p)}
    i, j = (_indices(name, numbers) for name, numbers in (("i", i), ("j", j)))
    if len(i) != len(j):
        raise ValueError(f"i and j must have the same length, got {len(i)} and {len(j)}")
    for name, numbers, (start, stop) in (("i", i, sources), ("j", j, targets)):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < stop - start:
            raise ValueError(f"{name} must lie within 0 ... {stop - start - 1}, got {numbers}")
    pairs, counts = np.unique(np.stack([i, j]), axis=1, return_counts=True)
    if (counts > 1).any():
        twice = " -> ".join(map(str, pairs[:, np.argmax(counts > 1)]))
        raise ValueError(f"each pair i -> j may be given once, got twice {twice}")
    return {"edges": np.column_stack([i + sources[0], j + targets[0]])}


def _indices(name, numbers):
    """Return whole numbers as an array, shape (edges,)."""
    numbers = np.atleast_1d(np.asarray(numbers))
    if numbers.size and numbers.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got {numbers.dtype}")
    if numbers.ndim > 1:
        raise ValueError(f"{name} must have one dimension, got {numbers.ndim}")
    return numbers.astype(np.int64)
