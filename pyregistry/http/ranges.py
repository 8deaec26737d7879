"""Byte ranges (RFC 9110 section 14)."""

import re
from dataclasses import dataclass
from typing import Final

_RANGE_PATTERN = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)

_FAR: Final = 10**18
"""Beyond every file; Python refuses to parse numbers of thousands of digits."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes `first` to `last`, both included, of a file of `size` bytes: answer 206."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes these are: the `Content-Length`."""
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The value of `Content-Range`."""
        return f"bytes {self.first}-{self.last}/{self.size}"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """No byte of a file of `size` bytes lies in the range: answer 416."""

    size: int

    @property
    def content_range(self) -> str:
        """The value of `Content-Range`."""
        return f"bytes */{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | Unsatisfiable | None:
    """Which part of a file of `size` bytes a `Range` header asks for.

    Nothing means the whole file: no header, several ranges, another unit, or
    a header that breaks the grammar (a server may ignore any `Range`).
    Never raises.
    """
    found = None if header is None else _RANGE_PATTERN.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first_digits, last_digits = found.groups()
    if not first_digits:
        return _suffix(_number(last_digits), size)
    first = _number(first_digits)
    last = _number(last_digits) if last_digits else _FAR
    if last < first:
        return None
    if first >= size:
        return Unsatisfiable(size)
    return ByteRange(first, min(last, size - 1), size)


def _suffix(length: int, size: int) -> ByteRange | Unsatisfiable | None:
    if length == 0:
        return Unsatisfiable(size)
    if size == 0:
        # Satisfiable by the grammar, and yet there is no byte to name in a 206.
        return None
    return ByteRange(max(0, size - length), size - 1, size)


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    return _FAR if len(significant) > len(str(_FAR)) - 1 else int(significant or "0")
