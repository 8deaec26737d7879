"""The sockets that servers listen on."""

import socket
from pathlib import Path
from typing import Any

from waitress.utilities import cleanup_unix_socket

from pyregistry.settings import SettingsError


def bound_sockets(options: dict[str, Any], port: int) -> list[socket.socket]:
    """The sockets to listen on; takes the options that say where out of `options`.

    They are bound before the application is made: who starts two servers on
    one address learns it at once, and by the exit status.

    `options` may hold `host`, `unix_socket` and `unix_socket_perms`; `port` is for TCP. Raises
    `SettingsError` where the address is taken, or is none of this machine.
    """
    host, path = options.pop("host"), options.pop("unix_socket", "")
    permissions = options.pop("unix_socket_perms", "600")
    try:
        return [_unix_socket(path, permissions)] if path else _tcp_sockets(host, port)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {path or f'{host} port {port}'}: {error.strerror};"
            " choose another port with PORT, or another address in the ini file."
        ) from None


def _unix_socket(path: str, permissions: str) -> socket.socket:
    cleanup_unix_socket(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    Path(path).chmod(int(permissions, 8))
    return listener


def _tcp_sockets(host: str, port: int) -> list[socket.socket]:
    """A socket for every address of `host`; `*` is every address of this machine."""
    sockets = []
    for family, kind, protocol, _, address in socket.getaddrinfo(
        None if host == "*" else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        listener = socket.socket(family, kind, protocol)
        sockets.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    return sockets
