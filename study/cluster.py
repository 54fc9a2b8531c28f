"""The clusters that a sweep can run on, all of them Dask's: local, running somewhere, SLURM."""

import asyncio
import logging
import os
import shutil
import tempfile
import tomllib
from contextlib import contextmanager
from hashlib import sha256
from inspect import signature
from pathlib import Path

import dask
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster
from distributed.core import connect as distributed_connect

from study.dispatch import ClusterError
from study.interrupt import no_interrupt

CONNECT_S = 20.0
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
SLURM = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "04:00:00"}
"""What a SLURM job asks for unless the file says otherwise: one worker with one thread."""


def add_cluster_arguments(parser):
    """Add the flags that say where the trials run."""
    add = parser.add_argument
    add("--workers", help="worker processes of one thread each (one per core; SLURM: 2)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scheduler", metavar="ADDRESS",
        help="run on the Dask cluster whose scheduler is there: tcp://HOST:8786")
    where.add_argument("--cluster", choices=["slurm"], help="start the workers as SLURM jobs")
    add("--cluster-config", metavar="FILE.toml",
        help="what a SLURM job asks for: the keywords of dask_jobqueue.SLURMCluster")


def default_workers():
    """Return the number of cores that this process may use."""
    return CPU_COUNT


@contextmanager
def local_cluster(workers, folder):
    """Start worker processes of one thread each here; yield a function that returns a Client.

    What the workers write on the way lies in one folder per sweep and is removed, also what a
    sweep that was killed has left there.
    """
    quiet()
    scratch = _scratch(folder)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    settings = {
        "distributed.scheduler.worker-saturation": 1.0,  # a worker that dies takes one job along
        "distributed.worker.memory.terminate": False,  # memory is for the system to refuse
        "distributed.worker.memory.pause": False,
        # Dask looks at every worker 100 and 50 times a second: an eighth of a core for two of them
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
    }
    try:
        with dask.config.set(settings):
            with no_interrupt():
                started = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=":0",
                    memory_limit=0,
                    local_directory=scratch,
                    env={**ONE_THREAD, "TMPDIR": str(scratch)},
                    silence_logs=logging.CRITICAL,
                )
            with started as cluster:
                cluster.adapt(minimum=workers, maximum=workers)  # replaces a worker that is gone
                yield lambda: Client(cluster, set_as_default=False)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _scratch(folder):
    name = sha256(str(Path(folder).resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"neural_mass_sweep_{os.getuid()}_{name}"


@contextmanager
def running_cluster(address):
    """Join the cluster of a scheduler; yield a function that returns a Client.

    Raises
    ------
    ClusterError
        No scheduler answers there within 20 s.
    """
    quiet()

    async def shake_hands():
        comm = await asyncio.wait_for(distributed_connect(address, timeout=CONNECT_S), CONNECT_S)
        comm.abort()

    def connect():
        try:
            asyncio.run(shake_hands())  # Client waits for ever for what accepts but does not answer
            return Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = str(error).strip().splitlines() or [f"nothing within {CONNECT_S:g} s"]
            raise ClusterError(f"no scheduler answers at {address}: {said[0]}") from None

    yield connect


@contextmanager
def slurm_cluster(workers, settings):
    """Start workers as SLURM jobs; yield a function that returns a Client.

    Jobs that end before the sweep does, at the end of their walltime for instance, are replaced.
    """
    quiet()
    from dask_jobqueue import SLURMCluster

    with no_interrupt():
        started = SLURMCluster(**{**SLURM, **settings})
    with started as cluster:
        cluster.adapt(minimum_jobs=workers, maximum_jobs=workers)
        yield lambda: Client(cluster, set_as_default=False)


def check_slurm():
    """Raise ClusterError, naming what to install, where jobs cannot be sent to SLURM."""
    try:
        import dask_jobqueue  # noqa: F401
    except ImportError:
        raise ClusterError("needs dask-jobqueue: pip install -e '.[cluster]'") from None
    if shutil.which("sbatch") is None:
        raise ClusterError("needs the command sbatch, which is not on the PATH")


def slurm_settings(path):
    """Read the keywords for SLURMCluster from a TOML file, or raise ClusterError."""
    if path is None:
        return {}
    try:
        settings = tomllib.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ClusterError(f"must be a readable TOML file, got {path}: {error}") from None
    from dask_jobqueue.core import Job, JobQueueCluster
    from dask_jobqueue.slurm import SLURMJob

    for name in settings:  # a cluster that cannot be made leaves more than one line
        if not any(name in signature(kind).parameters for kind in (JobQueueCluster, Job, SLURMJob)):
            raise ClusterError(f"must hold keywords of SLURMCluster, got {name} in {path}")
    return settings


def quiet():
    """Keep Dask from logging what the sweep reports itself."""
    for name in ("distributed", "tornado", "bokeh", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
