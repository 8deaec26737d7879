"""Clients that fall silent in the middle of a request, where the server waits for them for ever.

granian knows no time within which a body must come or an answer must be taken, and a thread that
waits for it cannot be called back. Nor does it say which connection a request came by. But the
kernel knows how long
nothing has come by a connection, and what all threads of this process are doing is known here:
together they say which connections are of clients that are waited for in vain.
"""

import contextlib
import errno
import math
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# struct tcp_info of Linux: the state; milliseconds since data were sent and received last; bytes
# that wait to be sent; how many segments of data were sent.
_TCP_INFO: Final = struct.Struct("=B43xI4xI88xI8xI")
_ESTABLISHED: Final = 1

_INTERNET: Final = frozenset({socket.AF_INET, socket.AF_INET6})


class SilentClients:
    """Ends connections whose clients neither send nor take what they should."""

    def __init__(self, timeout_seconds: float, keep_alive_seconds: float) -> None:
        """`timeout_seconds` is how long a client may neither send nor take anything.

        A connection may stay open for `keep_alive_seconds` without a request.
        """
        self._timeout = timeout_seconds
        self._keep_alive = keep_alive_seconds
        # Each request that is not answered: since when its client may have been silent, by the
        # monotonic clock, and for how many seconds it may be.
        self._requests: dict[int, tuple[float, float]] = {}

    @contextmanager
    def working(self, request: object) -> Iterator[None]:
        """While a request is answered, whose client may wait."""
        self._requests[id(request)] = (time.monotonic(), math.inf)
        try:
            yield
        finally:
            del self._requests[id(request)]

    @contextmanager
    def reading(self, request: object, seconds: float | None = None) -> Iterator[None]:
        """While a thread waits for a piece of its body, for `seconds` if it is less than usual."""
        before = self._requests[id(request)]
        self._requests[id(request)] = (time.monotonic(), min(seconds or math.inf, self._timeout))
        try:
            yield
        finally:
            # What has come may have come long ago.
            self._requests[id(request)] = before

    def watch(self, listeners: list[socket.socket]) -> None:
        """Look after the connections of `listeners` from now on, in a thread."""
        addresses = {
            listener.getsockname()[1] for listener in listeners if listener.family in _INTERNET
        }
        if addresses:
            threading.Thread(target=self._watch, args=(addresses,), daemon=True).start()

    def _watch(self, ports: set[int]) -> None:
        looked = time.monotonic()
        while True:
            time.sleep(min(1.0, self._timeout / 4))
            limit = self._limit()
            # Who takes nothing is seen by the connection alone, and holds no thread where the
            # answer was whole.
            if limit is not None or time.monotonic() - looked > self._timeout / 4:
                looked = time.monotonic()
                self._end_silent_ones(ports, math.inf if limit is None else limit)

    def _limit(self) -> float | None:
        """The seconds of silence that nobody is allowed just now; None: some may be.

        Connections cannot be told from each other. So that of a request that is worked on, from
        which nothing is expected to come, protects all that are silent for less than it.
        """
        now = time.monotonic()
        ages = [(now - since, allowed) for since, allowed in list(self._requests.values())]
        overdue = [allowed for age, allowed in ages if age > allowed]
        limit = max(overdue, default=math.inf)
        is_unclear = any(limit <= age <= allowed for age, allowed in ages)
        return None if is_unclear or not overdue else limit

    def _end_silent_ones(self, ports: set[int], limit: float) -> None:
        for connection in _connections_to(ports):
            with contextlib.suppress(OSError), connection:
                self._end_if_silent(connection, limit)

    def _end_if_silent(self, connection: socket.socket, limit: float) -> None:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        state, sent, received, waiting, segments_sent = _TCP_INFO.unpack(told)
        silence = min(sent, received) / 1000
        if state != _ESTABLISHED:
            return
        if waiting:
            if silence > self._timeout:
                connection.shutdown(socket.SHUT_RDWR)
            return
        # Where the last word was ours, it may be a connection that waits for the next request.
        is_answered = segments_sent and sent <= received
        if silence > (max(limit, self._keep_alive) if is_answered else limit):
            # granian finds the body broken off, and can still send an answer.
            connection.shutdown(socket.SHUT_RD)


def _connections_to(ports: set[int]) -> Iterator[socket.socket]:
    """Each connection to a port of this process, as a socket that is to be closed."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(descriptor.stat().st_mode):
                # Of its own: the descriptor may be closed, and be another's, at any time.
                found = socket.socket(fileno=_duplicate(descriptor))
                if found.family in _INTERNET and found.getsockname()[1] in ports:
                    yield found
                else:
                    found.close()


def _duplicate(descriptor: Path) -> int:
    duplicate = os.dup(int(descriptor.name))
    if not stat.S_ISSOCK(os.fstat(duplicate).st_mode):
        os.close(duplicate)
        raise OSError(errno.ENOTSOCK, "not a socket any more")
    return duplicate
