"""The objects that files are made of, as the rows of files name them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Select, func, select, update
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import File, Release
from pyregistry.packaging.services.serials import hold_serial

_BATCH: Final = 500
_TOLD: Final = 20
"""Files of one object that a report names."""


@dataclass(frozen=True, slots=True)
class KeptObject:
    """An object in a storage that files are made of. Sizes are in bytes, as their rows say."""

    storage: str
    sha256: str
    size: int
    least_size: int
    """The same, unless rows contradict each other."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How many objects of a storage there are, and how many bytes they have."""

    objects: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Files that were recorded after one moment, up to another, by their ids.

    Ids grow in the order of commits, for recording holds a lock: a file that comes later is in a
    later window.
    """

    after: int
    until: int

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """What rows fulfil that are in it."""
        first = () if self.after == 0 else (File.id > self.after,)
        return (*first, File.id <= self.until)


def last_file(session: Session) -> int:
    """The id of the newest file; 0 where there is none."""
    return session.scalar(select(func.max(File.id))) or 0


def amounts(session: Session, window: Window) -> dict[str, Amount]:
    """What files are made of, by the storage that holds it. Reads every row of the window."""
    each = (
        select(File.storage, func.max(File.size).label("size"))
        .where(*window.conditions)
        .group_by(File.storage, File.sha256)
        .subquery()
    )
    rows = session.execute(
        select(each.c.storage, func.count(), func.sum(each.c.size)).group_by(each.c.storage)
    )
    return {storage: Amount(objects, int(size)) for storage, objects, size in rows}


def files_elsewhere(session: Session, storage: str) -> int:
    """The number of files that are not in that storage."""
    return session.scalars(
        select(func.count()).select_from(File).where(File.storage != storage)
    ).one()


def holds_files(session: Session, storage: str) -> bool:
    """Whether a file is in that storage."""
    return session.scalar(select(File.id).where(File.storage == storage).limit(1)) is not None


def objects_of(
    database: Database, storage: str, window: Window, *, batch: int = _BATCH
) -> Iterator[KeptObject]:
    """Every object of a storage by its digest, read in batches: each goes on where one ended.

    No transaction is open in between. What is recorded or moved meanwhile may be left out.
    """
    here = (File.storage == storage, *window.conditions)
    last = ""
    each = (
        select(File.sha256, func.max(File.size), func.min(File.size))
        .where(*here)
        .group_by(File.sha256)
        .order_by(File.sha256)
        .limit(batch)
    )
    while True:
        rows = database.read(partial(_rows, each.where(File.sha256 > last)))
        for sha256, size, least_size in rows:
            yield KeptObject(storage, sha256, size, least_size)
        if len(rows) < batch:
            return
        last = rows[-1][0]


def is_named(database: Database, kept: KeptObject) -> bool:
    """Whether a file is still made of the object: it may be deleted, or moved."""
    asked = select(File.id).where(*_of(kept)).limit(1)
    return database.read(lambda session: session.scalar(asked)) is not None


def files_of(database: Database, kept: KeptObject) -> tuple[str, ...]:
    """The files that are made of an object, each as project, package and filename; some of many."""
    asked = (
        select(Namespace.full_path, Release.normalized_name, File.filename)
        .join(Release, Release.id == File.release_id)
        .join(Namespace, Namespace.id == File.project_id)
        .where(*_of(kept))
        .order_by(File.id)
        .limit(_TOLD)
    )
    rows = database.read(lambda session: session.execute(asked).all())
    return tuple(f"{project} {package} {filename}" for project, package, filename in rows)


def switch(
    database: Database, kept: KeptObject, target: str, is_there: Callable[[], bool]
) -> int | None:
    """Have all files that are made of an object name it in the storage `target`.

    The lock that recording and sweeping take is held, and under it `is_there` is asked whether
    the target holds the object: what is there now, stays. Gives the number of files, which is 0
    where all of them were deleted or moved meanwhile, and None where the object is not there.
    """

    def work(session: Session) -> int | None:
        hold_serial(session)
        if not is_there():
            return None
        result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
            update(File)
            .where(*_of(kept))
            .values(storage=target)
            .execution_options(synchronize_session=False)
        )
        return result.rowcount

    return database.write(work, finds_its_work=True)


def _rows(statement: Select[str, int, int], session: Session) -> list[tuple[str, int, int]]:
    return [(sha256, size, least) for sha256, size, least in session.execute(statement)]


def _of(kept: KeptObject) -> tuple[ColumnElement[bool], ...]:
    return File.sha256 == kept.sha256, File.storage == kept.storage
