"""Connections whose clients are silent for now, and who is to take up the next that is not.

One thread at a time waits for all of these connections together, takes the next on which something
comes, and works on what that is. Where this is done at once, it goes on with the next; before it
waits for anything, or works for long, it gives way to another thread. So a request that is
answered from memory costs no change of threads, and no fight for the interpreter's lock.

What has come on several of them is read before the first is worked on: what is asked of the
database for one is an answer for the others, too (`pyregistry.http.arrivals`).
"""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

_TOGETHER: Final = 16
"""So many are read before the first is worked on, which waits for that."""
_ONCE: Final = select.EPOLLIN | select.EPOLLONESHOT
"""One thread learns of it, and nobody else until the connection waits again."""


@dataclass(slots=True, eq=False)
class _Wait:
    """A connection, and the moment until which it waits, of the clock that only goes on."""

    conn: Any
    until: float
    _unclaimed: list[None] = field(default_factory=lambda: [None])

    def claim(self) -> bool:
        """Whether the connection is the caller's now: of all who ask, it is of one."""
        try:
            self._unclaimed.pop()
        except IndexError:
            return False
        return True


class WaitingConnections:
    """Connections of gunicorn (`TConn`) by the descriptors of their sockets, and whose turn it is.

    Safe to use from several threads: a connection belongs to whoever has taken it out.
    """

    def __init__(self, long_turn: float = 0.5) -> None:
        """`long_turn`: after so many seconds a turn is ended."""
        self._epoll = select.epoll()
        # By descriptor. To put one in and to take it out is one step each to all threads.
        self._waiting: dict[int, _Wait] = {}
        # What has come on these is read already. Who takes from it, or puts in, has the turn.
        self._read: deque[Any] = deque()
        self._ended = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        # Not only once: every thread learns of it.
        self._epoll.register(self._ended, select.EPOLLIN)
        self._turn = threading.Lock()
        # Whose turn it is, by the number of the thread: one, or nobody. Who takes it out of here
        # ends the turn, so that it is ended once.
        self._leader: dict[int, bool] = {}
        self._is_working = False
        self._taken = self._taken_before = 0
        self._seen_at = 0.0
        self._long_turn = long_turn

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
        """Wait for a connection on which something has come; None when `end` was called.

        It is the turn of this thread then, also for the next time, until it gives way.
        """
        thread = threading.get_ident()
        if thread not in self._leader:
            self._turn.acquire()
            self._leader[thread] = True
        self._is_working = False
        while not self._read:
            if self._read_what_comes():
                self.give_way()
                return None
        self._taken += 1
        self._is_working = True
        return self._read.popleft()

    def _read_what_comes(self) -> bool:
        """Wait until something comes; whether `end` was called, and nothing came besides."""
        has_ended = False
        for descriptor, _ in self._epoll.poll(None, _TOGETHER):
            has_ended = has_ended or descriptor == self._ended
            wait = self._waiting.pop(descriptor, None)
            if wait is not None and wait.claim():
                wait.conn.sock.read_ahead()
                self._read.append(wait.conn)
        return has_ended and not self._read

    def give_way(self) -> None:
        """Let another thread take what comes next; nothing where it is not this one's turn."""
        if self._leader.pop(threading.get_ident(), False):
            self._turn.release()

    def end_long_turn(self) -> None:
        """End the turn of a thread that is seen to work on one connection for too long.

        It should have given way: something keeps it that nobody thought of. To be called now and
        then.
        """
        now = time.monotonic()
        if not self._is_working or self._taken != self._taken_before:
            self._taken_before, self._seen_at = self._taken, now
        elif now - self._seen_at >= self._long_turn:
            for leader in list(self._leader):
                if self._leader.pop(leader, False):
                    self._turn.release()

    def take_silent(self) -> list[Any]:
        """The connections that have waited for their time; they belong to the caller now.

        Those on which something has come wait for a thread, for however long that takes.
        """
        now = time.monotonic()
        silent = []
        for descriptor, wait in list(self._waiting.items()):
            if wait.until > now or _has_sent(descriptor):
                continue
            # A thread may have taken it meanwhile, and may even have given it back.
            if wait.claim():
                self._waiting.pop(descriptor, None)
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
