"""Bytes on their way into a storage, in a temporary file on this machine."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from pyregistry.storage.digests import Digests, Hasher
from pyregistry.storage.errors import storage_errors
from pyregistry.storage.interfaces import PendingObject, StoredObject

SUFFIX = ".part"

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
        # On a full disk closing fails too, because it writes what is left;
        # the file descriptor is released all the same. What cannot be removed
        # is left to the sweeper.
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
