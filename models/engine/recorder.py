"""What is recorded inside the loop: one number per step, and spikes as compact integers."""

import numpy as np
from brian2.codegen.generators.cpp_generator import c_data_type
from brian2.core.preferences import prefs
from brian2.core.variables import Variables
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner


class SpikeMeanRecorder(CodeRunner):
    """Record the sum of an expression over the neurons that spike, by the number of all, per step.

    Evaluated between threshold and reset. The program leaves it, in SI units, in a file NAME of
    float64 numbers.

    Parameters
    ----------
    group : brian2.NeuronGroup
    expression : str
    name : str
    """

    def __init__(self, group, expression, name):
        self.variables = Variables(self)
        self.variables.add_auxiliary_variable("_recorded", dtype=np.float64)
        CodeRunner.__init__(
            self,
            group,
            "spike_mean_recorder",
            code=f"_recorded = {expression}",
            clock=group.clock,
            when="after_thresholds",
            name=f"{name}_recorder",
            check_units=False,
            template_kwds={"recorder": name},
        )
        get_device().add_object(name, "Series<double>")


def record_in_state_update(group, names):
    """Record means over a group, once per step, of what its state update has at hand.

    That costs next to nothing. The sums are taken in double precision. The program leaves the
    means, in SI units, in files NAME of numbers of the type of the state variables, float64 by
    default.

    Parameters
    ----------
    group : brian2.NeuronGroup
    names : sequence of str
        State variables, recorded as the state update finds them, or left-hand sides of statements
        in the code of the state updater (the group's `method`).
    """
    device = get_device()
    device.recorded_in_state_update[group.name] = tuple(names)
    number = c_data_type(prefs.core.default_float_dtype)
    for name in names:
        device.add_object(name, f"MeanSeries<{number}>")


class EventRecorder(CodeRunner):
    """Record the spikes of a group, and what passed some DenseSynapses in each step.

    The program leaves, for each DenseSynapses S, files S_spikes (int32: sources that spiked) and
    S_events (int64: synapses that spikes passed, a delay after they were fired), and NAME (uint16
    up to 65,536 neurons, else int32: the neurons that spiked, step after step) unless the run-time
    value `record_spikes` is 0.

    Parameters
    ----------
    group : brian2.NeuronGroup
    synapses : sequence of DenseSynapses
    name : str
    """

    def __init__(self, group, synapses, name):
        CodeRunner.__init__(
            self,
            group,
            "event_recorder",
            clock=group.clock,
            when="end",
            name=f"{name}_recorder",
            template_kwds={"recorder": name, "passed": [made.name for made in synapses]},
        )
        device = get_device()
        for made in synapses:
            device.add_object(f"{made.name}_spikes", "Series<int32_t>")
            device.add_object(f"{made.name}_events", "Series<int64_t>")
        device.add_object(name, "SpikeFile")
