"""What keeps the ports, credentials and job scripts of a SLURM cluster to their owner."""

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import Security

from study.cluster.dispatch import ClusterError

DECIDED = ("protocol", "security", "dashboard", "dashboard_address")
"""What a user cannot say: TLS with credentials made for the cluster, and no dashboard."""
RENAMED = {old: f"its name is {new} now" for old, new in (
    ("extra", "worker_extra_args"),
    ("env_extra", "job_script_prologue"),
    ("job_extra", "job_extra_directives"),
)}  # fmt: skip
"""Old names of keywords, with which dask-jobqueue would leave out what is added here."""


def _jobqueue(name):
    """Return what the user's configuration of dask-jobqueue says, or None."""
    return dask.config.get(f"jobqueue.slurm.{name}", None)


def shared_folder(settings):
    """Return the folder that the jobs find, too, for the files that they are given."""
    name = "shared_temp_directory"
    place = settings.get(name) or _jobqueue(name.replace("_", "-")) or Path.cwd()
    place = Path(os.path.expandvars(place)).expanduser().absolute()
    if re.search(r"[^\w@%+=:,./-]", str(place)):  # it becomes part of a job's command
        rule = "must be a path without spaces and the like"
        raise ClusterError(f"{name} {rule}, got {place}")
    return place


def secured(settings, private, temporary):
    """Return the keywords of a SLURMCluster that only its own processes can talk to.

    The jobs find the credentials as files in `private`, a folder of this user alone, and have one
    like it on their machine for what they write.
    """
    security = _stored(temporary, private)
    given = {
        name: settings.get(name) or _jobqueue(name.replace("_", "-")) or kind()
        for name, kind in (
            ("scheduler_options", dict), ("worker_extra_args", list), ("job_script_prologue", list)
        )
    }  # fmt: skip
    no_pages = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    prologue = [
        "export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'",
        "export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True",
    ]
    if not (settings.get("local_directory") or _jobqueue("local-directory")):
        prologue += ["export TMPDIR=$(mktemp -d)", "trap 'rm -rf \"$TMPDIR\"' EXIT"]
        settings = {**settings, "local_directory": "$TMPDIR"}
    return {
        **settings,
        "security": security,
        "protocol": "tls://",
        "scheduler_options": {
            **given["scheduler_options"], "security": security, "protocol": "tls://", **no_pages
        },
        "worker_extra_args": [
            *given["worker_extra_args"], "--no-dashboard", "--dashboard-address", "127.0.0.1:0"
        ],
        "job_script_prologue": [*given["job_script_prologue"], *prologue],
    }  # fmt: skip


def _stored(security, private):
    """Put credentials into files that only this user can read; return them by those."""
    files = {}
    for name, text in security.get_tls_config_for_role("worker").items():
        if text is not None:
            files[name] = str(private / f"{name}.pem")
            how = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            with open(os.open(files[name], how, 0o600), "w") as file:
                file.write(text)
    roles = ("client", "scheduler", "worker")
    keys = {f"tls_{role}_{name}": files[name] for role in roles for name in ("cert", "key")}
    return Security(require_encryption=True, tls_ca_file=files["ca_file"], **keys)


@contextmanager
def temporary_files_in(private):
    """Let temporary files lie in a folder: dask-jobqueue takes the name of one, and then opens it.

    In a folder of everybody's, somebody else could be quicker, and have a job script of his sent.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(private)
    try:
        yield
    finally:
        tempfile.tempdir = before
