"""The ladder of mass models: from the network to the Freeman models, one assumption at a time.

All models have the signature (recording, params, integrator) -> V_mV and are driven by the same
record. Attribution depends on the order in which assumptions are made, so there are two orders:

    forward    as the paper derives the models: first noise, reset and clamp are dropped, then the
               synaptic term is approximated, step by step
    backward   the synaptic approximations first, with the recorded noise, reset and clamp kept
               beside them; then the spikes are dropped, then the noise. The synaptic ones keep
               their order, since each presupposes the one before.

Both begin at the network and end at the MFM, or one step further at the CFM.
"""

from functools import partial

from models.mass.cfm import cfm
from models.mass.factorised import common_synapse, factorised
from models.mass.factorised_reset import factorised_reset
from models.mass.inputs import RECORDED
from models.mass.mfm import mfm
from models.mass.subthreshold import noiseless, replay, subthreshold
from models.mass.two_populations import two_populations, two_populations_reset

ASSUMPTIONS = {
    "noise": "the noise averages out",
    "spikes": "no reset, no refractoriness",
    "factorised": "<g v> = <g> V",
    "common tau": "one synaptic time constant",
    "adiabatic": "membrane follows synapse",
    "constant V": "constant V in the input",
}
"""What each step assumes; `adiabatic` is Eqs 21-23, `constant V` Eq. 17."""

FORWARD = {
    "replay": (None, replay),
    "noiseless": ("noise", noiseless),
    "subthreshold": ("spikes", subthreshold),
    "factorised": ("factorised", factorised),
    "common synapse": ("common tau", common_synapse),
    "MFM": ("adiabatic", mfm),
    "CFM": ("constant V", cfm),
}
"""Each rung: its name, the assumption that it adds to the one before, and the model."""


def _keeping(model, *kept):
    return partial(model, kept=kept)


_SYNAPTIC = {
    "replay": (None, replay),
    "factorised, noise and spikes kept": ("factorised", _keeping(factorised, *RECORDED)),
    "common synapse, noise and spikes kept": ("common tau", _keeping(common_synapse, *RECORDED)),
    "MFM, noise and spikes kept": ("adiabatic", _keeping(mfm, *RECORDED)),
}
BACKWARD = {
    "MFM": {
        **_SYNAPTIC,
        "MFM, noise kept": ("spikes", _keeping(mfm, "noise")),
        "MFM": ("noise", mfm),
    },
    "CFM": {
        **_SYNAPTIC,
        "CFM, noise and spikes kept": ("constant V", _keeping(cfm, *RECORDED)),
        "CFM, noise kept": ("spikes", _keeping(cfm, "noise")),
        "CFM": ("noise", cfm),
    },
}
"""The same assumptions in the other order, for each of the two models that they end at."""

UPWARD = {
    "3r": factorised_reset,
    "3c": two_populations,
    "3rc": two_populations_reset,
}
"""What population spike counts alone could give: the factorised model with spikes, with two
populations, with both."""
