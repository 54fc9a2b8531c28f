"""The network of Eqs 7-11 as one would write it by hand: matrices and a loop over steps."""

import numpy as np


def literal_network(params, edges, external, v_start_mV):
    """Simulate the network without noise, in SI units, in the order of DESIGN 2.1.

    Parameters
    ----------
    params : Parameters
        Q is taken as 0.
    edges : (source, target)
    external : ((source, step), (source, target))
        External spikes, sorted by step, and the edges of the external trains.
    v_start_mV : array, shape (N,)

    Returns
    -------
    V_mV, spikes, balance : array (K,), list of (neuron, step), dict of arrays (K,)
        balance holds what `Recording.balance` holds, neuron by neuron.
    """
    p = params.si()
    N, N_exc, dt = params.N, params.N_exc, p["dt"]
    A = np.zeros((N, N))  # A[n, m] = 1: m targets n
    A[edges[1], edges[0]] = 1
    (train, train_step), (B_source, B_target) = external
    B = np.zeros((N, params.M))
    B[B_target, B_source] = 1
    refractory_steps = round(p["tau_ref"] / dt)
    v = np.array(v_start_mV) * 1e-3
    g = {s: np.zeros(N) for s in ("exc", "inh", "ext")}
    last = np.full(N, -10**9)
    V, spikes, balance = [], [], []
    for k in range(params.steps):
        V.append(v.mean())
        row = {f"g_{s}": 1e9 * g[s].mean() for s in g}
        row |= {f"g_{s}_v": 1e12 * (g[s] * v).mean() for s in g}
        active = k - last >= refractory_steps
        slope = p["v_rest"] - v
        for s in g:
            slope = slope - g[s] / p["g_leak"] * (v - p[f"v_rev_{s}"])
        row["clamp"] = -1e3 * dt / p["tau_mem"] * np.where(active, 0, slope).mean()
        v = np.where(active, v + dt / p["tau_mem"] * slope, v)
        for s in g:
            g[s] = g[s] * (1 - dt / p[f"tau_{s}"])
        spiking = active & (v > p["v_thres"])
        last[spiking] = k
        exc = spiking & (np.arange(N) < N_exc)
        g["exc"] += p["g_hat_exc"] * A[:, exc].sum(axis=1)
        g["inh"] += p["g_hat_inh"] * A[:, spiking & ~exc].sum(axis=1)
        for m in train[train_step == k]:
            g["ext"] += p["g_hat_ext"] * B[:, m]
        row["reset"] = 1e3 * np.where(spiking, p["v_reset"] - v, 0).mean()
        v = np.where(spiking, p["v_reset"], v)
        spikes += [(n, k) for n in np.flatnonzero(spiking)]
        balance.append(row)
    return np.array(V) * 1e3, spikes, {s: np.array([row[s] for row in balance]) for s in balance[0]}
