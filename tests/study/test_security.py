"""Nobody else runs code as the person: ports, credentials and folders of a sweep."""

import os
import socket
import ssl
import stat
from pathlib import Path

import psutil
import pytest

from study.cluster import clusters, private, slurm
from study.cluster.clusters import local_cluster
from study.cluster.dispatch import ClusterError
from study.cluster.scheduler import address_parts, credentials, is_exposed


def listening():
    """All addresses that this process and those that it has started listen on."""
    return {
        connection.laddr
        for process in (psutil.Process(), *psutil.Process().children(recursive=True))
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """All addresses that a local cluster listens on, while it runs; other tests have their own."""
    before = listening()
    with local_cluster(1, tmp_path_factory.mktemp("sweep")) as connect, connect() as client:
        assert client.run(os.getpid)  # somebody who holds the credentials is let in
        yield listening() - before


def test_a_local_cluster_listens_on_the_loopback_alone(ports):
    assert len(ports) >= 2  # of the scheduler and of the worker
    assert {address.ip for address in ports} == {"127.0.0.1"}


def test_who_has_no_credentials_is_refused_on_every_port(ports):
    """Without TLS, and with TLS without the certificate, nothing is ever said to them."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    for address in ports:
        for wrap in (lambda plain: plain, anybody.wrap_socket):
            with socket.create_connection(address, timeout=3) as plain:
                try:
                    with wrap(plain) as connection:
                        connection.sendall(bytes(64))
                        answered = connection.recv(1)
                except OSError:  # TLS, reset, or no answer at all
                    continue
                # an alert of TLS, type 21, is all that one without TLS may be told
                assert answered in (b"", b"\x15")


@pytest.mark.parametrize(
    "address, exposed",
    [
        ("tcp://127.0.0.1:1", False),
        ("tcp://[::1]:1", False),
        ("tcp://localhost:1", False),
        ("tcp://192.0.2.1:1", True),
        ("tcp://0.0.0.0:1", True),
        ("192.0.2.1:1", True),
        ("tls://192.0.2.1:1", False),
    ],
)
def test_who_can_listen_in(address, exposed):
    assert is_exposed(*address_parts(address)) is exposed


@pytest.mark.parametrize(
    "address", ["", "tcp://", "tcp://host", "http://host:1", "tcp://host:x", "tcp://a b:1", "tcp://u@h:1"]
)  # fmt: skip
def test_what_is_no_address(address):
    with pytest.raises(ClusterError, match="must be tcp://HOST:PORT or tls://HOST:PORT"):
        address_parts(address)


def test_tls_needs_certificates_of_the_user():
    with pytest.raises(ClusterError, match=r"needs distributed\.comm\.tls\.ca-file"):
        credentials("tls")


def test_a_private_folder(tmp_path):
    with private.private_folder(tmp_path, "scratch") as made:
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        (made / "file").write_text("")
        with private.private_folder(tmp_path, "scratch") as other:
            assert other != made and made.exists()  # somebody is at work in it
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_is_removed_but_nothing_that_a_link_names(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    (tmp_path / "scratch_link").symlink_to(elsewhere)
    (tmp_path / "scratch_left").mkdir()
    (tmp_path / "scratch_left" / "file").write_text("")
    with private.private_folder(tmp_path, "scratch"):
        assert not (tmp_path / "scratch_left").exists()
    assert (elsewhere / "kept").exists()


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "must say interface"),
        ('interface = ""', "must say interface"),
        ("interface = 3", "must say interface"),
        ('interface = "lo"\nprotocol = "tcp://"', "must not hold protocol"),
        ('interface = "lo"\n[scheduler_options]\ndashboard = true', "scheduler_options must be"),
    ],
)
def test_a_slurm_cluster_that_would_be_open_is_refused(tmp_path, text, message):
    pytest.importorskip("dask_jobqueue")
    (tmp_path / "slurm.toml").write_text(text)
    with pytest.raises(ClusterError, match=message):
        clusters.slurm_settings(tmp_path / "slurm.toml")


def test_an_interface_that_is_not_there():
    with pytest.raises(ClusterError, match=r"interface must be one of .*lo.*, got none0"):
        clusters.check_interface({"interface": "none0"})


def test_the_credentials_of_jobs_are_files_for_the_user_alone(tmp_path):
    settings = slurm.secured({"interface": "lo"}, tmp_path, clusters.temporary_credentials())
    files = list(tmp_path.glob("*.pem"))
    assert files and {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert settings["protocol"] == settings["scheduler_options"]["protocol"] == "tls://"
    assert settings["security"].require_encryption
    assert "--no-dashboard" in settings["worker_extra_args"]


def test_a_shared_folder_that_would_break_a_command(tmp_path):
    assert slurm.shared_folder({"shared_temp_directory": str(tmp_path)}) == Path(tmp_path)
    with pytest.raises(ClusterError, match="without spaces"):
        slurm.shared_folder({"shared_temp_directory": f"{tmp_path}/a b"})
