"""The sweep on a real SLURM, of one node: this machine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from small_sweep import SIMULATION, sweep, tables, trial_files

START = Path(__file__).parent / "slurm" / "start.sh"
GRID = "--p 0.1,0.4 --lam 0.6,0.8,1.0 --trials 1".split()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.getuid() != 0 or not all(map(shutil.which, ("slurmctld", "slurmd", "munged"))),
        reason="needs root, slurm-wlm and munge",
    ),
]


@pytest.fixture
def slurm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run([START, folder], check=True, timeout=60)
    try:
        yield {"SLURM_CONF": str(folder / "slurm.conf")}
    finally:
        subprocess.run([START, "stop", folder], check=True)


def test_two_by_three_points_through_slurm(slurm, tmp_path):
    pytest.importorskip("dask_jobqueue")
    config = tmp_path / "slurm.toml"
    config.write_text(
        'memory = "1GB"\nwalltime = "00:10:00"\nqueue = "test"\ninterface = "lo"\n'
        f'log_directory = "{tmp_path / "logs"}"\nlocal_directory = "{tmp_path}"\n'
    )
    where = ["--cluster", "slurm", "--cluster-config", config, "--workers", "2"]
    sweep(*GRID, *SIMULATION, *where, "--out", tmp_path / "slurm", environment=slurm)
    logs = list((tmp_path / "logs").glob("*.out"))
    assert len(logs) >= 1  # the workers were SLURM jobs
    assert len(trial_files(tmp_path / "slurm")) == 6
    sweep(*GRID, *SIMULATION, "--workers", "1", "--out", tmp_path / "local")
    assert tables(tmp_path / "slurm") == tables(tmp_path / "local")
    queued = subprocess.run(
        ["squeue", "--noheader"], env={**os.environ, **slurm}, capture_output=True, text=True
    )
    assert queued.stdout == ""  # nothing is left in the queue
