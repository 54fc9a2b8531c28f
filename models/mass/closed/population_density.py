"""The population density: the network's own step, for the distribution of its potentials.

The neurons of a population x are a density P(v) that moves by the network's Euler step, a
discrete-time Chapman-Kolmogorov equation, so that there is no error of discretisation in time:

    m(v) = [1 - kappa (1 + sum g_s + d)] v + kappa (v_rest + sum g_s E_s + d E*) + s xi/sqrt(N_a)
    P'(v) = int N(v; m(u), s^2) P(u) du,      kappa = dt/tau_mem,  s^2 = Q dt
    u = int_{v > v_thres} P',  n ~ Binomial(N_x A, u/A), to rest for tau_ref and return at v_reset
    g_s <- (1 - dt/tau_s) g_s + g_hat_s p n_s,  g_ext <- (1 - dt/tau_ext) g_ext + g_hat_ext p_ext S

with conductances in units of g_leak, A the active mass, N_a = N_x A, xi ~ N(0, 1) one per
population and step, S ~ Poisson(M nu_ext dt) or given. What differs from neuron to neuron is a
private conductance d = sigma_q eta + sigma_z zeta, referred to one reversal potential E* (of the
external synapses for excitatory neurons, of the excitatory ones for inhibitory neurons): eta is
quenched (in-degrees), zeta coloured (shot noise; correlation 1 - dt/tau),

    sigma_q^2 = sum_s c_s g_s^2 ((E_s - v)/(E* - v))^2,             c_s = (1 - p_s)/(p_s K_s)
    sigma_z^2 = var_ext + sum_s w_s ((E_s - v)/(E* - v))^2
    w_s <- (1 - dt/tau_s)^2 w_s + g_hat_s^2 p (1 - p) n_s
    var_ext = g_hat_ext^2 M nu_ext dt p_ext (1 - p_ext) / (1 - (1 - dt/tau_ext)^2)

**Assumptions.** (1) Neurons of a population differ by d alone, whose distribution stands on a few
nodes; (2) d of all types acts at one reversal potential; (3) a neuron's potential does not say who
its neighbours are: correlations beyond the shared input and the finite-size noise are dropped; (4)
the density is smooth on the grid, h <= 1.335 s, which fails without noise: Q = 0 is refused; (5)
one class is enough for inhibitory neurons, which get no external input.

Nothing is fitted. The end correction at the threshold is Euler-Maclaurin's, see `density_step`.
"""

import numpy as np
from brian2 import mV
from numba import njit

from models.mass.closed.density_grid import (
    ABOVE,
    coloured_nodes,
    kernels,
    noise_mV,
    quenched_nodes,
    resolution,
    unevenness,
)
from models.mass.closed.density_population import (
    active,
    move,
    population,
    recolour,
    spike,
    sum_of_potentials,
    wake,
)
from models.mass.closed.external import received_events
from models.mass.model import MassSeries

EXC, INH, EXT = 0, 1, 2


def population_density(
    params, seed, events_ext=None, noise=True, k=None, nodes=None, events=None
):
    """Predict potential and rates of the network from its parameters.

    Parameters
    ----------
    params : models.parameters.Parameters
    seed : int
    events_ext : integer array, shape (K,), optional
        External events of a recorded network, delivered in each step to all its neurons.
    noise : bool
        Finite-size and input noise; else an infinite population with the mean input.
    k, nodes
        As in `density_grid.resolution`.
    events : dict of integer arrays, shape (K,), optional
        `exc` and `inh`: recurrent events of a recorded network, delivered in each step to all its
        neurons, in the place of what the model's own spikes deliver.

    Returns
    -------
    MassSeries

    Raises
    ------
    ParameterError
        Q = 0.
    """
    chosen, rng, si = resolution(params, k, nodes), np.random.default_rng(seed), params.si()
    s_mV, steps = noise_mV(params), params.steps
    g_hat = np.array([si[f"g_hat_{s}"] for s in ("exc", "inh", "ext")]) / si["g_leak"]
    external = received_events(params, rng, events_ext, noise)
    common = rng.standard_normal((2, steps)) if noise else np.zeros((2, steps))
    rest = max(int(np.floor(si["tau_ref"] / si["dt"] + 1e-3)), 1)
    quenched = quenched_nodes(chosen.nodes_quenched)
    both = (
        population(params.N_exc, _start(params, chosen), rest, quenched,
            coloured_nodes(chosen.nodes_coloured, si["dt"] / si["tau_ext"])),
        population(params.N_inh, _start(params, chosen), rest, quenched_nodes(1),
            coloured_nodes(1, si["dt"] / si["tau_exc"])),
    )  # fmt: skip
    decay = 1 - si["dt"] / np.array([si[f"tau_{s}"] for s in ("exc", "inh", "ext")])
    E_mV = np.array([float(getattr(params, f"v_rev_{s}") / mV) for s in ("exc", "inh", "ext")])
    mean_trains = params.M * si["nu_ext"] * si["dt"]
    var_ext = g_hat[EXT] ** 2 * mean_trains * params.p_ext * (1 - params.p_ext)
    var_ext /= 1 - decay[EXT] ** 2
    sources = ((params.p, params.N_exc), (params.p, params.N_inh), (params.p_ext, params.M))
    uneven = np.array([unevenness(p, number) for p, number in sources])
    potentials = tuple(float(getattr(params, f"v_{n}") / mV) for n in ("rest", "thres", "reset"))
    recurrent = np.full((2, steps), np.nan)
    if events is not None:
        recurrent[:] = [events["exc"], events["inh"]]
        recurrent /= params.N
    V_mV, counts = _run(
        *(rng, noise, both, external, recurrent, common, chosen.k, chosen.h_mV, s_mV),
        *(kernels(chosen.h_mV, s_mV), si["dt"] / si["tau_mem"], decay, g_hat, E_mV),
        *(float(params.p), var_ext, uneven, potentials),
    )
    return MassSeries.of_counts(V_mV, counts, params)


