"""The outermost part of the application, which sees each request until all of it was answered."""

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pyregistry.http.observation import Observation, observe_anew
from pyregistry.http.page_validators import is_half
from pyregistry.http.request_ids import FROM_PROXY, NO_REQUEST
from pyregistry.http.sending import FILE_WRAPPER, SeekableFile, Wrap
from pyregistry.watching.access_log import log_exchange
from pyregistry.watching.exchange import Exchange
from pyregistry.watching.metrics import Metrics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

logger = logging.getLogger(__name__)

_LONGEST_PATH: Final = 1000
_UNUSUAL: Final = re.compile(r"[^A-Z]")
_LONGEST_METHOD: Final = 20
_KEPT: Final = 512
"""The same are asked for again and again. A path may have 8 KB."""
_INPUT: Final = "wsgi.input"
_SERVERS_WRAPPER: Final = "wsgi.file_wrapper"


class Watched:
    """WSGI middleware: counts each request, and writes its line of the log.

    It is inside of `TrustedProxies`, so that the client's address is the right one, and outside of
    everything that may fail. What it does wrong breaks no answer.
    """

    def __init__(self, app: "WSGIApplication", metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    def __call__(
        self, environ: dict[str, Any], start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        watch = _Watch(environ, self._metrics)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            watch.answers(status)
            return start_response(status, headers, *error)

        try:
            body = self._app(environ, start)
        except BaseException:
            watch.end()
            raise
        if isinstance(body, list | tuple):
            # It is whole: servers take its length from it, and need nobody in between.
            watch.sent_bytes = sum(map(len, body))
            watch.end()
            return body
        # What the server wrapped itself it knows again by its class, and sends without us.
        return body if watch.is_file(body) else _Sent(body, watch)


class _Watch:
    """What is known of one request while it is answered."""

    def __init__(self, environ: dict[str, Any], metrics: Metrics) -> None:
        self._environ = environ
        self._metrics = metrics
        self._observation: Observation = observe_anew(environ)
        self._began = time.perf_counter()
        self._answered: float | None = None
        self._status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._ended = False
        self.sent_bytes = 0
        self._received = _Received(environ[_INPUT])
        environ[_INPUT] = self._received
        self._file: Iterable[bytes] | None = None
        # Not under the server's own key: by what is there it knows its own again.
        environ[FILE_WRAPPER] = self._wrap_file if _SERVERS_WRAPPER in environ else None
        metrics.begin()

    def is_file(self, body: Iterable[bytes]) -> bool:
        """Whether the body is a file that the server sends by itself."""
        return body is self._file

    def _wrap_file(self, file: SeekableFile, piece: int) -> Iterable[bytes]:
        wrap: Wrap = self._environ[_SERVERS_WRAPPER]
        self._file = wrap(_SentFile(file, self), piece)
        return self._file

    def answers(self, status: str) -> None:
        """The answer begins."""
        self._answered = time.perf_counter()
        self._status = int(status[:3])

    def end(self) -> None:
        """The answer was sent, or broke off: once, however often it is said."""
        if self._ended:
            return
        self._ended = True
        if is_half(self._environ, self._status):
            self._metrics.leave()
            return
        try:
            exchange = self._exchange()
            self._metrics.end(exchange)
            log_exchange(exchange)
        except Exception:
            logger.exception("a request could not be watched")

    def _exchange(self) -> Exchange:
        environ, now = self._environ, time.perf_counter()
        answered = now if self._answered is None else self._answered
        return Exchange(
            request_id=environ.get(FROM_PROXY, NO_REQUEST),
            method=_method(environ.get("REQUEST_METHOD", "")),
            path=_path(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")),
            client_address=environ.get("REMOTE_ADDR"),
            status=self._status,
            seconds_to_answer=answered - self._began,
            seconds=now - self._began,
            received_bytes=self._received.size,
            sent_bytes=self.sent_bytes,
            observation=self._observation,
        )


class _Received:
    """The body of a request, counted as the application reads it: its length is what anybody says.

    Whoever reads it again, as WebOb does, has a copy of it.
    """

    def __init__(self, body: Any) -> None:
        self._body = body
        self.size = 0

    def read(self, *size: int) -> bytes:
        """As the body itself."""
        piece: bytes = self._body.read(*size)
        self.size += len(piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)


class _Sent:
    """The body of an answer, counted as the server takes it."""

    def __init__(self, body: Iterable[bytes], watch: _Watch) -> None:
        self._body = body
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._watch.sent_bytes += len(piece)
            yield piece

    def close(self) -> None:
        """Servers call it at the end, whatever the end was."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._watch.end()


class _SentFile:
    """A file that the server sends by itself; how far it has come is where the file stands.

    The system's own copying says so, too: Python seeks afterwards to where it ended.
    """

    def __init__(self, file: SeekableFile, watch: _Watch) -> None:
        self._file = file
        self._watch = watch
        self._start = self._place = file.tell()

    def read(self, size: int = -1, /) -> bytes:
        """As the file itself."""
        piece = self._file.read(size)
        self._place += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """As the file itself."""
        self._place = self._file.seek(offset, whence)
        return self._place

    def tell(self) -> int:
        """As the file itself."""
        return self._place

    def fileno(self) -> int:
        """As the file itself."""
        return self._file.fileno()

    def close(self) -> None:
        """Servers call it at the end, whatever the end was."""
        try:
            self._file.close()
        finally:
            self._watch.sent_bytes = self._place - self._start
            self._watch.end()


@lru_cache(maxsize=_KEPT)
def _method(said: str) -> str:
    return _UNUSUAL.sub("?", said)[:_LONGEST_METHOD]


@lru_cache(maxsize=_KEPT)
def _path(path: str) -> str:
    # Servers hand over bytes as Latin-1 (PEP 3333). Encoded, nothing in it can end a line.
    return quote(path.encode("latin-1", "replace")[:_LONGEST_PATH], safe="/@:~+!$,;=&()*'")
