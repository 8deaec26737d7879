"""The connection of a client that is not waited for for ever."""

import errno
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

_PIECE: Final = 2**30
"""What one call may send of a file; some systems cannot do more than twice as much."""


_AT_ONCE: Final = int(socket.MSG_DONTWAIT)
_AHEAD: Final = 8192
"""As much as gunicorn asks for when it reads the head of a request."""


class ClientSocket(socket.socket):
    """A connection that waits for its client for `timeout_seconds` where others wait for ever.

    The kernel keeps the time: Python's own timeouts ask it for every piece whether it may be
    read or written, which costs a request as much as reading it.
    """

    has_given_up: bool = False
    before_waiting: Callable[[], None]
    """Is called before the client is waited for."""

    arrived_at: int = 0
    """A moment at which all had come that was read until now: nanoseconds of `monotonic_ns`."""
    deadline: float | None = None
    """The moment until which it is waited for at all, of the clock that only goes on."""
    _timeout: float
    _kernel_timeout: float
    _ahead: bytes = b""

    @classmethod
    def of(
        cls, accepted: socket.socket, timeout_seconds: float, before_waiting: Callable[[], None]
    ) -> "ClientSocket":
        """The same connection; `accepted` is of no use any more."""
        made = cls(accepted.family, accepted.type, accepted.proto, accepted.detach())
        os.set_blocking(made.fileno(), True)
        made._timeout = timeout_seconds
        made.before_waiting = before_waiting
        made._tell_kernel(timeout_seconds)
        return made

    def setblocking(self, flag: bool, /) -> None:
        """Do nothing: it always waits, and never for longer than its time."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Wait for the client for so long from now on."""
        if seconds is None or seconds <= 0:
            raise ValueError("a client is waited for, but not for ever")
        self._timeout = seconds

    def gettimeout(self) -> float:
        """The seconds for which the client is waited for."""
        return self._timeout

    @property
    def is_ahead(self) -> bool:
        """Whether something was read ahead, of which the kernel will not tell again."""
        return bool(self._ahead)

    def read_ahead(self) -> None:
        """Take what has come, if anything, for the next `recv`."""
        if self._ahead:
            return
        # The next `recv` finds out what is wrong.
        with suppress(OSError):
            self._ahead = super().recv(_AHEAD, _AT_ONCE)
        self.arrived_at = time.monotonic_ns()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises `ConnectionResetError`, as all three do, where the client keeps us waiting."""
        if self._ahead:
            found, self._ahead = self._ahead[:size], self._ahead[size:]
            return found
        found = self._receive(size, flags)
        self.arrived_at = time.monotonic_ns()
        return found

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything, or raise."""
        try:
            sent = super().send(data, flags | _AT_ONCE)
        except BlockingIOError:
            sent = 0
        if sent == len(data):
            return
        self._prepare_to_wait()
        try:
            super().sendall(memoryview(data)[sent:], flags)
        except BlockingIOError as error:
            raise self._gave_up() from error

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send `count` bytes of a file, or what it has of them, or raise; how many it was."""
        if count is None:
            count = os.fstat(file.fileno()).st_size - offset
        # The disk may have to be waited for, too.
        self._prepare_to_wait()
        sent = 0
        # As Python's own: where the file stands says how much of it was sent.
        file.seek(offset)
        try:
            while sent < count:
                piece = min(count - sent, _PIECE)
                now = os.sendfile(self.fileno(), file.fileno(), offset + sent, piece)
                if not now:
                    break
                sent += now
                file.seek(offset + sent)
        except BlockingIOError as error:
            raise self._gave_up() from error
        return sent

    def _receive(self, size: int, flags: int) -> bytes:
        try:
            return super().recv(size, flags | _AT_ONCE)
        except BlockingIOError:
            self._prepare_to_wait()
        try:
            return super().recv(size, flags)
        except BlockingIOError as error:
            raise self._gave_up() from error

    def _prepare_to_wait(self) -> None:
        self.before_waiting()
        timeout = self._timeout
        if self.deadline is not None:
            timeout = max(0.0, min(timeout, self.deadline - time.monotonic()))
        if timeout != self._kernel_timeout:
            self._tell_kernel(timeout)

    def _tell_kernel(self, timeout: float) -> None:
        seconds = int(timeout)
        # A time of zero would be none.
        timeval = struct.pack("ll", seconds, max(1, int((timeout - seconds) * 1e6)))
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
        self._kernel_timeout = timeout

    def _gave_up(self) -> ConnectionResetError:
        self.has_given_up = True
        # What gunicorn and the application know as a client that has gone.
        return ConnectionResetError(errno.ECONNRESET, "the client is silent")
