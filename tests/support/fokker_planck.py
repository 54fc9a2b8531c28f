"""The closed network as a Fokker-Planck equation: finite volumes, implicit, in plain numpy.

Independent of the project's population density: a continuous-time density on another grid
(Scharfetter & Gummel 1969), whose threshold is raised by what steps of dt miss, 0.5826 sqrt(Q dt)
(Broadie, Glasserman & Kou 1997). No noise of finite size. That shift is for noise that carries
neurons over the threshold; in volleys the drift of a step does, and this check has no say.
"""

import numpy as np
from scipy.linalg import solve_banded


def bernoulli(x):
    """Return x/(exp(x) - 1)."""
    x = np.where(np.abs(x) < 1e-8, 1e-8, x)
    return x / np.expm1(x)


def rates_Hz(params, cells=500):
    """Return the rates of both populations in each step, shape (2, K), in 1/s."""
    p = params.si()
    dt, R = p["dt"] * 1e3, round(p["tau_ref"] / p["dt"])
    kinds, sizes = ("exc", "inh", "ext"), (params.N_exc, params.N_inh)
    E = np.array([p[f"v_rev_{s}"] for s in kinds]) * 1e3
    tau = np.array([p[f"tau_{s}"] for s in kinds]) * 1e3
    g_hat = np.array([p[f"g_hat_{s}"] for s in kinds]) / p["g_leak"]
    Q, tau_m = p["Q"] * 1e3, p["tau_mem"] * 1e3
    top = p["v_thres"] * 1e3 + 0.5826 * np.sqrt(Q * dt)
    edges = np.linspace(min(p["v_rest"], p["v_rev_inh"], p["v_reset"]) * 1e3 - 5, top, cells + 1)
    v, dv = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    reset = np.argmin(np.abs(v - p["v_reset"] * 1e3))
    start = ((v > p["v_rest"] * 1e3) & (v < p["v_thres"] * 1e3)).astype(float)
    classes = {0: [(a, b) for a in (-1, 1) for b in (-1, 1)], 1: [(0, 0)]}
    P = {x: np.array([start / start.sum() / len(of)] * len(of)) for x, of in classes.items()}
    ring = {x: np.zeros((R, len(of))) for x, of in classes.items()}
    g, w, found = np.zeros(3), np.zeros(2), np.zeros((2, params.steps))
    trains = params.M * p["nu_ext"] * p["dt"]
    var_ext = g_hat[2] ** 2 * trains * params.p_ext * (1 - params.p_ext)
    var_ext /= 1 - (1 - dt / tau[2]) ** 2
    c = np.array([(1 - q) / (q * K) if q * K else 0
        for q, K in ((params.p, sizes[0]), (params.p, sizes[1]), (params.p_ext, params.M))])
    for step in range(params.steps):
        for x in (0, 1):
            if not sizes[x]:
                continue
            P[x][:, reset] += ring[x][step % R]
            own = np.array([g[0], g[1], g[2] if x == 0 else 0])
            star = E[2] if x == 0 else E[0]
            mean = (P[x] @ v).sum() / P[x].sum()
            pull = ((E - mean) / (star - mean)) ** 2
            quenched = np.sqrt((c * own**2 * pull).sum())
            coloured = np.sqrt((w * pull[:2]).sum() + (var_ext if x == 0 else 0))
            for k, (eta, zeta) in enumerate(classes[x]):
                d = quenched * eta + coloured * zeta
                total = own.sum() + d
                drift = (p["v_rest"] * 1e3 + own @ E + d * star - (1 + total) * edges) / tau_m
                peclet, D = drift * dv / (Q / 2), Q / 2
                down, up = D / dv * bernoulli(peclet), D / dv * bernoulli(-peclet)
                down[0] = up[0] = 0  # nothing crosses the lowest edge
                up[-1] = 2 * D / dv * bernoulli(-peclet[-1] / 2)  # half a cell to the threshold
                rate = dt / dv
                bands = np.zeros((3, cells))
                bands[1] = 1 + rate * (up[1:] + down[:-1])
                bands[0, 1:], bands[2, :-1] = -rate * down[1:-1], -rate * up[1:-1]
                P[x][k] = solve_banded((1, 1), bands, P[x][k])
                gone = rate * up[-1] * P[x][k][-1]
                found[x, step] += gone
                ring[x][step % R, k] = gone
            if x == 0:
                q = 1 - dt / (2 * tau[2])
                for A in (P[0], ring[0]):
                    columns = A if A is P[0] else A.T
                    for b in (0, 2):
                        columns[[b, b + 1]] = [q * columns[b] + (1 - q) * columns[b + 1],
                            q * columns[b + 1] + (1 - q) * columns[b]]
        n = np.array([found[0, step] * sizes[0], found[1, step] * sizes[1]])
        g[:2] = (1 - dt / tau[:2]) * g[:2] + g_hat[:2] * params.p * n
        w = (1 - dt / tau[:2]) ** 2 * w + g_hat[:2] ** 2 * params.p * (1 - params.p) * n
        g[2] = (1 - dt / tau[2]) * g[2] + g_hat[2] * params.p_ext * trains
    return found / p["dt"]
