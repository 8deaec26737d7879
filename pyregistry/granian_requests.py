"""One request at a time, between granian and a WSGI application.

granian's own way to do it gives the environment of the process to every request, takes a body that
broke off for one that is complete, and has no end for lines. So this stands in its place.
"""

import contextlib
import errno
import io
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from webob.request import DisconnectionError

from pyregistry.http.request_ids import forget_request
from pyregistry.silent_clients import SilentClients

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = logging.getLogger(__name__)

# As with gunicorn: how long, in seconds, what a client still sends is read after the answer, and
# how long it may pause meanwhile.
_LINGERING_SECONDS: Final = 30.0
_LINGERING_PAUSE: Final = 5.0

_PIECE: Final = 256 * 1024


class Requests:
    """What granian calls for each request, in one of its threads."""

    def __init__(self, app: "WSGIApplication", silent: SilentClients, *, is_alone: bool) -> None:
        """`is_alone`: no other process serves the same application."""
        self._app = app
        self._silent = silent
        self._always: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "granian",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": not is_alone,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    def __call__(self, transport: Any, scope: dict[str, Any]) -> None:
        """Answer one request: `scope` is its part of the environ, `transport` takes the answer."""
        # What was logged last in this thread was of another request.
        forget_request()
        body = RequestBody(scope, self._silent)
        environ = {**self._always, **scope, "wsgi.input": body}
        if scope["SERVER_PROTOCOL"] == "HTTP/1":
            environ["SERVER_PROTOCOL"] = "HTTP/1.0"
        if not scope["HTTP_HOST"]:
            del environ["HTTP_HOST"]
        with self._silent.working(body):
            if body.may_break_off_unseen(scope.get("CONTENT_TYPE", "")):
                _refuse(transport, 411, b"A body needs a Content-Length.\n")
            else:
                self._answer(transport, environ, body)
            body.linger()

    def _answer(self, transport: Any, environ: dict[str, Any], body: "RequestBody") -> None:
        head = _Head()
        try:
            pieces = self._app(environ, head)
            if body.is_awaited:
                # Where it was not read, nobody can tell whether the client sends it nevertheless.
                head.headers = [*head.headers, ("Connection", "close")]
        except Exception:
            log.exception("The application failed")
            _refuse(transport, 500, b"Internal Server Error\n")
            return
        if isinstance(pieces, list | tuple):
            transport.response_bytes(head.status, head.headers, b"".join(pieces))
        else:
            transport.response_iter(head.status, head.headers, _Pieces(pieces))


class RequestBody(io.RawIOBase):
    """The body of a request, until its end, or until the client breaks off or says nothing more."""

    def __init__(self, scope: dict[str, Any], silent: SilentClients) -> None:
        """`scope` is what granian says of the request."""
        super().__init__()
        self._granian: Any = scope["wsgi.input"]
        self._silent = silent
        length = scope.get("CONTENT_LENGTH")
        self._is_chunked = length is None and "HTTP_TRANSFER_ENCODING" in scope
        # None: where it ends is seen when it ends.
        self._rest = None if self._is_chunked else int(length or 0)
        self.is_finished = self._rest == 0
        self.is_awaited = not self.is_finished and "HTTP_EXPECT" in scope
        """Whether the client sends it only after it was told to, by the first `read`."""
        self._patience: float | None = None

    def may_break_off_unseen(self, content_type: str) -> bool:
        """Whether half of the body would look like all of it.

        granian does not tell a chunked body that broke off from one that ended. A multipart body
        says itself where it ends.
        """
        return self._is_chunked and not content_type.lower().startswith("multipart/")

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As `read`, into `buffer`."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, and fewer only at the end.

        Raises `DisconnectionError` where there will be no more although it has not ended.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        if self.is_finished or not size:
            return b""
        self.is_awaited = False
        wanted = size if self._rest is None else min(size, self._rest)
        with self._silent.reading(self, self._patience):
            piece: bytes = self._granian.read(wanted)
        if self._rest is not None:
            self._rest -= len(piece)
            self.is_finished = not self._rest
        if len(piece) < wanted:
            self.is_finished = True
            if self._rest is not None:
                raise DisconnectionError(errno.ECONNRESET, "the body broke off")
        return piece

    def linger(self) -> None:
        """Read what the client still sends, so that it gets to read the answer.

        granian ends the connection of a body that was not read when its thread is free again.
        """
        # Who waits for a word before it sends reads the answer instead.
        if self.is_finished or self.is_awaited:
            return
        self._patience = _LINGERING_PAUSE
        ends = time.monotonic() + _LINGERING_SECONDS
        with contextlib.suppress(DisconnectionError):
            while time.monotonic() < ends and self.read(_PIECE):
                pass


class _Head:
    """`start_response`, and what it was told."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], *_error: Any) -> Any:
        self.status = int(status[:3])
        self.headers = headers
        return _write


class _Pieces:
    """The body of an answer, as granian takes it."""

    __slots__ = ("__next__", "_pieces")

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.__next__: Callable[[], bytes] = iter(pieces).__next__

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


def _write(_piece: bytes) -> None:
    raise NotImplementedError("the application must return what it answers")


def _refuse(transport: Any, status: int, sentence: bytes) -> None:
    transport.response_bytes(status, [("Content-Type", "text/plain")], sentence)
