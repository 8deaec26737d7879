"""The records of a ZIP file, each read on its own (APPNOTE 4.3 and 4.5)."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from pyregistry.errors import Invalid

_LOCAL_SIGNATURE = b"PK\x03\x04"
_CENTRAL_SIGNATURE = b"PK\x01\x02"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_END_SIGNATURE = b"PK\x05\x06"
_END_64_SIGNATURE = b"PK\x06\x06"
_LOCATOR_64_SIGNATURE = b"PK\x06\x07"

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR_64 = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_EXTRA_HEADER = struct.Struct("<2H")

# Readers refuse entries that ask for more, in tenths.
_NEWEST_VERSION = 63

# What a field of 16 or 32 bits holds when a ZIP64 field has the value.
_IN_ZIP64_16 = 0xFFFF
_IN_ZIP64 = 0xFFFFFFFF

_ZIP64_EXTRA = 0x0001
_UNICODE_PATH_EXTRA = 0x7075

# The size that a ZIP64 end record states leaves out its signature and itself.
_END_64_STATED_SIZE = _END_64.size - 12


@dataclass(frozen=True, slots=True)
class DirectoryEnd:
    """Where the central directory is: bytes from the start of the file; sizes in bytes."""

    offset: int
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class EntryHeader:
    """What a local and a central header both say about an entry.

    Sizes are in bytes, with ZIP64 fields in place of the short ones.
    `uses_zip64` tells whether there were such. `size` is that of the header
    with its name and extra fields.
    """

    name: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    expanded_size: int
    uses_zip64: bool
    size: int


@dataclass(frozen=True, slots=True)
class CentralEntry:
    """An entry of the central directory: the header, and what it alone has.

    `offset` is where the local header begins; `mode` the Unix mode, or 0.
    """

    header: EntryHeader
    offset: int
    mode: int


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """The next bytes of the file. Raises `Invalid` where it ends before."""
    data = stream.read(size)
    if len(data) != size:
        raise broken("it ends too early")
    return data


def broken(what: str) -> Invalid:
    """The refusal of a ZIP file that is damaged or that two readers could read differently."""
    return Invalid(f"The archive is no well-formed ZIP file, {what}: build it again")


def read_directory_end(stream: BinaryIO, archive_size: int) -> DirectoryEnd:
    """Read the end records, which must be the last bytes of the file, without a comment.

    Raises `Invalid` where they contradict each other or the file.
    """
    position = archive_size - _END.size
    if position < 0:
        raise broken("it is too short for one")
    stream.seek(position)
    signature, disk, start_disk, disk_count, count, size, offset, comment = _END.unpack(
        read_exactly(stream, _END.size)
    )
    if signature != _END_SIGNATURE or comment:
        raise broken("its last bytes are not an end record without a comment")
    end = DirectoryEnd(offset, size, count)
    shorts = (disk, start_disk, disk_count)
    end_64 = _read_zip64_end(stream, position)
    if end_64 is not None:
        position -= _LOCATOR_64.size + _END_64.size
        _check_same_ends(end, shorts, end_64)
        end = end_64
    elif _IN_ZIP64_16 in (*shorts, count) or _IN_ZIP64 in (size, offset):
        raise broken("its end record leaves values to ZIP64 records that it has not")
    elif (disk, start_disk, disk_count) != (0, 0, count):
        raise broken("it is one of several parts or counts its entries in two ways")
    if end.offset + end.size != position:
        raise broken("its central directory does not end where its end record begins")
    return end


def _read_zip64_end(stream: BinaryIO, position: int) -> DirectoryEnd | None:
    """The ZIP64 records before the end record at `position`; None: there are none."""
    locator_position = position - _LOCATOR_64.size
    if locator_position < 0:
        return None
    stream.seek(locator_position)
    signature, disk, offset, disks = _LOCATOR_64.unpack(read_exactly(stream, _LOCATOR_64.size))
    if signature != _LOCATOR_64_SIGNATURE:
        return None
    if (disk, disks) != (0, 1) or offset != locator_position - _END_64.size:
        raise broken("its ZIP64 locator does not point at the record before it")
    stream.seek(offset)
    signature, stated, _, _, disk, start_disk, disk_count, count, size, start = _END_64.unpack(
        read_exactly(stream, _END_64.size)
    )
    if signature != _END_64_SIGNATURE or stated != _END_64_STATED_SIZE:
        raise broken("its ZIP64 end record is not one of version 1 without further data")
    if (disk, start_disk, disk_count) != (0, 0, count):
        raise broken("it is one of several parts or counts its entries in two ways")
    return DirectoryEnd(start, size, count)


def _check_same_ends(end: DirectoryEnd, shorts: tuple[int, ...], end_64: DirectoryEnd) -> None:
    disk, start_disk, disk_count = shorts
    same = (
        disk in (0, _IN_ZIP64_16)
        and start_disk in (0, _IN_ZIP64_16)
        and disk_count in (end_64.count, _IN_ZIP64_16)
        and end.count in (end_64.count, _IN_ZIP64_16)
        and end.size in (end_64.size, _IN_ZIP64)
        and end.offset in (end_64.offset, _IN_ZIP64)
    )
    if not same:
        raise broken("its end record and its ZIP64 end record differ")


def read_central_entry(stream: BinaryIO) -> CentralEntry:
    """Read the next entry of the central directory. Raises `Invalid` for one of odd form."""
    (
        signature, _, needed, flags, method, _, _, crc, compressed_size, expanded_size,
        name_size, extra_size, comment_size, disk, _, attributes, offset,
    ) = _CENTRAL.unpack(read_exactly(stream, _CENTRAL.size))  # fmt: skip
    if signature != _CENTRAL_SIGNATURE:
        raise broken("its central directory has a record of another kind")
    _check_version(needed)
    if comment_size or disk:
        raise broken("an entry of it has a comment or lies in another part")
    name = read_exactly(stream, name_size)
    extra = _zip64_extra(read_exactly(stream, extra_size))
    expanded_size, compressed_size, offset = _with_zip64(
        (expanded_size, compressed_size, offset), extra
    )
    return CentralEntry(
        header=EntryHeader(
            name=name,
            flags=flags,
            method=method,
            crc=crc,
            compressed_size=compressed_size,
            expanded_size=expanded_size,
            uses_zip64=extra is not None,
            size=_CENTRAL.size + name_size + extra_size,
        ),
        offset=offset,
        mode=attributes >> 16,
    )


def read_local_header(stream: BinaryIO) -> EntryHeader:
    """Read a local header. Raises `Invalid` for one of odd form."""
    (
        signature, needed, flags, method, _, _, crc, compressed_size, expanded_size,
        name_size, extra_size,
    ) = _LOCAL.unpack(read_exactly(stream, _LOCAL.size))  # fmt: skip
    if signature != _LOCAL_SIGNATURE:
        raise broken("its central directory points at no local header")
    _check_version(needed)
    name = read_exactly(stream, name_size)
    extra = _zip64_extra(read_exactly(stream, extra_size))
    expanded_size, compressed_size = _with_zip64((expanded_size, compressed_size), extra)
    return EntryHeader(
        name=name,
        flags=flags,
        method=method,
        crc=crc,
        compressed_size=compressed_size,
        expanded_size=expanded_size,
        uses_zip64=extra is not None,
        size=_LOCAL.size + name_size + extra_size,
    )


def _check_version(needed: int) -> None:
    if needed > _NEWEST_VERSION:
        raise broken(f"an entry asks for version {needed / 10} of the format to be read")


def _zip64_extra(extra: bytes) -> bytes | None:
    """The content of the ZIP64 extra field, where there is one.

    Fields that give an entry a second name are refused, and lists of fields
    that do not end where they should.
    """
    found = None
    position = 0
    while position < len(extra):
        if position + _EXTRA_HEADER.size > len(extra):
            raise broken("the extra fields of an entry are cut off")
        kind, size = _EXTRA_HEADER.unpack_from(extra, position)
        position += _EXTRA_HEADER.size + size
        if position > len(extra):
            raise broken("the extra fields of an entry are cut off")
        if kind == _UNICODE_PATH_EXTRA:
            raise broken("an entry has a second name in an extra field")
        if kind == _ZIP64_EXTRA:
            if found is not None:
                raise broken("an entry has two ZIP64 fields")
            found = extra[position - size : position]
    return found


def _with_zip64(values: tuple[int, ...], extra: bytes | None) -> tuple[int, ...]:
    """The values, with those from the ZIP64 field where they are left to it.

    The field must hold exactly these: readers differ in what they take from
    one that holds more or fewer.
    """
    left = [index for index, value in enumerate(values) if value == _IN_ZIP64]
    if len(extra or b"") != 8 * len(left):
        raise broken("the ZIP64 field of an entry holds other values than its header leaves to it")
    resolved = list(values)
    for index, (value,) in zip(left, struct.iter_unpack("<Q", extra or b""), strict=True):
        resolved[index] = value
    return tuple(resolved)
