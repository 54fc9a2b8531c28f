"""Independent Poisson trains of one rate, at the cost of their few spikes."""

import numpy as np
from brian2.core.spikesource import SpikeSource
from brian2.core.variables import Variables
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner, Group
from brian2.units import hertz

from models.engine.device import NAME, DenseDevice


class PoissonDrive(Group, SpikeSource):
    """Fire each of N trains with probability rate*dt in each step, independently.

    The law is that of Brian2's PoissonGroup, which draws N numbers per step; here the gap from one
    spike to the next, in the row of all (step, train) pairs, is drawn from its geometric
    distribution.

    Parameters
    ----------
    N : int
    rate : Quantity
        In [0, 1/dt], the same for all trains; changed at run time like any shared constant.
    clock : brian2.Clock, optional
    name : str, optional

    Raises
    ------
    RuntimeError
        The active device is not `dense_standalone`.
    """

    add_to_magic_network = True

    def __init__(self, N, rate, clock=None, name="poissondrive*"):
        device = get_device()
        if not isinstance(device, DenseDevice):
            raise RuntimeError(
                f'PoissonDrive needs set_device("{NAME}"), got {type(device).__name__}'
            )
        Group.__init__(self, clock=clock, when="thresholds", name=name)
        self.codeobj_class = None
        self._N = self.stop = int(N)
        self.start = 0
        self.events = {"spike": ""}
        self.variables = Variables(self)
        self.variables.add_constant("N", value=self._N)
        self.variables.add_arange("i", self._N, constant=True, read_only=True)
        self.variables.add_array("_spikespace", size=self._N + 1, dtype=np.int32)
        self.variables.add_array(
            "rate", size=1, dimensions=hertz.dim, scalar=True, constant=True, dtype=np.float64
        )
        self.variables.create_clock_variables(self._clock)
        device.add_object(self.name, "PoissonDrive")
        self._firing = CodeRunner(
            self, "poisson_drive", clock=self._clock, when="thresholds", name=f"{self.name}_firing"
        )
        self.contained_objects.append(self._firing)
        self._enable_group_attributes()
        self.rate = rate

    def __getitem__(self, item):
        """Refuse to be cut: a part of the trains is named where they are connected.

        Raises
        ------
        NotImplementedError
        """
        raise NotImplementedError(
            "a PoissonDrive cannot be cut: DenseSynapses(drive, ..., sources=(0, 5)) takes "
            "the first five trains"
        )
