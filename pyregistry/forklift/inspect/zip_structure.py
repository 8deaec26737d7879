"""The structure of a ZIP file: only one way to read it.

Readers of ZIP files follow the central directory, or the local headers from
the first byte on, or look for signatures. A file passes when all of them find
the same entries with the same content: entries lie back to back from byte 0
to the central directory, local and central headers agree, and nothing is left.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import ExpansionBudget
from pyregistry.forklift.inspect.members import decode_path
from pyregistry.forklift.inspect.zip_records import (
    DESCRIPTOR_SIGNATURE,
    CentralEntry,
    EntryHeader,
    broken,
    read_central_entry,
    read_directory_end,
    read_exactly,
    read_local_header,
)
from pyregistry.sentences import shown

STORED = 0
DEFLATED = 8

_DESCRIPTOR = struct.Struct("<4s3I")
_DESCRIPTOR_64 = struct.Struct("<4sI2Q")

_DESCRIPTOR_FLAG = 0x0008
_UTF8_FLAG = 0x0800
# How hard deflate tried (bits 1 and 2), and the two above. The others mean
# encryption, patches and features that readers do not share.
_ALLOWED_FLAGS = 0x0006 | _DESCRIPTOR_FLAG | _UTF8_FLAG


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry: its name as written, its Unix mode (0: none), and where its data lies.

    `data_offset` is in bytes from the start of the file, sizes are in bytes,
    `method` is `STORED` or `DEFLATED`. The data itself has not been read.
    """

    name: str
    mode: int
    method: int
    crc: int
    data_offset: int
    compressed_size: int
    expanded_size: int


def read_structure(stream: BinaryIO, archive_size: int, budget: ExpansionBudget) -> list[ZipEntry]:
    """Every entry, in the order of their data in the file.

    Raises `Invalid` where two readers could find different entries, or where an
    entry is encrypted or compressed by another method than deflate.
    """
    end = read_directory_end(stream, archive_size)
    entries = _read_directory(stream, end.offset, end.size, budget)
    if len(entries) != end.count:
        raise broken("its end record counts other entries than there are")
    entries.sort(key=lambda entry: entry.offset)
    position = 0
    found = []
    for central in entries:
        if central.offset != position:
            raise broken("there are bytes before or between its entries, or entries overlap")
        local = _read_local(stream, central)
        data_offset = position + local.size
        position = data_offset + central.header.compressed_size
        if central.header.flags & _DESCRIPTOR_FLAG:
            position += _check_descriptor(stream, central.header, local, position)
        found.append(_entry(central, data_offset))
    if position != end.offset:
        raise broken("there are bytes between its last entry and its central directory")
    return found


def _read_directory(
    stream: BinaryIO, offset: int, size: int, budget: ExpansionBudget
) -> list[CentralEntry]:
    stream.seek(offset)
    entries = []
    names: set[bytes] = set()
    while size > 0:
        central = read_central_entry(stream)
        header = central.header
        size -= header.size
        budget.count_member(len(header.name))
        if header.name in names:
            raise Invalid(f"The archive has {_shown_name(header)} more than once: keep one")
        names.add(header.name)
        entries.append(central)
    if size < 0:
        raise broken("its central directory is longer than its end record says")
    return entries


def _read_local(stream: BinaryIO, central: CentralEntry) -> EntryHeader:
    """The local header of an entry, when it says the same as the central one."""
    header = central.header
    _check_flags_and_method(header)
    stream.seek(central.offset)
    local = read_local_header(stream)
    _check_same_headers(header, local)
    if header.method == STORED and header.compressed_size != header.expanded_size:
        raise broken(f"{_shown_name(header)} is stored, but has two sizes")
    return local


def _entry(central: CentralEntry, data_offset: int) -> ZipEntry:
    header = central.header
    return ZipEntry(
        name=decode_path(header.name),
        mode=central.mode,
        method=header.method,
        crc=header.crc,
        data_offset=data_offset,
        compressed_size=header.compressed_size,
        expanded_size=header.expanded_size,
    )


def _check_flags_and_method(header: EntryHeader) -> None:
    name = _shown_name(header)
    if header.flags & ~_ALLOWED_FLAGS:
        raise broken(f"{name} is encrypted or has flags of an unusual kind")
    if header.method not in (STORED, DEFLATED):
        raise Invalid(
            f"{name} in the archive has the compression method {header.method}:"
            " use deflate or store"
        )
    if not header.flags & _UTF8_FLAG and not header.name.isascii():
        raise broken(f"the name {name} is not marked as UTF-8")
    if header.flags & _DESCRIPTOR_FLAG and header.method != DEFLATED:
        raise broken(f"{name} has its size behind data that does not tell its own end")


def _check_same_headers(central: EntryHeader, local: EntryHeader) -> None:
    name = _shown_name(central)
    if central.name != local.name:
        raise broken(f"{name} has another name in its local header")
    if (central.flags, central.method) != (local.flags, local.method):
        raise broken(f"{name} has other flags or another method in its local header")
    stated = (local.crc, local.compressed_size, local.expanded_size)
    actual = (central.crc, central.compressed_size, central.expanded_size)
    in_descriptor = central.flags & _DESCRIPTOR_FLAG and stated == (0, 0, 0)
    if stated != actual and not in_descriptor:
        raise broken(f"{name} has another size or checksum in its local header")


def _check_descriptor(
    stream: BinaryIO, central: EntryHeader, local: EntryHeader, position: int
) -> int:
    """The size in bytes of the data descriptor at `position`.

    Taken are descriptors with their signature, with sizes of 64 bits where the
    local header has a ZIP64 field and of 32 bits else, that agree with the
    central directory. Other forms cannot be told from data.
    """
    descriptor = _DESCRIPTOR_64 if local.uses_zip64 else _DESCRIPTOR
    stream.seek(position)
    found = descriptor.unpack(read_exactly(stream, descriptor.size))
    expected = (central.crc, central.compressed_size, central.expanded_size)
    if found != (DESCRIPTOR_SIGNATURE, *expected):
        raise broken(f"{_shown_name(central)} has no data descriptor that agrees with its header")
    return descriptor.size


def _shown_name(header: EntryHeader) -> str:
    return shown(header.name.decode("utf-8", "backslashreplace"))
