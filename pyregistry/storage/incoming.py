"""Bytes on their way into a storage, in a temporary file on this machine."""

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pyregistry.storage.digests import Digests, Hasher
from pyregistry.storage.errors import ObjectMissing, storage_errors
from pyregistry.storage.interfaces import Leftover, PendingObject, StoredObject

SUFFIX = ".part"

_FOLDER_MODE = 0o750
_LEFTOVER = re.compile(r"[0-9a-f]{32}" + re.escape(SUFFIX))

Keep = Callable[[Path, Digests, int], StoredObject]
"""Makes the file at a path, with these digests and this size, a durable object."""


class IncomingFile(PendingObject):
    """A pending object in a new file with a random name inside `folder`.

    Only its owner can read the file (mode 0600). `keep` is what `store`
    calls with the finished file, whose bytes are already on the disk.

    Raises `StorageFull` or `StorageUnavailable` when the file cannot be made.
    """

    def __init__(self, folder: Path, keep: Keep) -> None:
        self._path = folder / (secrets.token_hex(16) + SUFFIX)
        self._keep = keep
        self._hasher = Hasher()
        self._digests: Digests | None = None
        self._gone = False
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with storage_errors("begin a new file"):
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "wb")

    @property
    def path(self) -> Path:
        return self._path

    @property
    def size(self) -> int:
        return self._hasher.size

    @property
    def digests(self) -> Digests:
        if self._digests is None:
            raise ValueError("the digests are known only when the file is finished")
        return self._digests

    def write(self, data: bytes) -> None:
        if self._digests is not None or self._gone:
            raise ValueError("the file is finished")
        with storage_errors("write a file"):
            self._file.write(data)
        self._hasher.update(data)

    def finish(self) -> Digests:
        if self._gone:
            raise ValueError("the file was stored or discarded")
        if self._digests is None:
            with storage_errors("write a file"):
                self._file.flush()
            self._digests = self._hasher.digests()
        return self._digests

    def store(self) -> StoredObject:
        try:
            digests = self.finish()
            with storage_errors("write a file to disk"):
                # The age of an object begins when it is stored, not when the
                # last bytes of a slow upload came in.
                os.utime(self._file.fileno())
                os.fsync(self._file.fileno())
                self._file.close()
            stored = self._keep(self._path, digests, self.size)
        finally:
            self.discard()
        return stored

    def discard(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._hasher.close()
        # On a full disk closing fails too, because it writes what is left;
        # the file descriptor is released all the same. What cannot be removed
        # is left to the sweeper.
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class SpoolFolder:
    """The folder in which incoming files lie, and what killed processes left in it.

    Methods raise `StorageFull` or `StorageUnavailable`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folder, and those above it, where they are missing."""
        with storage_errors("create its folder"):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            make_folder(self.folder)

    def leftovers(self, older_than: datetime) -> Iterator[Leftover]:
        """Incoming files last written to before `older_than`, by name."""
        for name in names_in(self.folder, _LEFTOVER):
            try:
                with storage_errors("look up a file", missing=name):
                    found = (self.folder / name).stat()
            except ObjectMissing:
                continue
            modified_at = datetime.fromtimestamp(found.st_mtime, UTC)
            if modified_at < older_than:
                yield Leftover(name, found.st_size, modified_at)

    def remove(self, name: str) -> None:
        """Remove a leftover, or do nothing where it is gone.

        Raises `ValueError` for a name that `leftovers` cannot have listed.
        """
        if not _LEFTOVER.fullmatch(name):
            raise ValueError("not the name of a pending file")
        with storage_errors("remove a file"):
            (self.folder / name).unlink(missing_ok=True)


def names_in(folder: Path, pattern: re.Pattern[str]) -> list[str]:
    """The names in a folder that match a pattern, in order. Raises `StorageUnavailable`."""
    with storage_errors("list its files"):
        return sorted(path.name for path in folder.iterdir() if pattern.fullmatch(path.name))


def make_folder(folder: Path) -> bool:
    """Make a folder with mode 0750, where it is missing; whether it was. Raises `OSError`."""
    try:
        folder.mkdir(_FOLDER_MODE)
    except FileExistsError:
        return False
    folder.chmod(_FOLDER_MODE)  # whatever the umask of the process took away
    return True
