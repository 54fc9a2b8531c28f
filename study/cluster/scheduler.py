"""The scheduler that a user brings: its address, its credentials, and who can listen in."""

import ipaddress
import os
import re
import socket
import ssl
from urllib.parse import urlsplit

import dask
from distributed import Security

from study.cluster.dispatch import ClusterError

PROBE_S = 2.0  # how long what listens there has to show whether it speaks TLS
WAYS = {"tcp": "does not use TLS", "tls": "uses TLS"}


def address_parts(address):
    """Return scheme, host and port of an address, or raise ClusterError.

    An address without a scheme gets Dask's default, as everywhere in Dask.
    """
    if "://" not in address:
        address = f"{dask.config.get('distributed.comm.default-scheme')}://{address}"
    try:
        url = urlsplit(address)
        scheme, host, port = url.scheme, url.hostname, url.port
    except ValueError:
        scheme = None
    if scheme not in WAYS or not (host and port) or re.search(r"[\s@?#\\]|[^:/]/", address):
        raise ClusterError("must be tcp://HOST:PORT or tls://HOST:PORT")
    return scheme, host, port


def is_exposed(scheme, host, port):
    """Tell whether others can listen in on the way to a scheduler: no TLS, and not loopback."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port)}
    except (OSError, UnicodeError):
        found = set()
    return scheme == "tcp" and not (found and all(map(_is_loopback, found)))


def _is_loopback(text):
    address = ipaddress.ip_address(text.partition("%")[0])
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def credentials(scheme):
    """Return the arguments of a connection, as Dask's configuration has them.

    Raises
    ------
    ClusterError
        It names no files for TLS, or such as cannot be used.
    """
    security = Security()
    files = security.get_tls_config_for_role("client")
    if scheme == "tls":
        for name, key in (("ca_file", "ca-file"), ("cert", "client.cert"), ("key", "client.key")):
            if not files[name] and name != "key":  # which may stand in the certificate's file
                needed = f"needs distributed.comm.tls.{key} in Dask's configuration"
                raise ClusterError(f"{needed}, a readable file")
            if files[name] and "\n" not in files[name] and not os.access(files[name], os.R_OK):
                rule = f"distributed.comm.tls.{key} must be a readable file"
                raise ClusterError(f"{rule}, got {files[name]}")
    try:
        return security.get_connection_args("client")
    except ssl.SSLError as error:
        raise ClusterError(f"the files of distributed.comm.tls cannot be used: {error}") from None


def check_way(scheme, host, port):
    """Raise ClusterError where what listens there speaks TLS, and the address says it does not.

    And the other way round: Dask itself would try again and again, and not say why. OSError where
    the host has no address.
    """
    socket.getaddrinfo(host, port)
    found = "tcp" if scheme == "tcp" and _speaks_first(host, port) else _answers_tls(host, port)
    if found and found != scheme:
        rule = f"must begin with {found}://, for what listens there {WAYS[found]}"
        raise ClusterError(rule)


def _speaks_first(host, port):
    """Tell whether something is sent on connection, as Dask's schedulers do without TLS."""
    try:
        with socket.create_connection((host, port), PROBE_S) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


def _answers_tls(host, port):
    """Return "tls" where that is spoken, "tcp" where it is not, None where nobody says."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), PROBE_S) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return "tls"
    except ssl.SSLError as error:
        reason = error.reason or ""
        if "ALERT" in reason:  # it wants to see a certificate first
            return "tls"
        return "tcp" if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE") else None
    except OSError:
        return None


def dashboard_link(client):
    """Return the address of Dask's dashboard, None where its configuration makes none."""
    try:
        return client.dashboard_link
    except (LookupError, ValueError, AttributeError):  # its template names what is not there
        return None
