"""Copying the bytes of files out of a storage into an export, and back."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from pyregistry.backup.errors import DamagedExport
from pyregistry.backup.folder import CHUNK, ExportFolder
from pyregistry.parallel import Check
from pyregistry.storage.digests import Hasher
from pyregistry.storage.errors import ObjectMissing
from pyregistry.storage.interfaces import IFileStorage, PendingObject
from pyregistry.storage.storages import Storages


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object, its size in bytes, the storage where it lies, and the name of a file of it."""

    sha256: str
    size: int
    storage: str
    filename: str


class CopiedOut(Enum):
    """What became of an object that an export needs."""

    COPIED = "copied"
    KEPT = "kept"
    MISSING = "missing"


class _Wrong(Exception):
    """The bytes are others than their digest says."""


def wanted_objects(folder: ExportFolder, rows_folder: str) -> Iterator[Wanted]:
    """Each object that the exported files are made of, once."""
    seen: set[str] = set()
    for row in folder.rows(rows_folder, "files"):
        try:
            wanted = Wanted(row["sha256"], int(row["size"]), row["storage"], row["filename"])
        except (KeyError, TypeError, ValueError):
            raise DamagedExport("A row of files lacks what a file has.") from None
        if wanted.sha256 not in seen:
            seen.add(wanted.sha256)
            yield wanted


def copy_out(storages: Storages, folder: ExportFolder, wanted: Wanted, check: Check) -> CopiedOut:
    """Have the bytes in the export, read from wherever they lie by now.

    Raises what storages raise, but for bytes that are missing, and `OSError`.
    """
    if folder.object_size(wanted.sha256, check) == wanted.size:
        return CopiedOut.KEPT
    first = storages.named(wanted.storage)
    others = [each for each in storages.configured() if each.name != first.name]
    # It may have been moved to another storage since its row was read.
    for storage in (first, *others):
        with suppress(ObjectMissing, _Wrong):
            _copy(storage, folder, wanted.sha256, check)
            return CopiedOut.COPIED
    return CopiedOut.MISSING


def _copy(storage: IFileStorage, folder: ExportFolder, sha256: str, check: Check) -> None:
    hasher = Hasher()
    chunks = storage.open(sha256)
    try:
        with folder.object_written(sha256) as file:
            for chunk in chunks:
                check()
                file.write(chunk)
                hasher.update(chunk)
            if hasher.digests().sha256 != sha256:
                raise _Wrong
    finally:
        chunks.close()


def is_fresh(storage: IFileStorage, sha256: str, now: datetime, grace: timedelta) -> bool:
    """Whether the storage holds the object, and the sweeper will leave it alone for a while.

    No row names it yet: an import that is run again may find what is about to be removed.
    """
    try:
        return storage.stat(sha256).modified_at > now - grace / 2
    except ObjectMissing:
        return False


def begun_from(
    folder: ExportFolder, storage: IFileStorage, sha256: str, check: Check
) -> PendingObject:
    """The bytes of an export as a pending object of a storage, finished.

    Raises `DamagedExport` where they are others than they were, and what storages raise.
    """
    with ExitStack() as undo:
        pending = undo.enter_context(storage.begin())
        with folder.object_path(sha256).open("rb") as file:
            while chunk := file.read(CHUNK):
                check()
                pending.write(chunk)
        if pending.finish().sha256 != sha256:
            raise DamagedExport(f"The bytes of {sha256} have changed since they were checked.")
        undo.pop_all()  # from here on the caller discards or stores it
    return pending
