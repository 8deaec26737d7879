"""The members of a gzipped tar file, read in one pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.gzip_stream import GzipStream
from pyregistry.forklift.inspect.limits import ExpansionBudget
from pyregistry.forklift.inspect.members import (
    Member,
    MemberKind,
    MemberNames,
    check_link,
    check_path,
    decode_path,
)
from pyregistry.forklift.inspect.tar_headers import (
    BLOCK_SIZE,
    FILE_TYPES,
    FOLDER,
    GNU_LONG_LINK,
    GNU_LONG_NAME,
    HARD_LINK,
    PAX,
    PAX_GLOBAL,
    SYMBOLIC_LINK,
    TarHeader,
    broken,
    parse_header,
    parse_pax_records,
)
from pyregistry.sentences import shown

_CHUNK_SIZE = 256 * 1024
_MAX_EXTENSION_SIZE = 1024 * 1024

_EXTENSIONS = frozenset({PAX, PAX_GLOBAL, GNU_LONG_NAME, GNU_LONG_LINK})
_SPARSE = b"GNU.sparse"
# What a pax header may change about the place and size of one member.
_PLACES = frozenset({b"path", b"linkpath", b"size"})


@dataclass(slots=True)
class _Extensions:
    """What extended headers say about the member that follows them."""

    path: bytes | None = None
    link_target: bytes | None = None
    size: bytes | None = None

    def take(self, type_: bytes, data: bytes) -> None:
        """Raises `Invalid` where two of them speak about the same thing."""
        if type_ == GNU_LONG_NAME:
            self._set("path", data.partition(b"\0")[0])
        elif type_ == GNU_LONG_LINK:
            self._set("link_target", data.partition(b"\0")[0])
        else:
            records = parse_pax_records(data)
            if any(keyword.startswith(_SPARSE) for keyword in records):
                raise Invalid("The archive has a sparse file: store it as a usual one")
            if type_ == PAX_GLOBAL:
                if not _PLACES.isdisjoint(records):
                    raise broken("a global header of it renames or resizes members")
                return
            self._set("path", records.get(b"path"))
            self._set("link_target", records.get(b"linkpath"))
            self._set("size", records.get(b"size"))

    def _set(self, field: str, value: bytes | None) -> None:
        if value is None:
            return
        if getattr(self, field) is not None:
            raise broken("a member of it has two extended headers that differ")
        setattr(self, field, value)


class TarArchive:
    """A gzipped tar file. Everything raises `Invalid` for what is unsafe or damaged."""

    def __init__(self, stream: BinaryIO, budget: ExpansionBudget) -> None:
        self._stream = GzipStream(stream, budget)
        self._budget = budget
        self._names = MemberNames()

    def members(self) -> Iterator[Member]:
        """Every member in the order of the archive; after the last, the end is checked."""
        extensions = _Extensions()
        while (block := self._stream.read(BLOCK_SIZE)).strip(b"\0"):
            header = parse_header(_whole(block))
            if header.type in _EXTENSIONS:
                extensions.take(header.type, self._read_extension(header))
                continue
            member = self._member(header, extensions)
            extensions = _Extensions()
            yield member
            for _ in member.chunks:
                pass
        if extensions != _Extensions():
            raise broken("it ends after an extended header")
        self._check_end()
        self._names.finish()

    def _read_extension(self, header: TarHeader) -> bytes:
        if header.size > _MAX_EXTENSION_SIZE:
            raise broken(f"an extended header of it has {header.size} bytes")
        self._budget.count_member(0)
        return _whole(self._stream.read(header.padded_size), header.padded_size)[: header.size]

    def _member(self, header: TarHeader, extensions: _Extensions) -> Member:
        raw_path = header.name if extensions.path is None else extensions.path
        if extensions.size is not None and extensions.size != b"%d" % header.size:
            raise broken("a member of it has two sizes")
        self._budget.count_member(len(raw_path))
        name = decode_path(raw_path)
        path = name.removesuffix("/")
        if header.type == b"\0" and raw_path.endswith(b"/") != header.name.endswith(b"/"):
            raise broken(f"{shown(path)} is a folder by one of its names and a file by the other")
        target = decode_path(
            header.link_target if extensions.link_target is None else extensions.link_target
        )
        kind = self._take(header, name, path, target)
        if kind is not MemberKind.FILE and header.size:
            raise broken(f"{shown(path)} is no file, but has data")
        return Member(path, kind, self._chunks(header))

    def _take(self, header: TarHeader, name: str, path: str, target: str) -> MemberKind:
        """Check the member's name and link, and tell what it is."""
        if header.type == FOLDER:
            kind = MemberKind.FOLDER
        elif header.type in FILE_TYPES and name == path:
            kind = MemberKind.FILE
        elif header.type == b"\0":
            # Before POSIX, a slash at the end of the name made a folder.
            kind = MemberKind.FOLDER
        elif header.type == HARD_LINK:
            check_path(target)
            self._names.add_hard_link(path, target)
            return MemberKind.LINK
        elif header.type == SYMBOLIC_LINK:
            kind = MemberKind.LINK
            check_path(path)
            check_link(path, target)
        else:
            raise Invalid(
                f"{shown(path)} in the archive is neither a file, a folder nor a link"
                f" (type {ascii(header.type)[1:]}): leave it out"
            )
        self._names.add(path, kind)
        return kind

    def _chunks(self, header: TarHeader) -> Iterator[bytes]:
        left, padding = header.size, header.padded_size - header.size
        while left:
            chunk = self._stream.read(min(left, _CHUNK_SIZE))
            if not chunk:
                raise broken("its last member is cut off")
            left -= len(chunk)
            yield chunk
        _whole(self._stream.read(padding), padding)

    def _check_end(self) -> None:
        """Everything behind the first block of zeros must be zeros."""
        while block := self._stream.read(_CHUNK_SIZE):
            if block.strip(b"\0"):
                raise broken("there is data behind its end")


def _whole(data: bytes, size: int = BLOCK_SIZE) -> bytes:
    if len(data) != size:
        raise broken("it ends too early")
    return data