def _start(params, chosen):
    """Return the masses of potentials that are uniform from v_rest to v_thres."""
    v_rest, v_thres = float(params.v_rest / mV), float(params.v_thres / mV)
    edges = v_thres - chosen.h_mV * np.arange(chosen.cells + 1)
    inside = np.clip(edges[:-1], v_rest, None) - np.clip(edges[1:], v_rest, None)
    masses = inside / inside.sum()
    return np.concatenate([np.full(ABOVE, masses[0]), masses])


@njit(cache=True)
def _run(rng, noise, both, external, recurrent, common, k, h_mV, s_mV, table, kappa, decay, g_hat,
         E_mV, p, var_ext, uneven, potentials):  # fmt: skip
    """Step through the record; return V_mV, shape (K,), and counts, shape (2, K)."""
    v_rest, v_thres, v_reset = potentials
    steps, v_top, r = len(external), v_thres - h_mV / 2, h_mV / s_mV
    V_mV, counts = np.zeros(steps), np.zeros((2, steps))
    size = both[0].size + both[1].size
    g, w = np.zeros(3), np.zeros(2)
    for step in range(steps):
        for x in range(2):
            of = both[x]
            if of.size == 0:
                continue
            resting = wake(of, step, k)
            masses = active(of)
            A, Pv = masses.sum(), sum_of_potentials(of, v_top, h_mV)
            V_mV[step] += of.size / size * (Pv + resting * v_reset)
            if A < 1e-12:
                of.mass[:] = 0.0
                continue
            mean = Pv / A
            # the private conductance, referred to one reversal potential
            star = EXT if x == EXC else EXC
            if abs(E_mV[star] - mean) < 1.0:  # mV: nothing drives towards where it is
                pulls = np.ones(3)
            else:
                pulls = ((E_mV - mean) / (E_mV[star] - mean)) ** 2
            own = np.array([g[EXC], g[INH], g[EXT] if x == EXC else 0.0])
            sigma_q = np.sqrt((uneven * own**2 * pulls).sum())
            variance = w[EXC] * pulls[EXC] + w[INH] * pulls[INH]
            sigma_z = np.sqrt(variance + (var_ext if x == EXC else 0.0))
            xi = common[x, step] / np.sqrt(max(of.size * A, 1.0)) * s_mV
            slopes, shifts = np.empty(len(masses)), np.empty(len(masses))
            for b in range(len(of.eta)):
                for z in range(len(of.zeta)):
                    c = b * len(of.zeta) + z
                    d = sigma_q * of.eta[b] + sigma_z * of.zeta[z]
                    slope = 1 - kappa * (1 + own.sum() + d)
                    shift = kappa * (v_rest + (own * E_mV).sum() + d * E_mV[star]) + xi
                    slopes[c] = slope
                    shifts[c] = ((1 - slope) * v_thres - shift) / h_mV + (slope - 1) / 2
            spiking = move(of, masses, slopes, shifts, table, r)
            u = spiking.sum()
            if noise:
                chance = min(max(u / A, 0.0), 1.0)
                counts[x, step] = rng.binomial(np.int64(np.rint(of.size * A)), chance)
            else:
                counts[x, step] = of.size * u
            spike(of, masses, spiking, counts[x, step] / of.size, step)
            recolour(of)
        for x in range(2):
            n = counts[x, step]
            if not np.isnan(recurrent[x, step]):
                n = recurrent[x, step] / p if p > 0 else 0.0
            g[x] = decay[x] * g[x] + g_hat[x] * p * n
            w[x] = decay[x] ** 2 * w[x] + g_hat[x] ** 2 * p * (1 - p) * n
        g[EXT] = decay[EXT] * g[EXT] + g_hat[EXT] * external[step]
    return V_mV, counts
