"""The mass models by name: where each is and where it appears. A new one: a file, a line here."""

from importlib import import_module
from typing import NamedTuple


class Listing(NamedTuple):
    """A mass model.

    Attributes
    ----------
    address : str
        module:function
    compared : bool
        It has a row in every table.
    upward : bool
        It stands beside the ladder of assumptions, as what could be better.
    """

    address: str
    compared: bool = False
    upward: bool = False


INTEGRATORS = ("euler", "exact")
"""Of an Equation, see `models.mass.integrators`."""
MODELS = {
    "subthreshold": Listing("models.mass.subthreshold:subthreshold"),
    "factorised": Listing("models.mass.factorised:factorised"),
    "common synapse": Listing("models.mass.factorised:common_synapse"),
    "CFM": Listing("models.mass.cfm:cfm", compared=True),
    "MFM": Listing("models.mass.mfm:mfm", compared=True),
    "3r": Listing("models.mass.factorised_reset:factorised_reset", upward=True),
    "3c": Listing("models.mass.two_populations:two_populations", upward=True),
    "3rc": Listing("models.mass.two_populations:two_populations_reset", upward=True),
}
"""In the order of tables and figures. 3r: the factorised model with reset and refractoriness from
population spike counts; 3c: with two populations; 3rc: both."""
CLOSED = {
    "density": "models.mass.closed.population_density:population_density",
    "mean_field": "models.mass.closed.mean_field:mean_field",
    "CFM_closed": "models.mass.closed.freeman:cfm_closed",
    "MFM_closed": "models.mass.closed.freeman:mfm_closed",
    "MFM_sigmoid": "models.mass.closed.freeman:mfm_sigmoid",
}
"""Closed models, which get the parameters alone: name and address. In the order of tables.
CFM and MFM are closed by Siegert's rate, or by the customary sigmoid."""
ADDRESS = "closed:"
"""In front of the name of a closed model where a request names it among the models of the user."""
SECOND = "second_network"
"""What tables and requests call a second network with the same external input."""


def named(role):
    """Return the names of the models that have a role, `compared` or `upward`."""
    return tuple(name for name, listing in MODELS.items() if getattr(listing, role))


def function(name):
    """Return the function of a model."""
    module, _, attribute = MODELS[name].address.partition(":")
    return getattr(import_module(module), attribute)
