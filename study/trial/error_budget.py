"""The error budget of one trial: every rung of the ladder of mass models against the network."""

from analysis.budget import series_error
from analysis.chi_square import spectral_distance
from analysis.lags import lag
from analysis.spectra import is_constant, power_spectrum
from analysis.statuses import AT_EDGE, CONSTANT, DIVERGED, OK, UNPHYSICAL
from models.mass import registry
from models.mass.ladder import ASSUMPTIONS, orders
from models.mass.model import diverged, solve
from models.recording import after_transient
from study.trial.measure import is_unphysical


def measure_budget(recording, params, integrator, settings):
    """Integrate every rung and measure how far it is from the network, transient dropped.

    Parameters
    ----------
    recording : models.recording.Recording
        With its balance.
    params : models.parameters.Parameters
    integrator : {"euler", "exact"}
    settings : analysis.settings.Settings
        How far spectra and correlations reach.

    Returns
    -------
    list of dict
        One row per order and rung: p, lam, order, step, model, assumption, status, and the measures
        of `analysis.budget`.
    """
    network_mV = after_transient(recording.V_mV, params)
    _, network_power = power_spectrum(network_mV, recording.dt_ms, settings.band_Hz)

    def measure(rung):
        """Integrate and measure one rung."""
        model = registry.function(rung.model)
        series = solve(model, recording, params, integrator, rung.kept)
        V_mV = after_transient(series.V_mV, params)
        if diverged(V_mV, params):
            return {"status": DIVERGED}
        best = lag(V_mV, network_mV, recording.dt_ms, settings.max_lag_ms)
        _, power = power_spectrum(V_mV, recording.dt_ms, settings.band_Hz)
        statuses = [CONSTANT] * is_constant(V_mV) + [AT_EDGE] * best.at_edge
        statuses += [UNPHYSICAL] * is_unphysical(V_mV, params)
        return {
            "status": "+".join(statuses) or OK,
            **series_error(V_mV, network_mV),
            "spectral_distance": spectral_distance(network_power, power),
            "rho": best.rho,
            "rho_0": best.rho_0,
            "tau_max_ms": best.tau_max_ms,
        }

    rows, measured = [], {}
    for order, rungs in orders().items():
        for step, rung in enumerate(rungs):
            if rung.name not in measured:
                measured[rung.name] = measure(rung)
            rows.append({
                "p": float(params.p),
                "lam": float(params.lam),
                "order": order,
                "step": step,
                "model": rung.name,
                "assumption": ASSUMPTIONS.get(rung.assumption, ""),
                **measured[rung.name],
            })  # fmt: skip
    return rows
