"""Moving all files into one storage, as `pyregistry storage migrate` does."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, ClassVar, Final

from pyregistry.errors import Refusal
from pyregistry.jobs.work import Work
from pyregistry.progress import Progress
from pyregistry.sentences import plural
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.upkeep.reports import MigrationReport
from pyregistry.upkeep.services.migrate import migrate

NAME: Final = "storage-migration"

TARGET: Final = "target"
"""The argument with the name of the storage that files are moved to."""

_MOST_TOLD: Final = 100
"""Troubles that the report of a job describes; the others it counts."""


class Incomplete(Refusal):
    """Some objects are missing or damaged: no other attempt would move them."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT


def run(work: Work) -> None:
    """Move every file that is elsewhere; what an attempt has moved, the next one skips.

    Raises `Incomplete` where some are missing or damaged, and `StorageUnavailable` where another
    attempt may move what this one could not.
    """
    parts = work.parts
    telling = _Telling(work)
    report = migrate(
        parts.database,
        parts.storages.named,
        work.arguments[TARGET],
        progress=telling.note,
        should_stop=lambda: work.is_broken_off,
    )
    telling.note(telling.progress, report)
    work.check()
    if report.gave_up:
        raise StorageUnavailable("It was given up, because nothing succeeded any more.")
    if report.troubles.failed:
        raise StorageUnavailable(
            f"{plural(report.troubles.failed, 'object')} could not be moved this time."
        )
    if report.troubles.count:
        raise Incomplete(f"{plural(report.troubles.count, 'object')} could not be moved.")


class _Telling:
    """Tells how far a migration is, and how long it has taken until now."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._begun = time.monotonic()
        self.progress = Progress()

    def note(self, progress: Progress, result: MigrationReport | None = None) -> None:
        self.progress = progress
        report = {
            "progress": {**asdict(progress), "seconds": time.monotonic() - self._begun},
            "result": None if result is None else _described(result),
        }
        self._work.say(progress.done_objects, progress.total_objects, unit="objects", report=report)


def _described(report: MigrationReport) -> Mapping[str, Any]:
    troubles = report.troubles
    told = [{**asdict(each), "problem": each.problem.value} for each in troubles.told[:_MOST_TOLD]]
    return {
        "moved": report.moved,
        "moved_files": report.moved_files,
        "moved_bytes": report.moved_bytes,
        "reused": report.reused,
        "already_there": report.already_there,
        "overtaken": report.overtaken,
        "missing": troubles.missing,
        "damaged": troubles.damaged,
        "failed": troubles.failed,
        "troubles": told,
        "files_left": report.files_left,
        "stopped": report.stopped,
        "gave_up": report.gave_up,
    }
