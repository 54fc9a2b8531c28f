"""Small networks and sweeps that several test files use."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from brian2 import nS, second, start_scope, volt
from graph import bipartite, erdos_renyi
from small_sweep import SWEEP, loopback

import study.sweep
from models.engine.device import NAME
from models.engine.program import fresh_device
from models.parameters import TABLE_1


@pytest.fixture
def dense_device(tmp_path):
    """Brian2 with the dense device and nothing declared; a folder to build in."""
    start_scope()
    with fresh_device(NAME):
        yield tmp_path / "build"


@pytest.fixture(scope="session")
def explicit_network():
    """A network of 1,500 neurons with everything drawn in advance and no membrane noise.

    A third of the neurons start just above threshold, so that more than 255 of them spike at once.
    """
    params = replace(
        TABLE_1,
        N=1500,
        M=1000,
        p=0.2,
        g_hat_exc=0.13 * nS,
        g_hat_inh=0.27 * nS,
        g_hat_ext=1.2 * nS,
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
        "v_start_mV": np.where(rng.random(1500) < 0.35, -49.5, rng.uniform(-70, -50, 1500)),
    }


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The flags for a sweep on a Dask cluster of separate processes."""
    with loopback(tmp_path_factory.mktemp("loopback")) as (address, _):
        yield ["--scheduler", address]


@pytest.fixture(scope="session")
def finished(tmp_path_factory, cluster):
    """A finished sweep, to be looked at only."""
    folder = tmp_path_factory.mktemp("finished") / "sweep"
    assert study.sweep.main([*SWEEP, *cluster, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def mine(finished, tmp_path):
    """A copy of the finished sweep, to be damaged."""
    return shutil.copytree(finished, tmp_path / "sweep")
