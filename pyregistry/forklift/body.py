"""The body of an upload, read piece by piece."""

import re
from typing import Protocol

from multipart import parse_options_header

from pyregistry.errors import Invalid, TooLarge
from pyregistry.forklift.limits import ReceiveLimits, file_too_large
from pyregistry.sentences import shown_size

CHUNK_SIZE = 256 * 1024

# RFC 2046, section 5.1.1, allows 70 characters; some clients send more.
_BOUNDARY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")


class Readable(Protocol):
    """What a WSGI server gives as `wsgi.input`: `read` may return fewer bytes than asked for."""

    def read(self, size: int, /) -> bytes: ...


class Body:
    """Reads a body, never past its length, and never more than the limits allow.

    `content_length` is in bytes, None where the body ends with the stream.
    """

    def __init__(self, stream: Readable, content_length: int | None, limits: ReceiveLimits) -> None:
        self._stream = stream
        self._content_length = content_length
        self._limits = limits
        self._received = 0
        self._seen = b""

    def read(self) -> bytes:
        """The next piece, empty at the end.

        Raises `Invalid` when the body ends too early, and `TooLarge` when it
        cannot be within the limits.
        """
        if self._seen:
            piece, self._seen = self._seen, b""
            return piece
        wanted = CHUNK_SIZE
        if self._content_length is not None:
            wanted = min(wanted, self._content_length - self._received)
        if not wanted:
            return b""
        piece = self._receive(wanted)
        self._received += len(piece)
        if not piece and self._content_length is not None:
            raise self._broken()
        if self._received > self._limits.max_body_size:
            raise file_too_large(self._limits)
        return piece

    def peek(self, size: int) -> bytes:
        """At least the first `size` bytes of what was not read yet, fewer only at the end."""
        seen = b""
        while len(seen) < size and (piece := self.read()):
            seen += piece
        self._seen = seen
        return seen

    def read_all(self, limit: int) -> bytes:
        """The rest of the body; raises `TooLarge` when it has more than `limit` bytes."""
        whole = bytearray()
        while piece := self.read():
            whole += piece
            if len(whole) > limit:
                raise TooLarge(f"The form is larger than the limit of {shown_size(limit)}")
        return bytes(whole)

    def _receive(self, wanted: int) -> bytes:
        # Servers say in their own ways that a client has gone: with an
        # `OSError` or with an `EOFError`.
        try:
            return self._stream.read(wanted)
        except (OSError, EOFError) as error:
            raise self._broken() from error

    def _broken(self) -> Invalid:
        expected = "" if self._content_length is None else f" of {self._content_length}"
        return Invalid(
            f"The upload broke off after {self._received}{expected} bytes: send it again"
        )


def read_boundary(content_type: str) -> bytes:
    """The boundary that a `Content-Type` header names.

    Other parameters, such as the `charset` of distutils, mean nothing.
    Raises `Invalid` when it is not `multipart/form-data` with a boundary.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        raise Invalid("The upload is not a form: send it as multipart/form-data")
    boundary: str = options.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Invalid(
            "The Content-Type of the upload names no usable boundary:"
            " send multipart/form-data; boundary=... with 1 to 200 ASCII characters"
        )
    return boundary.encode("ascii")


def broken_off() -> Invalid:
    """The refusal of a form whose last boundary is missing."""
    return Invalid("The upload broke off before the end of the form: send it again")
