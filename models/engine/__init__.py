"""The dense engine: a Brian2 standalone device for networks of equal synapses, as bits.

Importing this package makes the device `dense_standalone` known to Brian2. DenseSynapses and
PoissonDrive are for anybody's scripts; the rest of the package serves them.
"""

from importlib import import_module

from models.engine.device import NAME

__all__ = ["NAME", "DenseSynapses", "PoissonDrive"]
_HOMES = {"DenseSynapses": "models.engine.synapses", "PoissonDrive": "models.engine.drive"}


def __getattr__(name):
    """Import a class when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
