"""A worker process of gunicorn, with threads.

Gunicorn's own threaded worker, and besides

- it runs what `pyregistry.lifecycle` knows of, after the fork and after the last request;
- a client that sends nothing, or takes nothing, does not hold a thread for ever;
- `100 Continue` is sent when the application begins to read, so that what it refuses by the
  headers alone is never sent;
- a client that still sends gets to read why its request was refused;
- at a stop, who has connected is served, and who has not is refused at once, so that a proxy
  asks another server.
"""

import errno
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker
from webob.request import DisconnectionError

from pyregistry import lifecycle
from pyregistry.http.request_ids import forget_request

log = logging.getLogger(__name__)

HANDLED_SIGNALS: Final = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1}
)
"""What the parent sends to workers."""

# As nginx does: how long, in seconds, what a client still sends is read after the answer, and
# how long it may pause meanwhile.
_LINGERING_SECONDS: Final = 30.0
_LINGERING_PAUSE: Final = 5.0
_LINGERING_PIECE: Final = 256 * 1024

# A client that has just connected sends its request within this time, in seconds.
_FIRST_BYTES_SECONDS: Final = 1.0


class ClientSocket(socket.socket):
    """A connection that waits for its client for `timeout_seconds` where others wait for ever."""

    timeout_seconds: float
    has_given_up: bool = False

    @classmethod
    def of(cls, accepted: socket.socket, timeout_seconds: float) -> "ClientSocket":
        """The same connection; `accepted` is of no use any more."""
        made = cls(accepted.family, accepted.type, accepted.proto, accepted.detach())
        made.timeout_seconds = timeout_seconds
        made.setblocking(True)
        return made

    def setblocking(self, flag: bool, /) -> None:
        """Wait for the client, or do not."""
        self.settimeout(self.timeout_seconds if flag else 0.0)

    def recv(self, *arguments: Any) -> bytes:
        """Raises `ConnectionResetError`, as all three do, where the client keeps us waiting."""
        with self._patience_has_an_end():
            return super().recv(*arguments)

    def sendall(self, *arguments: Any) -> None:
        """Send everything, or raise."""
        with self._patience_has_an_end():
            super().sendall(*arguments)

    def sendfile(self, *arguments: Any, **named: Any) -> int:
        """Send from a file, or raise."""
        with self._patience_has_an_end():
            return super().sendfile(*arguments, **named)

    @contextmanager
    def _patience_has_an_end(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            self.has_given_up = True
            # What gunicorn and the application know as a client that has gone.
            raise ConnectionResetError(errno.ECONNRESET, "the client is silent") from error


class _BodyReader:
    """The body of a request, until the client breaks off, sends nonsense or says nothing more."""

    def __init__(self, reader: Any, connection: socket.socket, *, is_expected: bool) -> None:
        """`is_expected`: the client waits for `100 Continue` before it sends the body."""
        self._reader = reader
        self._connection = connection
        self._is_expected = is_expected
        self._has_broken_off = False

    def read(self, size: int) -> bytes:
        """As the reader of gunicorn. Raises `DisconnectionError` where there will be no more."""
        if not self._has_broken_off:
            try:
                return self._read(size)
            except (ParseException, OSError):
                self._has_broken_off = True
        raise DisconnectionError(errno.ECONNRESET, "the body broke off")

    def _read(self, size: int) -> bytes:
        if self._is_expected:
            self._is_expected = False
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        found: bytes = self._reader.read(size)
        return found


class WorkerProcess(ThreadWorker):
    """One of several processes that serve the application."""

    client_timeout: float = 60.0

    def init_process(self) -> None:
        """Serve until the end of this process. Called by gunicorn after the fork."""
        try:
            lifecycle.forked()
            super().init_process()
        finally:
            lifecycle.stop()
            if self.nr_conns > 0:
                log.warning("Stopping: requests were cut off")
                logging.shutdown()
                # Python would wait for the threads that still work on them.
                os._exit(0)

    def init_signals(self) -> None:
        """Handle signals, and those first that came before this process could."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)

    def enqueue_req(self, conn: Any) -> None:
        """Have a thread work on what comes on a connection."""
        if not isinstance(conn.sock, ClientSocket):
            conn.sock = ClientSocket.of(conn.sock, self.client_timeout)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Work on one request, in a thread. What is false ends the connection."""
        # What comes now may be no request, and the log must not name the last one for it.
        forget_request()
        result = super().handle(conn)
        if result is False and not conn.sock.has_given_up:
            _linger(conn.sock)
        return result

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Let the application answer. Returns whether another request may follow."""
        is_expected = bool(req._expected_100_continue)
        req.body.reader = _BodyReader(req.body.reader, conn.sock, is_expected=is_expected)
        if is_expected:
            req._expected_100_continue = False
            # Where the application does not read the body, nobody can tell whether the
            # client sends it nevertheless.
            req.force_close()
        keeps: bool = super().handle_request(req, conn)
        return keeps

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is no request; the log gets no query, which may hold a secret."""
        if req is not None:
            req.uri = req.path
        super().handle_error(req, client, addr, exc)

    def is_parent_alive(self) -> bool:
        """Whether the parent is there; without it this process stops as at a signal."""
        if not super().is_parent_alive():
            self.alive = False
        return bool(self.alive)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections, or accept none."""
        if not enabled and not self.alive:
            self._accept_who_waits()
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()
            ends = time.monotonic() + _FIRST_BYTES_SECONDS
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, ends)

    def _accept_who_waits(self) -> None:
        # What is in the kernel's queue has been promised an answer: the end of the last
        # process that listens would reset it.
        for listener in self.sockets if self._accepting else ():
            before = -1
            while before < self.nr_conns:
                before = self.nr_conns
                self.accept(listener)


def _linger(connection: socket.socket) -> None:
    """Read what the client still sends, so that it gets to read the answer.

    A connection that is closed before everything was read is reset, and the answer is lost.
    """
    ends = time.monotonic() + _LINGERING_SECONDS
    try:
        connection.shutdown(socket.SHUT_WR)
        while (rest := ends - time.monotonic()) > 0:
            connection.settimeout(min(_LINGERING_PAUSE, rest))
            if not connection.recv(_LINGERING_PIECE):
                break
        # Gunicorn closes it in its main thread, and must not wait for the client there.
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return
