"""Reading stored files again, and comparing them with what their rows say."""

import random
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil
from typing import Final

from pyregistry.db import Database
from pyregistry.parallel import Run
from pyregistry.progress import ObjectMeter, OnProgress, ShouldStop, never, unseen
from pyregistry.storage.errors import ObjectMissing
from pyregistry.upkeep.reports import Problem, Trouble, VerificationReport
from pyregistry.upkeep.services.migrate import WORKERS, FindStorage
from pyregistry.upkeep.services.objects import (
    Amount,
    KeptObject,
    Window,
    amounts,
    last_file,
    objects_of,
)
from pyregistry.upkeep.services.trying import Overtaken, Patience, Unsound, sha256_of, tried

_HUNDRED: Final = 100
_SAMPLE: Final = re.compile(r"(?P<number>[0-9]{1,12}(\.[0-9]{1,6})?)(?P<percent> ?%)?")


@dataclass(frozen=True, slots=True)
class Sample:
    """How much is verified: a number of objects, or so many of a hundred."""

    number: float
    is_percentage: bool = False

    def of(self, total: int) -> int:
        """The number of objects, of so many in all."""
        wanted = ceil(total * self.number / _HUNDRED) if self.is_percentage else int(self.number)
        return min(wanted, total)


def sample_of(text: str) -> Sample:
    """The sample that a text names: `1000`, `5%` or `0.1 %`.

    Raises `ValueError` for what is no number, none above 0, or more than all.
    """
    match = _SAMPLE.fullmatch(text)
    if match is None:
        raise ValueError("no sample")
    sample = Sample(float(match["number"]), is_percentage=match["percent"] is not None)
    if sample.number <= 0 or (sample.is_percentage and sample.number > _HUNDRED):
        raise ValueError("no sample")
    if not sample.is_percentage and not sample.number.is_integer():
        raise ValueError("no sample")
    return sample


def verify(
    database: Database,
    storage_named: FindStorage,
    *,
    storage: str | None = None,
    sample: Sample | None = None,
    workers: int = WORKERS,
    progress: OnProgress = unseen,
    should_stop: ShouldStop = never,
) -> VerificationReport:
    """Read what files are made of, compare digests and sizes, and tell what is wrong.

    `storage` is the only one that is read, `sample` how much is chosen at random, each object
    with the same chance; without them everything. Nothing is changed. `workers` objects are read
    at once; `progress` and `should_stop` are called in this thread, after every object and
    several times a second. The bytes that a sample will have are estimated.

    Raises `StorageUnavailable` where a storage is not configured, and SQLAlchemy's errors where
    files cannot be listed.
    """
    run = Run(workers, progress, should_stop)
    return _Verification(database, storage_named, run).carry_out(storage, sample)


_Result = int | Trouble | None
"""The size of an object that is sound; None for what was overtaken."""


class _Verification:
    def __init__(self, database: Database, storage_named: FindStorage, run: Run) -> None:
        self._database = database
        self._storage_named = storage_named
        self._run = run
        self._patience = Patience()
        self._report = VerificationReport()

    def carry_out(self, storage: str | None, sample: Sample | None) -> VerificationReport:
        if storage is not None:
            self._storage_named(storage)
        window = Window(0, self._database.read(last_file))
        found = self._database.read(lambda session: amounts(session, window))
        names = sorted(found) if storage is None else [storage]
        for name in names:
            self._storage_named(name)
        here = [found.get(name, Amount()) for name in names]
        total = sum(amount.objects for amount in here)
        size = sum(amount.size for amount in here)
        wanted = total if sample is None else sample.of(total)
        self._run.meter.expect(wanted, size * wanted // total if total else 0)
        objects: Iterable[KeptObject] = chain.from_iterable(
            objects_of(self._database, name, window) for name in names
        )
        if sample is not None:
            objects = sampled(objects, total, wanted)
        for result in self._run.each(objects, self._verify):
            self._note(result)
        return replace(self._report, stopped=self._run.stopped)

    def _note(self, result: _Result) -> None:
        report = self._report
        if result is None:
            report = replace(report, overtaken=report.overtaken + 1)
        elif isinstance(result, Trouble):
            report = replace(report, troubles=report.troubles.plus(result))
        else:
            report = replace(
                report, sound=report.sound + 1, sound_bytes=report.sound_bytes + result
            )
        if self._patience.is_over(result):
            report = replace(report, gave_up=True)
            self._run.end()
        self._report = report

    # What follows runs in the threads.

    def _verify(self, kept: KeptObject) -> _Result:
        meter = self._run.measure(kept.size)
        result: _Result = None
        with suppress(Overtaken):
            result = tried(self._database, kept, lambda: self._verified(kept, meter))
        meter.finish(failed=isinstance(result, Trouble))
        return result

    def _verified(self, kept: KeptObject, meter: ObjectMeter) -> int:
        size = 0

        def passed(chunk: int) -> None:
            nonlocal size
            self._run.check()
            size += chunk
            meter.advance(chunk)

        try:
            reader = self._storage_named(kept.storage).open(kept.sha256)
        except ObjectMissing:
            raise Unsound(Problem.MISSING, f"The storage {kept.storage} does not hold it") from None
        digest = sha256_of(reader, passed)
        if digest != kept.sha256:
            raise Unsound(
                Problem.DAMAGED,
                f"The storage {kept.storage} holds other bytes: their digest is {digest}",
            )
        for told in (kept.size, kept.least_size):
            if told != size:
                raise Unsound(
                    Problem.DAMAGED, f"It has {size} bytes, and its files are said to have {told}"
                )
        return size


def sampled(objects: Iterable[KeptObject], total: int, wanted: int) -> Iterator[KeptObject]:
    """So many of the objects, chosen at random in one pass over all `total` of them.

    Knuth's selection sampling (The Art of Computer Programming, volume 2, algorithm S): each has
    the same chance, the number is exact, and nothing is remembered.
    """
    left = total
    for kept in objects:
        if wanted == 0:
            return
        if random.random() * left < wanted:  # noqa: S311 -- no secret
            wanted -= 1
            yield kept
        left -= 1
