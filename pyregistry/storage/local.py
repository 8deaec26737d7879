"""A storage in a folder of this machine, or of a volume that several machines share."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from pyregistry.storage.digests import Digests, is_sha256
from pyregistry.storage.errors import ObjectMissing, StorageUnavailable, storage_errors
from pyregistry.storage.incoming import IncomingFile, SpoolFolder, make_folder, names_in
from pyregistry.storage.interfaces import (
    IFileStorage,
    Leftover,
    ObjectReader,
    PendingObject,
    Shown,
    StoredObject,
)

CHUNK_SIZE = 256 * 1024
FILE_MODE = 0o640

_TWO_HEX = re.compile(r"[0-9a-f]{2}")


class LocalStorage(IFileStorage):
    """Files in a folder: `<2>/<2>/<sha256>`, from the first four digits of the digest.

    What is being received lies in `incoming/` of the same folder, hence on the
    same volume, so that storing is one rename. Objects have mode 0640 and
    folders 0750: a web server that sends the files itself needs only the
    group. Folders are never removed, so no writer loses the one it has just
    made. Nothing is touched before `prepare` or the first use.
    """

    name = "local"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spool = SpoolFolder(folder / "incoming")
        # At most 65,792: two levels of two digits.
        self._durable: set[Path] = set()

    def prepare(self) -> None:
        with storage_errors("create its folder"):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self._folder, self._spool.folder):
                make_folder(folder)

    def check(self) -> None:
        with IncomingFile(self._spool.folder, self._keep) as pending:
            pending.write(b"check")
            pending.finish()
            with storage_errors("read a file"):
                echo = pending.path.read_bytes()
        if echo != b"check":
            raise StorageUnavailable("The storage did not return the bytes that were written")

    def free_bytes(self) -> int:
        with storage_errors("ask how much room it has"):
            return shutil.disk_usage(self._folder).free

    def begin(self) -> PendingObject:
        # The folder is not made here: where a volume is not mounted, files
        # must not land under its mount point.
        return IncomingFile(self._spool.folder, self._keep)

    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> ObjectReader:
        if start < 0 or (length is not None and length < 0):
            raise ValueError("start and length cannot be negative")
        path = self._path(sha256)
        with storage_errors("open a file", missing=sha256):
            file = path.open("rb", buffering=0)
            file.seek(start)
        return FileReader(file, length)

    def stat(self, sha256: str) -> StoredObject:
        path = self._path(sha256)
        with storage_errors("look up a file", missing=sha256):
            return _stored(sha256, path.stat())

    def size(self, sha256: str) -> int:
        return self.stat(sha256).size

    def exists(self, sha256: str) -> bool:
        try:
            self.stat(sha256)
        except ObjectMissing:
            return False
        return True

    def local_path(self, sha256: str) -> Path | None:
        return self._path(sha256) if self.exists(sha256) else None

    def address(self, sha256: str, shown: Shown, now: datetime) -> None:  # noqa: ARG002 -- the contract
        self._path(sha256)

    def objects(self) -> Iterator[StoredObject]:
        for first in names_in(self._folder, _TWO_HEX):
            for second in names_in(self._folder / first, _TWO_HEX):
                folder = self._folder / first / second
                here = re.compile(first + second + r"[0-9a-f]{60}")
                for sha256 in names_in(folder, here):
                    with contextlib.suppress(ObjectMissing):
                        yield self.stat(sha256)

    def renew(self, sha256: str) -> None:
        with storage_errors("renew a file", missing=sha256):
            os.utime(self._path(sha256))

    def remove(self, sha256: str) -> None:
        with storage_errors("remove a file"):
            self._path(sha256).unlink(missing_ok=True)

    def close(self) -> None:
        pass  # a file is open only while it is read or written

    def pending(self, older_than: datetime) -> Iterator[Leftover]:
        yield from self._spool.leftovers(older_than)

    def remove_pending(self, name: str) -> None:
        self._spool.remove(name)

    def _path(self, sha256: str) -> Path:
        """The address of an object: the only way from a digest to a path."""
        if not is_sha256(sha256):
            raise ValueError("a digest is 64 lower-case hexadecimal digits")
        return self._folder.joinpath(sha256[:2], sha256[2:4], sha256)

    def _keep(self, file: Path, digests: Digests, size: int) -> StoredObject:
        target = self._path(digests.sha256)
        with storage_errors("store a file"):
            self._make_durable(target.parent.parent)
            self._make_durable(target.parent)
            file.chmod(FILE_MODE)
            modified_at = _utc(file.stat().st_mtime)
            file.replace(target)
            _flush_folder(target.parent)
        return StoredObject(digests.sha256, size, modified_at)

    def _make_durable(self, folder: Path) -> None:
        """Have a folder where it is missing, and the name of it on the disk."""
        # Not only where it is made here: another process may have made it a moment ago and not
        # flushed it yet. Folders are never removed, so once is enough.
        if make_folder(folder) or folder not in self._durable:
            _flush_folder(folder.parent)
            self._durable.add(folder)


class FileReader:
    """Reads a file in chunks of `CHUNK_SIZE` bytes, at most `length` bytes in all.

    It is a file, too, that ends there: a server can send it by itself.
    """

    def __init__(self, file: BinaryIO, length: int | None = None) -> None:
        self._file = file
        self._end = None if length is None else file.tell() + length

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = b"" if self._file.closed else self.read(CHUNK_SIZE)
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that are left where it is negative."""
        with storage_errors("read a file"):
            if self._end is not None:
                left = max(0, self._end - self._file.tell())
                size = left if size < 0 else min(size, left)
            return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go on from another place of the whole file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place in the whole file."""
        return self._file.tell()

    def fileno(self) -> int:
        """What the system knows the open file by."""
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


def _stored(sha256: str, found: os.stat_result) -> StoredObject:
    return StoredObject(sha256, found.st_size, _utc(found.st_mtime))


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
