"""Connections whose clients are silent for now, and who is to take up the next that is not.

Threads that have nothing to do wait for all of these connections together, and the kernel wakes
one of them for each connection on which something comes. No other thread stands between the
two, so that a request costs no change of threads.
"""

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_ONCE: Final = select.EPOLLIN | select.EPOLLONESHOT
"""One thread learns of it, and nobody else until the connection waits again."""


@dataclass(slots=True)
class _Wait:
    """A connection, and the moment until which it waits, of the clock that only goes on."""

    conn: Any
    until: float


class WaitingConnections:
    """Connections of gunicorn (`TConn`) by the descriptors of their sockets.

    Safe to use from several threads: a connection belongs to whoever has taken it out.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        # By descriptor. To put one in and to take it out is one step each to all threads.
        self._waiting: dict[int, _Wait] = {}
        self._ended = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        # Not only once: every thread learns of it.
        self._epoll.register(self._ended, select.EPOLLIN)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, conn: Any, seconds: float) -> None:
        """Have a new connection wait for its first request, for so long."""
        self._wait(conn, seconds, self._epoll.register)

    def give_back(self, conn: Any, seconds: float) -> None:
        """Have a connection that was taken wait for its next request, for so long."""
        self._wait(conn, seconds, self._epoll.modify)

    def _wait(self, conn: Any, seconds: float, tell_kernel: Callable[[int, int], None]) -> None:
        descriptor = conn.sock.fileno()
        # Before the kernel knows: the next moment it may be taken.
        self._waiting[descriptor] = _Wait(conn, time.monotonic() + seconds)
        tell_kernel(descriptor, _ONCE)

    def take(self) -> Any:
        """Wait for a connection on which something has come; None when `end` was called."""
        while True:
            for descriptor, _ in self._epoll.poll(None, 1):
                if descriptor == self._ended:
                    return None
                wait = self._waiting.pop(descriptor, None)
                if wait is not None:
                    return wait.conn

    def take_silent(self) -> list[Any]:
        """The connections that have waited for their time; they belong to the caller now.

        Those on which something has come wait for a thread, for however long that takes.
        """
        now = time.monotonic()
        silent = []
        for descriptor, wait in list(self._waiting.items()):
            if wait.until > now or _has_sent(descriptor):
                continue
            # A thread may take it at this moment.
            if self._waiting.pop(descriptor, None) is not None:
                silent.append(wait.conn)
        return silent

    def shorten(self, seconds: float, seconds_of_new: float) -> None:
        """Let none wait for longer from now on; other seconds for those without any request."""
        now = time.monotonic()
        for wait in list(self._waiting.values()):
            most = seconds if wait.conn.initialized else seconds_of_new
            wait.until = min(wait.until, now + most)

    def end(self) -> None:
        """Wake every thread that waits, for good."""
        os.eventfd_write(self._ended, 1)


def _has_sent(descriptor: int) -> bool:
    """Whether there is something to be learned from a connection."""
    asked = select.poll()
    asked.register(descriptor, select.POLLIN)
    return bool(asked.poll(0))
