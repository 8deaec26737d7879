"""Removing stored bytes that no file is made of.

Deleting a file removes its row only: another project may hold the same bytes. The
sweeper looks for objects that no row names and that are older than a grace period,
and looks again under the lock that recording takes before it removes one. Whoever
stores bytes that exist already renews their age, so an upload between storing and
recording is safe.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from pyregistry.storage.errors import ObjectMissing
from pyregistry.storage.interfaces import IFileStorage, StoredObject

_BATCH = 100
"""Objects at a time: the lock is held while each is looked up and removed, with a bucket by two
requests, and whoever publishes waits for it."""

NamedDigests = Callable[[Collection[str]], AbstractContextManager[set[str]]]
"""Says which of some digests files are made of; while the context is open, no file is recorded."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep removed (or would remove). Sizes are in bytes.

    `examined` is how many objects were looked at; what was removed is the same without it.
    """

    objects: int = 0
    leftovers: int = 0
    size: int = 0
    examined: int = field(default=0, compare=False)

    def __add__(self, other: "SweepReport") -> "SweepReport":
        return SweepReport(
            self.objects + other.objects,
            self.leftovers + other.leftovers,
            self.size + other.size,
            self.examined + other.examined,
        )


def sweep(
    storage: IFileStorage,
    named_digests: NamedDigests,
    *,
    grace: timedelta,
    now: datetime,
    remove: bool = True,
) -> Iterator[SweepReport]:
    """Remove what is older than `grace` and belongs to nothing; yield a report for each batch.

    With `remove` false, only report. Whoever wants no more may stop at any report. Raises
    `StorageUnavailable`.
    """
    before = now - grace
    for batch in _batches(storage.objects()):
        report = SweepReport(examined=len(batch))
        old = [found for found in batch if found.modified_at < before]
        if old:
            with named_digests([found.sha256 for found in old]) as named:
                unnamed = [found for found in old if found.sha256 not in named]
                report += _remove_objects(storage, unnamed, before, remove=remove)
        yield report
    for leftover in list(storage.pending(before)):
        if remove:
            storage.remove_pending(leftover.name)
        yield SweepReport(leftovers=1, size=leftover.size)


def _remove_objects(
    storage: IFileStorage, unnamed: list[StoredObject], before: datetime, *, remove: bool
) -> SweepReport:
    report = SweepReport()
    for listed in unnamed:
        try:
            # Its age may have been renewed since it was listed.
            found = storage.stat(listed.sha256)
        except ObjectMissing:
            continue
        if found.modified_at < before:
            if remove:
                storage.remove(found.sha256)
            report += SweepReport(objects=1, size=found.size)
    return report


def _batches(found: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while batch := list(islice(found, _BATCH)):
        yield batch
