"""Synapses of one type, all equal, as one bit per pair of neurons."""

import numpy as np
from brian2.core.variables import ArrayVariable, Variables
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner, Group
from brian2.groups.subgroup import Subgroup
from brian2.parsing.statements import parse_statement
from brian2.utils.stringtools import get_identifiers

from models.engine.device import NAME, DenseDevice


class DenseSynapses(CodeRunner, Group):
    """Connect two groups by synapses that are all equal, whose spikes arrive in the same step.

    The graph takes one bit per pair of neurons, however many of them are connected, and a spike is
    delivered to all its targets by counting bits. The graph is made when the program runs.

    Parameters
    ----------
    source : brian2 group that spikes, or a subgroup of one
    target : brian2.NeuronGroup or brian2.Subgroup
    on_pre : str
        `NAME_post += WEIGHT`. The weight must be one value for all synapses: it may hold numbers,
        names from the namespace, shared variables of the target (NAME_post) and source (NAME_pre).
    p : float, optional
        Connect each ordered pair with this probability. Within one group no neuron is connected to
        itself.
    i, j : integer arrays, optional
        Connect exactly these sources and targets instead, each pair once.
    sources, targets : (int, int), optional
        First neuron, and last plus one, of the part of `source` and `target` that takes part.
        Unlike a Subgroup it may be empty, and the compiled program serves every choice.
    name : str, optional

    Raises
    ------
    RuntimeError
        The active device is not `dense_standalone`.
    ValueError
        `on_pre` asks for another effect; p, i, j, sources or targets are out of range.

    Notes
    -----
    There are no delays: a spike of step k is delivered in step k, in the slot `synapses`.
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
        name="densesynapses*",
    ):
        device = get_device()
        if not isinstance(device, DenseDevice):
            raise RuntimeError(
                f'DenseSynapses need set_device("{NAME}"), got {type(device).__name__}'
            )
        source_group, source_range = _part(source, sources, "sources")
        target_group, target_range = _part(target, targets, "targets")
        changed, weight = _effect(on_pre, source_group, target_group)
        self.codeobj_class = None
        self.target_variable = target_group.variables[changed]
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
        for group, suffix in ((target_group, "post"), (source_group, "pre")):
            for shared in _shared(group):
                self.variables.add_reference(f"{shared}_{suffix}", group, shared)
        device.add_dense_synapses(self, within=source_group is target_group)
        given = {
            "source_start": source_range[0],
            "source_stop": source_range[1],
            "target_start": target_range[0],
            "target_stop": target_range[1],
            **_graph(p, i, j, source_range, target_range),
        }
        device.run_values.update({f"{self.name}.{key}": value for key, value in given.items()})


def _part(group, part, argument):
    """Return the whole group behind `group`, and the range of its neurons that is meant."""
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
    changed, operation, weight, _ = parse_statement(on_pre)
    name = changed.removesuffix("_post")
    if operation != "+=" or name == changed:
        raise ValueError(f"on_pre must have the form 'NAME_post += WEIGHT', got '{on_pre}'")
    variable = target.variables.get(name)
    if not isinstance(variable, ArrayVariable) or variable.scalar or variable.dtype != np.float64:
        raise ValueError(
            f"on_pre must add to a double-precision variable of each neuron of {target.name}, "
            f"got '{on_pre}'"
        )
    for used in get_identifiers(weight):
        for group, suffix in ((target, "_post"), (source, "_pre")):
            if used.endswith(suffix) and used.removesuffix(suffix) not in _shared(group):
                raise ValueError(
                    f"the weight must be one value for all synapses, but {used} is not a shared "
                    f"variable of {group.name}, got '{on_pre}'"
                )
    return name, weight


def _graph(p, i, j, sources, targets):
    """Return the run-time value that says how to connect."""
    if (i is None) != (j is None) or (i is None) == (p is None):
        raise ValueError(f"either p or both i and j must be given, got p = {p}, i = {i}, j = {j}")
    if p is not None:
        if not 0 <= p <= 1:
            raise ValueError(f"p must lie in [0, 1], got {p}")
        return {"p": float(p)}
    edges = np.column_stack([i, j]).astype(np.int64)
    for name, numbers, (start, stop) in (("i", edges[:, 0], sources), ("j", edges[:, 1], targets)):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < stop - start:
            raise ValueError(f"{name} must lie within 0 ... {stop - start - 1}, got {numbers}")
    return {"edges": edges + np.array([sources[0], targets[0]])}
