"""Small networks that several test files use."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import nS, second, volt

from models.graph import bipartite, erdos_renyi
from models.parameters import TABLE_1


@pytest.fixture(scope="session")
def explicit_network():
    """A network of 200 neurons with everything drawn in advance and no membrane noise."""
    params = replace(
        TABLE_1,
        N=200,
        M=200,
        p=0.2,
        g_hat_exc=1 * nS,
        g_hat_inh=2 * nS,
        g_hat_ext=6 * nS,
        Q=0 * volt**2 / second,
        duration=0.25 * second,
        transient=0.05 * second,
    )
    rng = np.random.default_rng(5)
    step, source = np.nonzero(rng.random((params.steps, params.M)) < 5e-4)
    return {
        "params": params,
        "edges": erdos_renyi(params.N, params.p, rng),
        "external": ((source, step), bipartite(params.M, params.N_exc, params.p_ext, rng)),
        "v_start_mV": rng.uniform(-70, -50, params.N),
    }
