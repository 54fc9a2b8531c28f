"""The membrane of an average neuron that is given everything but its spikes, Eq. 15."""

from brian2 import mV

from models.mass.inputs import RECORDED, kept_jump_mV, required_balance
from models.mass.integrators import integrate_record
from models.recording import TYPES


def subthreshold(recording, params, integrator="euler", kept=()):
    """Integrate the average of Eq. 11a over neurons (Eq. 15), with what the average does not tell.

        tau_mem dV/dt = v_rest - V - sum_s (<g_s v> - <g_s> v_rev_s)/g_leak

    where <g_s v> and <g_s> are the network's own.

    Assumptions
    -----------
    No reset, no refractoriness (<a D> = <D>), noise that averages out. Each of the three may be
    taken from the record instead; with all of them nothing is assumed, and this is the network
    (see `replay`).

    Parameters
    ----------
    recording : models.recording.Recording
        Gives <g_s v>, <g_s> and V(0): it must hold the balance.
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
    kept : sequence of {"noise", "clamp", "reset"}
        Terms of the exact balance to be taken from the record instead of being dropped.

    Returns
    -------
    V_mV : array, shape (K,)
        The model's mean potential at the start of each step, in mV.

    Raises
    ------
    ValueError
        An unknown integrator; a term to be kept that does not exist or a record without
        the balance.
    """
    balance = required_balance(recording)
    drive_mV = float(params.v_rest / mV)
    for s in TYPES:
        v_rev_mV = float(getattr(params, f"v_rev_{s}") / mV)
        force_nS_mV = balance[f"g_{s}_v"] - balance[f"g_{s}"] * v_rev_mV
        drive_mV = drive_mV - force_nS_mV / (1e9 * params.si()["g_leak"])
    jump_mV = kept_jump_mV(recording, kept)
    return integrate_record(recording, params, integrator, drive_mV, 0 * drive_mV, jump_mV)


def replay(recording, params, integrator="euler"):
    """Add up all recorded terms: the network's own mean potential, by Euler to rounding."""
    return subthreshold(recording, params, integrator, RECORDED)


def noiseless(recording, params, integrator="euler"):
    """Add up all recorded terms but the noise."""
    return subthreshold(recording, params, integrator, ("clamp", "reset"))
