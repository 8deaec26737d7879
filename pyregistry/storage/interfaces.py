"""The contract that every storage of files keeps.

Objects are addressed by the SHA-256 digest of their content, so the same
bytes are kept once, an object never changes, and writing it twice is
harmless. Deleting a file from the registry never removes its object: other
files may be made of the same bytes. Only the sweeper removes objects.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from pyregistry.storage.digests import Digests


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that is durably kept.

    `size` is in bytes. `modified_at` (aware, UTC) is when the object was
    last stored: storing the same bytes again renews it, and so does `renew`.
    """

    sha256: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Leftover:
    """Bytes that were received and neither stored nor discarded.

    A process that is killed leaves them. `name` means something to the
    storage that listed it only. `modified_at` (aware, UTC) is when bytes were
    last written to it: that of an upload under way keeps growing.
    """

    name: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client is told of an object that it fetches by itself: headers of the answer.

    `cache_control` and `content_disposition` are the values of those headers. With `anyone`
    the object is no secret, and its address may live long.
    """

    content_disposition: str
    cache_control: str
    anyone: bool


@dataclass(frozen=True, slots=True)
class TemporaryAddress:
    """Where whoever has the address may fetch an object for a while.

    Every process gives the same address for as long as `fresh_for` says, and it works for
    longer than that.
    """

    address: str
    fresh_for: timedelta


class ObjectReader(Protocol):
    """The bytes of an object in chunks; iterating reads, the end closes."""

    def __iter__(self) -> Iterator[bytes]: ...

    def __next__(self) -> bytes:
        """The next chunk, never empty.

        Raises `StorageUnavailable` when the bytes cannot be read.
        """

    def close(self) -> None:
        """Let go of the object; harmless when done twice."""


class PendingObject(ABC):
    """Bytes on their way into a storage; nobody else sees them yet.

    As a context manager it discards them on leaving, unless they were
    stored. It belongs to one thread.
    """

    @property
    @abstractmethod
    def path(self) -> Path | None:
        """The local file that holds the bytes, for inspection; None where there is none.

        The file is complete after `finish`, and gone after `store` and `discard`.
        """

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of bytes written so far."""

    @property
    @abstractmethod
    def digests(self) -> Digests:
        """The digests of the bytes; raises `ValueError` before `finish`."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises `StorageFull` or `StorageUnavailable` when they cannot be
        kept, and `ValueError` after `finish`, `store` or `discard`.
        """

    @abstractmethod
    def finish(self) -> Digests:
        """End the writing, so that `path` can be read; harmless when done twice.

        Raises `StorageFull` or `StorageUnavailable` when the bytes cannot be
        kept, and `ValueError` after `store` or `discard`.
        """

    @abstractmethod
    def store(self) -> StoredObject:
        """Make the bytes durable under their content address.

        Once this returns, the object survives a crash of the machine. Where
        the storage holds the same bytes already, they are replaced and
        their age begins anew.

        Raises `StorageFull` or `StorageUnavailable`; then nothing is left
        behind. Raises `ValueError` after `store` or `discard`.
        """

    @abstractmethod
    def discard(self) -> None:
        """Throw the bytes away; harmless when done twice and after `store`. Never raises."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.discard()


class IFileStorage(Protocol):
    """Keeps files, addressed by their content.

    Any number of processes and threads on any number of hosts may use the
    same storage at once. Every method that takes a digest raises
    `ValueError` unless it is 64 lower-case hexadecimal digits.
    """

    name: str
    """Which kind of storage holds the bytes: 'local' or 's3'."""

    def prepare(self) -> None:
        """Create what the storage needs: a folder, a bucket. Safe to repeat.

        Raises `StorageUnavailable` when it cannot.
        """

    def check(self) -> None:
        """Write, read and remove a few bytes.

        Raises `StorageFull` or `StorageUnavailable` when that does not work.
        """

    def free_bytes(self) -> int | None:
        """How many more bytes there is room for; None where the storage does not say.

        Raises `StorageUnavailable`.
        """

    def begin(self) -> PendingObject:
        """Begin to write a new object whose digest is not known yet.

        Raises `StorageFull` or `StorageUnavailable`.
        """

    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> ObjectReader:
        """The bytes from `start`, at most `length` of them, in chunks of 64 KiB or more.

        The object is opened at once, so that a refusal comes before the
        first byte is sent. A range past the end has no bytes.

        Raises `ObjectMissing`, `StorageUnavailable`, and `ValueError` where
        `start` or `length` is negative.
        """

    def stat(self, sha256: str) -> StoredObject:
        """The size and age of an object.

        Raises `ObjectMissing` or `StorageUnavailable`.
        """

    def size(self, sha256: str) -> int:
        """The size of an object in bytes.

        Raises `ObjectMissing` or `StorageUnavailable`.
        """

    def exists(self, sha256: str) -> bool:
        """Whether the storage holds the object. Raises `StorageUnavailable`."""

    def local_path(self, sha256: str) -> Path | None:
        """The file that holds the object, for a server that sends files itself.

        None where the objects are not local files, or the object is missing.
        """

    def address(self, sha256: str, shown: Shown, now: datetime) -> TemporaryAddress | None:
        """Where a client may fetch the object by itself; whether it exists is not asked.

        None where the registry has to send it. Raises `StorageUnavailable`.
        """

    def objects(self) -> Iterator[StoredObject]:
        """Every object, ordered by digest; those that come or go meanwhile may be left out.

        Raises `StorageUnavailable`.
        """

    def renew(self, sha256: str) -> None:
        """Let the age of an object begin anew; its bytes stay as they are.

        For an object that files are made of no more, while clients may still read it: the sweeper
        counts its grace period from here.
        Raises `ObjectMissing`, `StorageReadOnly` where nothing may be written, and so nothing
        removed either, and `StorageUnavailable`.
        """

    def remove(self, sha256: str) -> None:
        """Remove an object, or do nothing where there is none. Only the sweeper does this.

        Raises `StorageUnavailable` when it cannot be removed.
        """

    def close(self) -> None:
        """Close connections that are open; the next use opens new ones. Safe to repeat."""

    def pending(self, older_than: datetime) -> Iterator[Leftover]:
        """What was received, last written to before `older_than` (aware), and never stored.

        Uploads under way are among them if `older_than` is too recent.
        Raises `StorageUnavailable`.
        """

    def remove_pending(self, name: str) -> None:
        """Remove what `pending` listed, or do nothing where it is gone.

        Raises `ValueError` for a name that `pending` cannot have listed, and
        `StorageUnavailable` when it cannot be removed.
        """
