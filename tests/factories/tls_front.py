"""A front that ends TLS before a server on loopback, as a reverse proxy does."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from tests.factories.certificates import Certificates


@contextmanager
def tls_front(certificates: Certificates, port: int) -> Iterator[str]:
    """Give the host and port that speak TLS for the server at a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = certificates.server_context()
        Thread(target=_accept, args=(listener, context, port), daemon=True).start()
        yield f"localhost:{listener.getsockname()[1]}"
        # A thread that waits for a client is woken by this, and not by the end of the socket.
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        Thread(target=_serve, args=(client, context, port), daemon=True).start()


def _serve(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError), client:
        secure = context.wrap_socket(client, server_side=True)
        with secure, socket.create_connection(("127.0.0.1", port)) as server:
            back = Thread(target=_copy, args=(server, secure), daemon=True)
            back.start()
            _copy(secure, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until it ends."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
