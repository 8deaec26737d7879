"""The members of a ZIP file, expanded with care."""

import stat
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import ExpansionBudget
from pyregistry.forklift.inspect.members import (
    MAX_PATH_SIZE,
    Member,
    MemberKind,
    MemberNames,
    check_link,
    decode_path,
)
from pyregistry.forklift.inspect.zip_records import broken
from pyregistry.forklift.inspect.zip_structure import STORED, ZipEntry, read_structure
from pyregistry.sentences import shown

_CHUNK_SIZE = 256 * 1024

_KIND_OF_MODE = {
    0: MemberKind.FILE,
    stat.S_IFREG: MemberKind.FILE,
    stat.S_IFDIR: MemberKind.FOLDER,
    stat.S_IFLNK: MemberKind.LINK,
}


class ZipArchive:
    """An open ZIP file whose structure and names are safe.

    `archive_size` is in bytes. Every method raises `Invalid` for what is
    unsafe, damaged or over a limit, or could be read in two ways.
    """

    def __init__(self, stream: BinaryIO, archive_size: int, budget: ExpansionBudget) -> None:
        self._stream = stream
        self._budget = budget
        self._entries: dict[str, tuple[ZipEntry, MemberKind]] = {}
        names = MemberNames()
        for entry in read_structure(stream, archive_size, budget):
            path, kind = entry.name.removesuffix("/"), _kind_of(entry)
            names.add(path, kind)
            self._entries[path] = entry, kind
        names.finish()

    @property
    def paths(self) -> list[str]:
        """The paths of all members, in the order of the archive."""
        return list(self._entries)

    @property
    def links(self) -> list[str]:
        """The paths of the symbolic links, in the order of the archive."""
        return [path for path, (_, kind) in self._entries.items() if kind is MemberKind.LINK]

    @property
    def files(self) -> list[str]:
        """The paths of the files, in the order of the archive."""
        return [path for path, (_, kind) in self._entries.items() if kind is MemberKind.FILE]

    def read(self, path: str, max_size: int) -> bytes:
        """The content of one file, of at most `max_size` bytes. Not counted as expansion."""
        entry, _ = self._entries[path]
        if entry.expanded_size > max_size:
            raise Invalid(
                f"{shown(path)} in the archive has {entry.expanded_size} bytes: use at most"
                f" {max_size}"
            )
        return b"".join(_expanded(self._stream, entry))

    def members(self) -> Iterator[Member]:
        """Every member in the order of the archive, its content counted and its CRC checked."""
        for path, (entry, kind) in self._entries.items():
            if kind is MemberKind.LINK:
                check_link(path, decode_path(self.read(path, MAX_PATH_SIZE)))
            chunks = self._counted(entry)
            yield Member(path, kind, chunks if kind is MemberKind.FILE else iter(()))
            for _ in chunks:
                pass

    def _counted(self, entry: ZipEntry) -> Iterator[bytes]:
        for chunk in _expanded(self._stream, entry):
            self._budget.spend(len(chunk))
            yield chunk


def _kind_of(entry: ZipEntry) -> MemberKind:
    """A name with a slash at its end is a folder for every reader, a mode for some."""
    file_type = stat.S_IFMT(entry.mode)
    kind = _KIND_OF_MODE.get(file_type)
    if kind is None:
        raise Invalid(
            f"{shown(entry.name)} in the archive is a device, pipe or socket: leave it out"
        )
    if entry.name.endswith("/"):
        if kind is MemberKind.LINK or entry.expanded_size:
            raise broken(f"{shown(entry.name)} is a folder by its name and a file by its content")
        return MemberKind.FOLDER
    if kind is MemberKind.FOLDER:
        raise broken(f"{shown(entry.name)} is a folder by its mode and a file by its name")
    return kind


def _expanded(stream: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """The content of an entry, in chunks, with its size and CRC checked."""
    crc = 0
    size = 0
    pieces = _stored(stream, entry) if entry.method == STORED else _inflated(stream, entry)
    for chunk in pieces:
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
        if size > entry.expanded_size:
            break
        yield chunk
    if size != entry.expanded_size or crc != entry.crc:
        raise broken(f"{shown(entry.name)} has another size or checksum than its headers say")


def _stored(stream: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    position = entry.data_offset
    end = position + entry.compressed_size
    while position < end:
        stream.seek(position)
        chunk = stream.read(min(_CHUNK_SIZE, end - position))
        if not chunk:
            raise broken("it ends too early")
        position += len(chunk)
        yield chunk


def _inflated(stream: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """The inflated data, which must end with the last compressed byte."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for compressed in _stored(stream, entry):
            if inflater.eof:
                raise broken(f"{shown(entry.name)} has bytes behind its compressed data")
            pending = compressed
            while pending and not inflater.eof:
                yield inflater.decompress(pending, _CHUNK_SIZE)
                pending = inflater.unconsumed_tail
            if inflater.unused_data:
                raise broken(f"{shown(entry.name)} has bytes behind its compressed data")
        while not inflater.eof:
            chunk = inflater.decompress(b"", _CHUNK_SIZE)
            if not chunk:
                raise broken(f"the compressed data of {shown(entry.name)} is cut off")
            yield chunk
    except zlib.error:
        raise broken(f"the compressed data of {shown(entry.name)} is damaged") from None
