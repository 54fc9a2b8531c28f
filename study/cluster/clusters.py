"""The clusters that a sweep can run on, all of them Dask's: local, running somewhere, SLURM.

Dask runs what anybody sends to one of its ports. So whatever is started here listens with TLS and
credentials that are made for it, on loopback or the one interface that the user names, and has no
dashboard. What the user's configuration of Dask says is for the clusters that the user starts.
"""

import asyncio
import logging
import os
import shutil
import socket
import tempfile
import tomllib
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from inspect import signature
from pathlib import Path

import dask
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster, Security
from distributed.core import connect as distributed_connect

from study.cluster.dispatch import ClusterError
from study.cluster.private import private_folder
from study.cluster.scheduler import address_parts, check_way, credentials
from study.cluster.slurm import DECIDED, RENAMED, secured, shared_folder, temporary_files_in
from study.command.interrupt import no_interrupt

CONNECT_S = 20.0
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
SLURM = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "04:00:00"}
"""What a SLURM job asks for unless the file says otherwise: one worker with one thread."""


def default_workers():
    """Return the number of cores that this process may use."""
    return CPU_COUNT


@contextmanager
def local_cluster(workers, folder):
    """Start worker processes of one thread each here; yield a function that returns a Client.

    What the workers write on the way lies in one folder per sweep, which nobody else can enter and
    which is removed, also what a sweep that was killed has left there.
    """
    quiet()
    settings = {
        "distributed.scheduler.worker-saturation": 1.0,  # a worker that dies takes one job along
        "distributed.worker.memory.terminate": False,  # memory is for the system to refuse
        "distributed.worker.memory.pause": False,
        # Dask looks at every worker 100 and 50 times a second: an eighth of a core for two of them
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
    }
    with private_folder(tempfile.gettempdir(), _name(folder)) as scratch:
        with _own_settings(**settings, **{"temporary-directory": str(scratch)}):
            settings = dict(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                security=temporary_credentials(),
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                memory_limit=0,
                local_directory=scratch,
                silence_logs=logging.CRITICAL,
            )
            # what a worker loads looks at the environment before Dask can change it
            surroundings = _environment(**ONE_THREAD, TMPDIR=str(scratch))
            with surroundings, _started(LocalCluster, settings) as cluster:
                cluster.adapt(minimum=workers, maximum=workers)  # replaces a worker that is gone
                yield lambda: Client(cluster, set_as_default=False)


@contextmanager
def _started(kind, settings):
    """Start a cluster, which no interrupt breaks off; yield it; end it."""
    with ExitStack() as ended:
        try:
            with no_interrupt():
                cluster = ended.enter_context(kind(**settings))
        except (ValueError, TypeError, OSError, RuntimeError) as error:
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise ClusterError(f"the workers cannot be started: {said[0]}") from None
        yield cluster


@contextmanager
def _environment(**variables):
    """Set variables for the processes that are started in this block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _name(folder):
    """Return how the private folders of a sweep's folder are named."""
    hashed = sha256(str(Path(folder).resolve()).encode()).hexdigest()
    return f"neural_mass_sweep_{os.getuid()}_{hashed[:12]}"


@contextmanager
def _own_settings(**settings):
    """Let Dask have its own defaults and these settings, not those of the user's configuration.

    Which may name other ports, certificates, folders, or code to be loaded. But dask-jobqueue's
    say what the user's SLURM wants. No HTTP server has a page.
    """
    defaults = {}
    dask.config.refresh(defaults, paths=[], env={})
    defaults.pop("jobqueue", None)
    pages = {f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker")}
    with dask.config.set(defaults), dask.config.set({**pages, **settings}):
        yield


def temporary_credentials():
    """Make credentials for one cluster, which only its own processes ever have."""
    try:
        return Security.temporary()
    except ImportError:
        raise ClusterError("needs cryptography: pip install cryptography") from None


@contextmanager
def running_cluster(address):
    """Join the cluster of a scheduler; yield a function that returns a Client.

    With the credentials that Dask's configuration names, where the address begins with tls://.

    Raises
    ------
    ClusterError
        The address is none, the credentials cannot be used, or no scheduler answers there within
        20 s.
    """
    quiet()

    async def shake_hands(arguments):
        connecting = distributed_connect(address, timeout=CONNECT_S, **arguments)
        comm = await asyncio.wait_for(connecting, CONNECT_S)
        comm.abort()

    def connect():
        try:
            scheme, host, port = address_parts(address)
            arguments = credentials(scheme)
            check_way(scheme, host, port)
            # Client waits for ever for what accepts but does not answer
            asyncio.run(shake_hands(arguments))
            return Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            said = str(error).strip().splitlines() or [f"nothing within {CONNECT_S:g} s"]
            raise ClusterError(f"no scheduler answers at {address}: {said[0]}") from None

    yield connect


@contextmanager
def slurm_cluster(workers, settings, folder):
    """Start workers as SLURM jobs; yield a function that returns a Client.

    Jobs that end before the sweep does, at the end of their walltime for instance, are replaced.
    """
    quiet()
    from dask_jobqueue import SLURMCluster

    with (
        private_folder(shared_folder(settings), f".{_name(folder)}") as private,
        temporary_files_in(private),
        _own_settings(),
    ):
        settings = secured({**SLURM, **settings}, private, temporary_credentials())
        with _started(SLURMCluster, settings) as cluster:
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
        raise ClusterError("must name a file that says interface, the network of the workers")
    try:
        settings = tomllib.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ClusterError(f"must be a readable TOML file, got {path}: {error}") from None
    from dask_jobqueue.core import Job, JobQueueCluster
    from dask_jobqueue.slurm import SLURMJob

    for name in settings:  # a cluster that cannot be made leaves more than one line
        if not any(name in signature(kind).parameters for kind in (JobQueueCluster, Job, SLURMJob)):
            raise ClusterError(f"must hold keywords of SLURMCluster, got {name} in {path}")
        if name in DECIDED or name in RENAMED:
            instead = RENAMED.get(name, "it is decided by the sweep")
            raise ClusterError(f"must not hold {name} ({instead}), got {path}")
    options = settings.get("scheduler_options", {})
    if not isinstance(options, dict) or (set(options) & set(DECIDED)):
        rule = f"scheduler_options must be a table without {', '.join(DECIDED)}"
        raise ClusterError(f"{rule}, got {options} in {path}")
    interface = settings.get("interface")
    if not isinstance(interface, str) or not interface:
        raise ClusterError(f"must say interface, the network of the workers, got {path}")
    return settings


def check_interface(settings):
    """Raise ClusterError where this machine has no network of the name that the settings say."""
    found = sorted(name for _, name in socket.if_nameindex())
    if settings["interface"] not in found:
        rule = f"interface must be one of {', '.join(found)}"
        raise ClusterError(f"{rule}, got {settings['interface']}")


def quiet():
    """Keep Dask from logging what the sweep reports itself."""
    for name in ("distributed", "tornado", "bokeh", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
