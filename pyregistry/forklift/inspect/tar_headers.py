"""The headers of a tar file, each block read on its own (POSIX.1-2001, ustar and pax)."""

import re
from dataclasses import dataclass

from pyregistry.errors import Invalid

BLOCK_SIZE = 512
"""In bytes."""

# The types of members that are taken; all others mean devices, pipes, sparse
# files and the like.
FILE_TYPES = frozenset({b"0", b"\0"})
HARD_LINK = b"1"
SYMBOLIC_LINK = b"2"
FOLDER = b"5"

# The types of headers that say something about the next member.
PAX = b"x"
PAX_GLOBAL = b"g"
GNU_LONG_NAME = b"L"
GNU_LONG_LINK = b"K"

_POSIX_MAGIC = b"ustar\x0000"
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,8}) ")
_BASE_256 = 0x80
_CHECKSUM = slice(148, 156)
_SIGN_BIT = 0x80


@dataclass(frozen=True, slots=True)
class TarHeader:
    """One header block. `size` is that of the data behind it, in bytes."""

    name: bytes
    link_target: bytes
    type: bytes
    size: int

    @property
    def padded_size(self) -> int:
        """The size of the data with what fills its last block."""
        return -(-self.size // BLOCK_SIZE) * BLOCK_SIZE


def broken(what: str) -> Invalid:
    """The refusal of a tar file that is damaged or that two readers could read differently."""
    return Invalid(f"The archive is no well-formed gzipped tar file, {what}: build it again")


def parse_header(block: bytes) -> TarHeader:
    """Read a header block. Raises `Invalid` for anything else."""
    _check_checksum(block)
    name = _text(block[0:100])
    prefix = _text(block[345:500])
    if prefix:
        if block[257:265] != _POSIX_MAGIC:
            raise broken("a header of it has a prefix that its format does not know")
        name = prefix + b"/" + name
    return TarHeader(
        name=name,
        link_target=_text(block[157:257]),
        type=block[156:157],
        size=_number(block[124:136]),
    )


def parse_pax_records(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header, by keyword.

    Raises `Invalid` for malformed records, and for a keyword that is there
    twice: readers differ in which they take.
    """
    records: dict[bytes, bytes] = {}
    position = 0
    while position < len(data):
        match = _PAX_LENGTH.match(data, position)
        if match is None:
            if data[position:].strip(b"\0"):
                raise broken("a pax header of it has a malformed record")
            break
        end = position + int(match.group(1))
        keyword, equals, value = data[match.end() : end - 1].partition(b"=")
        if end > len(data) or data[end - 1 : end] != b"\n" or not (keyword and equals):
            raise broken("a pax header of it has a malformed record")
        if keyword in records:
            raise broken("a pax header of it has one keyword twice")
        records[keyword] = value
        position = end
    return records


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes) -> int:
    """A number in octal, or in base 256 as GNU tar writes large ones."""
    if field[0] == _BASE_256:
        return int.from_bytes(field[1:], "big")
    match = _OCTAL.fullmatch(field)
    if match is None:
        raise broken("a header of it has a size that is no number")
    return int(match.group(1) or b"0", 8)


def _check_checksum(block: bytes) -> None:
    """Both sums are in use: of bytes without and with a sign."""
    match = _OCTAL.fullmatch(block[_CHECKSUM])
    unsigned = sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")
    signed = unsigned - 256 * sum(1 for byte in block[:148] + block[156:] if byte & _SIGN_BIT)
    if match is None or int(match.group(1) or b"0", 8) not in (unsigned, signed):
        raise broken("a header of it has a wrong checksum")
