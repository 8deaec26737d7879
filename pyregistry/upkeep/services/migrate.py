"""Moving files into another storage while the registry runs.

Each object is copied, read again from the target and compared by digest. Only then the rows of
its files are switched, under the lock that recording and sweeping take, where the target is asked
once more whether it holds the object. The old object stays: its age begins anew just before the
switch, so that the sweeper removes it a grace period after the last client was sent there.

Whoever is killed leaves nothing but copies that no row names, which the next run takes over, or
the sweeper removes when they are old.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pyregistry.db import Database
from pyregistry.parallel import Run
from pyregistry.progress import (
    ObjectMeter,
    OnProgress,
    ShouldStop,
    never,
    unseen,
)
from pyregistry.storage.errors import ObjectMissing, StorageReadOnly, StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage
from pyregistry.upkeep.reports import MigrationReport, Problem, Trouble
from pyregistry.upkeep.services.objects import (
    KeptObject,
    Window,
    amounts,
    files_elsewhere,
    holds_files,
    is_named,
    last_file,
    objects_of,
    switch,
)
from pyregistry.upkeep.services.trying import Overtaken, Patience, Unsound, sha256_of, tried

WORKERS: Final = 4

FindStorage = Callable[[str], IFileStorage]
"""Gives the storage of that name, as `Storages.named` does; raises `StorageUnavailable`."""

_ROUNDS: Final = 3
"""After all files that are there, those that came meanwhile are looked for. Where new files still
go elsewhere some always come, and it has to end all the same."""

_COPIES: Final = 2
"""How often an object is copied that the sweeper has removed before it was recorded."""


def migrate(
    database: Database,
    storage_named: FindStorage,
    target: str,
    *,
    workers: int = WORKERS,
    progress: OnProgress = unseen,
    should_stop: ShouldStop = never,
) -> MigrationReport:
    """Move every file that is in another storage into the storage `target`, and tell what was done.

    Safe to stop, to kill, to run again and to run twice at once: what is done is skipped. Memory
    stays flat, whatever the number and the size of files. `workers` objects are moved at once;
    each needs a connection of the database for moments. `progress` and `should_stop` are called
    in this thread, after every object and several times a second.

    Missing, damaged and failed objects are in the report. Raises `StorageUnavailable` where the
    target, or a storage that files lie in, is not configured or cannot be used at all, and
    SQLAlchemy's errors where files cannot be listed.
    """
    migration = _Migration(
        database, storage_named, storage_named(target), Run(workers, progress, should_stop)
    )
    return migration.carry_out()


@dataclass(frozen=True, slots=True)
class _Moved:
    """An object that is in the target now, and that files name there."""

    files: int
    size: int
    was_there: bool


_Result = _Moved | Trouble | None
"""None for what was overtaken."""


class _Migration:
    def __init__(
        self, database: Database, storage_named: FindStorage, target: IFileStorage, run: Run
    ) -> None:
        self._database = database
        self._storage_named = storage_named
        self._target = target
        self._run = run
        self._patience = Patience()
        self._report = MigrationReport(target.name)

    def carry_out(self) -> MigrationReport:
        self._begin()
        window = Window(0, 0)
        for _ in range(_ROUNDS):
            window = Window(window.until, self._database.read(last_file))
            if window.after == window.until or self._run.is_ending:
                break
            self._move_all(window)
        left = self._database.read(lambda session: files_elsewhere(session, self._target.name))
        return replace(self._report, files_left=left, stopped=self._run.stopped)

    def _begin(self) -> None:
        """Look whether the target takes files."""
        if not self._database.read(lambda session: holds_files(session, self._target.name)):
            # Where files lie already, a folder that is gone is a volume that is not mounted.
            self._target.prepare()
        self._target.check()

    def _move_all(self, window: Window) -> None:
        found = self._database.read(lambda session: amounts(session, window))
        there = found.pop(self._target.name, None)
        if window.after == 0 and there is not None:
            self._report = replace(self._report, already_there=there.objects)
        # All of them at first: one that is not configured is told before anything is moved.
        sources = [self._storage_named(name) for name in sorted(found)]
        for amount in found.values():
            self._run.meter.expect(amount.objects, amount.size)
        for source in sources:
            objects = objects_of(self._database, source.name, window)
            for result in self._run.each(objects, partial(self._move, source)):
                self._note(result)

    def _note(self, result: _Result) -> None:
        report = self._report
        match result:
            case None:
                report = replace(report, overtaken=report.overtaken + 1)
            case Trouble():
                report = replace(report, troubles=report.troubles.plus(result))
            case _Moved():
                report = replace(
                    report,
                    moved=report.moved + 1,
                    moved_files=report.moved_files + result.files,
                    moved_bytes=report.moved_bytes + result.size,
                    reused=report.reused + int(result.was_there),
                )
        if self._patience.is_over(result):
            report = replace(report, gave_up=True)
            self._run.end()
        self._report = report

    # What follows runs in the threads.

    def _move(self, source: IFileStorage, kept: KeptObject) -> _Result:
        meter = self._run.measure(kept.size)
        result: _Result = None
        with suppress(Overtaken):
            result = tried(self._database, kept, lambda: self._moved(source, kept, meter))
        meter.finish(failed=isinstance(result, Trouble))
        return result

    def _moved(self, source: IFileStorage, kept: KeptObject, meter: ObjectMeter) -> _Moved:
        if not is_named(self._database, kept):
            raise Overtaken
        for _ in range(_COPIES):
            was_there = self._has_right_copy(kept.sha256, meter.advance)
            if not was_there:
                self._copy(source, kept.sha256, meter)
            # Who may not renew the object may not remove it either; and one that is missing
            # while the target has it, is missed no more.
            with suppress(StorageReadOnly, ObjectMissing):
                source.renew(kept.sha256)
            files = switch(
                self._database,
                kept,
                self._target.name,
                is_there=partial(self._target.exists, kept.sha256),
            )
            if files == 0:
                raise Overtaken
            if files is not None:
                return _Moved(files, kept.size, was_there)
        raise StorageUnavailable("The copy was removed again before it was recorded")

    def _has_right_copy(self, sha256: str, passed: Callable[[int], None]) -> bool:
        """Whether the target holds the object, and its bytes are right."""

        def read(size: int) -> None:
            self._run.check()
            passed(size)

        try:
            reader = self._target.open(sha256)
        except ObjectMissing:
            return False
        return sha256_of(reader, read) == sha256

    def _copy(self, source: IFileStorage, sha256: str, meter: ObjectMeter) -> None:
        def passed(size: int) -> None:
            # One half is the way there, the other one the way back.
            meter.advance(size // 2)

        try:
            reader = source.open(sha256)
        except ObjectMissing:
            raise Unsound(Problem.MISSING, f"The storage {source.name} does not hold it") from None
        with closing(reader), self._target.begin() as pending:
            for chunk in reader:
                self._run.check()
                pending.write(chunk)
                passed(len(chunk))
            copied = pending.finish().sha256
            if copied != sha256:
                raise Unsound(
                    Problem.DAMAGED,
                    f"The storage {source.name} holds other bytes: their digest is {copied}",
                )
            pending.store()
        if not self._has_right_copy(sha256, passed):
            raise StorageUnavailable(
                f"The storage {self._target.name} returned other bytes than were written"
            )
