"""The membrane of an average neuron that is given everything but its spikes, Eq. 15."""

from brian2 import mV

from models.mass.inputs import required_balance
from models.mass.model import Equation
from models.recording import TYPES


def subthreshold(recording, params, integrator="euler"):
    """Write down the average of Eq. 11a over neurons (Eq. 15), with what the average does not tell.

        tau_mem dV/dt = v_rest - V - sum_s (<g_s v> - <g_s> v_rev_s)/g_leak

    where <g_s v> and <g_s> are the network's own: the record must hold the balance.

    Assumptions
    -----------
    No reset, no refractoriness (<a D> = <D>), noise that averages out. With these three kept from
    the record (`models.mass.model.solve`), nothing is assumed, and this is the network.

    Raises
    ------
    ValueError
        The record lacks the balance.
    """
    balance = required_balance(recording)
    drive_mV = float(params.v_rest / mV)
    for s in TYPES:
        v_rev_mV = float(getattr(params, f"v_rev_{s}") / mV)
        force_nS_mV = balance[f"g_{s}_v"] - balance[f"g_{s}"] * v_rev_mV
        drive_mV = drive_mV - force_nS_mV / (1e9 * params.si()["g_leak"])
    return Equation(drive_mV)
