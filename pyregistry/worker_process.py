"""A worker process of gunicorn, with threads.

Gunicorn's own threaded worker, and besides

- it runs what `pyregistry.lifecycle` knows of, after the fork and after the last request;
- a request is taken up by the thread that works on it, and not handed on by another; what is
  answered at once is answered by one thread, one after the other;
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
import selectors
import signal
import socket
import time
from threading import Thread
from typing import Any, Final

from gunicorn.http import wsgi
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker
from webob.request import DisconnectionError

from pyregistry import lifecycle
from pyregistry.answer_sockets import WholeAnswer
from pyregistry.client_sockets import ClientSocket
from pyregistry.http.arrivals import ARRIVED_AT
from pyregistry.http.giving_way import GIVE_WAY, GIVES_WAY
from pyregistry.http.request_ids import forget_request
from pyregistry.waiting_connections import WaitingConnections

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

# What the system has too little of for another connection; others end meanwhile.
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

# The listener itself is no more.
_NO_SOCKET: Final = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK})

# How long a process steps aside for the others for each connection that it has, of so many.
_STEP_ASIDE_SECONDS: Final = 0.00005
_MANY: Final = 20

# How often, in seconds, the main thread says that it is alive and looks for silent clients;
# and how often at a stop.
_ROUND_SECONDS: Final = 1.0
_LAST_ROUND_SECONDS: Final = 0.1


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

    @property
    def is_over(self) -> bool:
        """Whether the client has nothing more to send."""
        if isinstance(self._reader, LengthReader):
            return bool(self._reader.length == 0)
        return isinstance(self._reader, ChunkedReader) and self._reader.parser is None


class WorkerProcess(ThreadWorker):
    """One of several processes that serve the application."""

    client_timeout: float = 60.0

    def init_process(self) -> None:
        """Serve until the end of this process. Called by gunicorn after the fork."""
        self._open: set[Any] = set()
        self._waiting = WaitingConnections()
        try:
            lifecycle.forked()
            super().init_process()
        finally:
            lifecycle.stop()
            if self._open:
                log.warning("Stopping: requests were cut off")
                logging.shutdown()
                # Python would wait for the threads that still work on them.
                os._exit(0)

    def init_signals(self) -> None:
        """Handle signals, and those first that came before this process could."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)

    def run(self) -> None:
        """Accept connections until a stop; the threads work on what comes on them."""
        for number in range(self.cfg.threads):
            Thread(target=self._work, name=f"requests_{number}", daemon=True).start()
        self.poller.register(
            self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks
        )
        while self.alive:
            self.notify()
            self.set_accept_enabled(len(self._open) < self.worker_connections)
            self.wait_for_and_dispatch_events(timeout=_ROUND_SECONDS)
            if not self.is_parent_alive():
                break
            self._close_silent()
            self._waiting.end_long_turn()
        self._finish_requests()

    def accept(self, listener: Any) -> None:
        """Accept a connection that waits at a listener, if there is one still."""
        # Who has fewer connections comes first: else one process may get all of those that
        # come together, and the others none.
        time.sleep(min(len(self._open), _MANY) * _STEP_ASIDE_SECONDS)
        self._accept_at_once(listener)

    def _accept_at_once(self, listener: Any) -> bool:
        """Whether there was one, or may be another."""
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                log.warning("No client can connect for now: %s", error.strerror)
                time.sleep(_ROUND_SECONDS)
                return False
            if error.errno == errno.EAGAIN:
                return False
            if error.errno in _NO_SOCKET:
                raise
            # The client has gone, or the network to it.
            log.info("A client did not connect: %s", error.strerror)
            return True
        give_way = self._waiting.give_way
        connection = ClientSocket.of(accepted, self.client_timeout, give_way)
        conn = TConn(self.cfg, connection, client, listener.getsockname())
        # It is taken only when something has come.
        conn.data_ready = True
        self._open.add(conn)
        self._waiting.add(conn, self.client_timeout)
        return True

    def _work(self) -> None:
        """Work on one request after the other, whatever connection it comes on."""
        while (conn := self._waiting.take()) is not None:
            try:
                keeps = self.handle(conn)
                # What was sent ahead has been read already: nothing would tell of it.
                while keeps and (conn.sock.is_ahead or conn.parser.unreader.buf.getvalue()):
                    self._waiting.give_way()
                    keeps = self.handle(conn)
                if keeps:
                    self._waiting.give_back(conn, self.cfg.keepalive)
                    continue
            except BaseException:
                # The thread has other connections to work for.
                log.exception("A connection was cut off")
            self._close(conn)

    def _close(self, conn: Any) -> None:
        conn.close()
        self._open.discard(conn)
        if not self.alive or not self._accepting:
            # The main thread waits until there are fewer.
            self.method_queue.defer(_look_again)

    def _close_silent(self) -> None:
        for conn in self._waiting.take_silent():
            self._close(conn)

    def handle(self, conn: Any) -> Any:
        """Work on one request, in a thread. What is false ends the connection."""
        # What comes now may be no request, and the log must not name the last one for it.
        forget_request()
        # Whoever sends a head piece by piece has no more time for it than others.
        conn.sock.deadline = time.monotonic() + self.client_timeout
        conn.sends_more = True
        result = super().handle(conn)
        if result is False and conn.sends_more and not conn.sock.has_given_up:
            _linger(conn.sock)
        return result

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Let the application answer. Returns whether another request may follow."""
        conn.sock.deadline = None
        is_expected = bool(req._expected_100_continue)
        req.body.reader = body = _BodyReader(req.body.reader, conn.sock, is_expected=is_expected)
        if is_expected:
            req._expected_100_continue = False
            # Where the application does not read the body, nobody can tell whether the
            # client sends it nevertheless.
            req.force_close()
        answer, environ = wsgi.create(
            req, conn.sock, conn.client, conn.server, self.cfg, response_class=WholeAnswer
        )
        environ["wsgi.multithread"] = True
        environ[ARRIVED_AT] = conn.sock.arrived_at
        if getattr(self.wsgi, GIVES_WAY, False):
            environ[GIVE_WAY] = self._waiting.give_way
        else:
            self._waiting.give_way()
        if not self.alive or not self.cfg.keepalive or len(self._waiting) >= self.max_keepalived:
            answer.force_close()
        try:
            _send(answer, self.wsgi(environ, answer.start_response))
        except OSError:
            raise
        except Exception as error:
            if not answer.has_begun:
                raise
            # A second answer behind half of this one would be taken for its rest.
            log.exception("An answer was cut off")
            raise StopIteration from error
        conn.sends_more = not body.is_over
        return not answer.should_close()

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

    def _finish_requests(self) -> None:
        """Accept nobody any more, and serve who has connected, for as long as a stop may take."""
        self._accept_who_waits()
        self.set_accept_enabled(False)
        for listener in self.sockets:
            listener.close()
        ends = time.monotonic() + self.cfg.graceful_timeout
        while self._open and time.monotonic() < ends:
            self.notify()
            # Again and again: a thread may just have given one back.
            self._waiting.shorten(STOP_KEEPALIVE_LINGER, _FIRST_BYTES_SECONDS)
            self.wait_for_and_dispatch_events(timeout=_LAST_ROUND_SECONDS)
            self._close_silent()
            self._waiting.end_long_turn()
        self._waiting.end()

    def _accept_who_waits(self) -> None:
        # What is in the kernel's queue has been promised an answer: the end of the last
        # process that listens would reset it.
        for listener in self.sockets:
            listener.setblocking(False)
            for _ in range(self.cfg.backlog):
                if not self._accept_at_once(listener):
                    break


def _send(answer: WholeAnswer, body: Any) -> None:
    """Send what the application returned, and close it."""
    try:
        if isinstance(body, wsgi.FileWrapper):
            answer.write_file(body)
        else:
            for piece in body:
                answer.write(piece)
        answer.close()
    finally:
        if hasattr(body, "close"):
            body.close()


def _look_again() -> None:
    """What a thread has the main thread do so that it wakes."""


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
    except OSError:
        return
