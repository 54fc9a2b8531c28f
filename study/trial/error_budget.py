"""The error budget of one trial: every rung of the ladder of mass models against the network."""

from analysis.budget import series_error
from analysis.chi_square import spectral_distance
from analysis.lags import lag
from analysis.spectra import is_constant, power_spectrum
from models.mass.integrators import diverged
from models.mass.ladder import ASSUMPTIONS, BACKWARD, FORWARD, UPWARD

ORDERS = {
    "forward": FORWARD,
    **{f"backward to {model}": rungs for model, rungs in BACKWARD.items()},
    "upward": {name: ("factorised", model) for name, model in UPWARD.items()},
}


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
    kept = slice(params.transient_steps, None)
    network_mV = recording.V_mV[kept]
    _, network_power = power_spectrum(network_mV, recording.dt_ms, settings.band_Hz)

    def measure(V_mV):
        """Measure one rung."""
        if diverged(V_mV, params):
            return {"status": "diverged"}
        found = lag(V_mV, network_mV, recording.dt_ms, settings.max_lag_ms)
        _, power = power_spectrum(V_mV, recording.dt_ms, settings.band_Hz)
        return {
            "status": "constant" if is_constant(V_mV) else "ok",
            **series_error(V_mV, network_mV),
            "spectral_distance": spectral_distance(network_power, power),
            "rho": found.rho,
            "tau_max_ms": found.tau_max_ms,
        }

    rows, measured = [], {}
    for order, rungs in ORDERS.items():
        for step, (name, (assumption, model)) in enumerate(rungs.items()):
            if name not in measured:
                measured[name] = measure(model(recording, params, integrator)[kept])
            rows.append({
                "p": float(params.p),
                "lam": float(params.lam),
                "order": order,
                "step": step,
                "model": name,
                "assumption": ASSUMPTIONS.get(assumption, ""),
                **measured[name],
            })  # fmt: skip
    return rows
