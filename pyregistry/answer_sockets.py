"""Answers of gunicorn that leave in one piece where they are small."""

import logging
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from gunicorn import util
from gunicorn.http.message import TOKEN_RE
from gunicorn.http.wsgi import HEADER_VALUE_RE, Response

log = logging.getLogger(__name__)

_JOINED: Final = 64 * 1024
"""What is longer is not copied for the sake of one call less."""
_HEADERS: Final = 2048


class WholeAnswer(Response):
    """An answer whose head is sent together with the first piece of the body."""

    def __init__(self, req: Any, sock: Any, cfg: Any) -> None:
        self._out = _HeadKept(sock)
        super().__init__(req, self._out, cfg)

    @property
    def has_begun(self) -> bool:
        """Whether the client has got anything of it, so that it can be no other answer."""
        return self._out.has_sent

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take the headers of the application; nearly all of them are the same in many answers."""
        for name, value in headers:
            # Numbers are other ones in each answer, and have nothing in them to be looked for.
            if (_is_number(value) and _is_plain(name, "")) or _is_plain(name, value):
                self.headers.append((name, value))
            else:
                super().process_headers([(name, value)])

    def default_headers(self) -> list[str]:
        """The first lines; those of gunicorn, without asking the calendar for each answer."""
        major, minor = self.req.version
        connection = "close" if self.should_close() else "keep-alive"
        lines = [
            f"HTTP/{major}.{minor} {self.status}\r\n",
            f"Server: {self.version}\r\n",
            f"Date: {_date(int(time.time()))}\r\n",
            f"Connection: {connection}\r\n",
        ]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked\r\n")
        return lines

    def close(self) -> None:
        """Send what is not sent yet.

        Where that is less than the head says, the connection ends: the next answer would be taken
        for the rest.
        """
        super().close()
        self._out.flush()
        if self.response_length is not None and not self._omits_body:
            missing = self.response_length - self.sent - self._out.sent_of_files
            if missing > 0:
                log.error("An answer is %d bytes shorter than it says", missing)
                self.force_close()


class _HeadKept:
    """The connection, as gunicorn's answer sees it: the first thing that it sends is the head."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._head = b""
        self._has_head = False
        self.has_sent = False
        self.sent_of_files = 0

    def sendall(self, data: bytes) -> None:
        if not self._has_head:
            self._has_head = True
            self._head = data
            return
        if len(data) > _JOINED:
            self.flush()
        head, self._head = self._head, b""
        self.has_sent = True
        self._connection.sendall(head + data if head else data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        self.flush()
        sent: int = self._connection.sendfile(file, offset, count)
        self.sent_of_files += sent
        return sent

    def flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self.has_sent = True
            self._connection.sendall(head)


def _is_number(value: Any) -> bool:
    """Whether it is a text of ASCII's letters and digits alone, as numbers and ids are."""
    return type(value) is str and value.isalnum() and value.isascii()


@lru_cache(maxsize=_HEADERS)
def _is_plain(name: str, value: str) -> bool:
    """Whether gunicorn would pass on a header as it stands, and do nothing else with it."""
    return (
        TOKEN_RE.fullmatch(name) is not None
        and HEADER_VALUE_RE.fullmatch(value) is not None
        and value == value.strip(" \t")
        and name.lower() != "content-length"
        and not util.is_hoppish(name)
    )


@lru_cache(maxsize=8)
def _date(seconds: int) -> str:
    """A moment in seconds since 1970, as HTTP writes it (RFC 9110 section 5.6.7)."""
    written: str = util.http_date(seconds)
    return written
