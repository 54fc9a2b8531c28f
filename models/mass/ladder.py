"""The ladder of mass models: from the network to the Freeman models, one assumption at a time.

All are driven by the same record. Attribution depends on the order in which assumptions are made,
so there are two orders:

    forward    as the paper derives the models: first noise, reset and clamp are dropped, then the
               synaptic term is approximated, step by step
    backward   the synaptic approximations first, with the recorded noise, reset and clamp kept
               beside them; then the spikes are dropped, then the noise. The synaptic ones keep
               their order, since each presupposes the one before.

Both begin at the network (`replay`: all recorded terms added up, which by Euler is the network's
own mean potential to rounding) and end at the MFM, or one step further at the CFM.
"""

from typing import NamedTuple

from models.mass.registry import named

RECORDED = ("noise", "clamp", "reset")
"""Terms of the exact balance that a rung may keep, see `models.balance`."""
ASSUMPTIONS = {
    "noise": "the noise averages out",
    "spikes": "no reset, no refractoriness",
    "factorised": "<g v> = <g> V",
    "common tau": "one synaptic time constant",
    "adiabatic": "membrane follows synapse",
    "constant V": "constant V in the input",
}
"""What each step assumes; `adiabatic` is Eqs 21-23, `constant V` Eq. 17."""


class Rung(NamedTuple):
    """One model of an order.

    Attributes
    ----------
    name : str
    assumption : str or None
        What it assumes beyond the rung before: a name of ASSUMPTIONS.
    model : str
        Its name in `models.mass.registry`.
    kept : tuple of str
        Names of RECORDED: what is taken from the record instead of being dropped.
    """

    name: str
    assumption: str | None
    model: str
    kept: tuple = ()


_REPLAY = Rung("replay", None, "subthreshold", RECORDED)
_SYNAPTIC = (
    _REPLAY,
    Rung("factorised, noise and spikes kept", "factorised", "factorised", RECORDED),
    Rung("common synapse, noise and spikes kept", "common tau", "common synapse", RECORDED),
    Rung("MFM, noise and spikes kept", "adiabatic", "MFM", RECORDED),
)
UPWARD = "upward"
"""The order whose models stand side by side: what population spike counts alone could give."""


def orders():
    """Return the rungs of each order, by its name."""
    return {
        "forward": (
            _REPLAY,
            Rung("noiseless", "noise", "subthreshold", ("clamp", "reset")),
            Rung("subthreshold", "spikes", "subthreshold"),
            Rung("factorised", "factorised", "factorised"),
            Rung("common synapse", "common tau", "common synapse"),
            Rung("MFM", "adiabatic", "MFM"),
            Rung("CFM", "constant V", "CFM"),
        ),
        "backward to MFM": (
            *_SYNAPTIC,
            Rung("MFM, noise kept", "spikes", "MFM", ("noise",)),
            Rung("MFM", "noise", "MFM"),
        ),
        "backward to CFM": (
            *_SYNAPTIC,
            Rung("CFM, noise and spikes kept", "constant V", "CFM", RECORDED),
            Rung("CFM, noise kept", "spikes", "CFM", ("noise",)),
            Rung("CFM", "noise", "CFM"),
        ),
        UPWARD: tuple(Rung(name, "factorised", name) for name in named("upward")),
    }


CHAINS = (
    ("forward", "MFM"),
    ("backward to MFM", "MFM"),
    ("forward", "CFM"),
    ("backward to CFM", "CFM"),
)
"""Each way from the network to one of the two Freeman models: an order, and where it ends."""
IN_WORDS = {"forward": "the paper's order", "backward": "spikes kept until last"}
"""How the two orders are called."""


def direction(order):
    """Return which of IN_WORDS an order of CHAINS is: `backward to MFM` is `backward`."""
    return order.partition(" ")[0]
