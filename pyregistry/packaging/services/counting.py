"""Counting again what is kept with projects, packages and releases.

Whoever publishes or deletes keeps these numbers in the same transaction, so they are right. This
proves it, and puts right what a mistake, or a hand in the database, has left: limits and pages
go by them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, cast, func, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.packaging.models import File, Package, Release
from pyregistry.packaging.services.changing import locked


@dataclass(frozen=True, slots=True)
class _Kept:
    """The numbers that the rows of a table keep: each column, and how it is counted."""

    table: type[Any]
    project: Any
    counted: Mapping[str, ScalarSelect[Any]]

    @property
    def drift(self) -> ColumnElement[bool]:
        """Whether a row keeps another number than there is."""
        return or_(*(getattr(self.table, name) != count for name, count in self.counted.items()))


def _number(condition: ColumnElement[bool], within: type[Any]) -> ScalarSelect[Any]:
    return select(func.count()).where(condition).correlate(within).scalar_subquery()


def _size(condition: ColumnElement[bool], within: type[Any]) -> ScalarSelect[Any]:
    # A sum of big integers is a decimal number to PostgreSQL.
    size = cast(func.coalesce(func.sum(File.size), 0), BigInteger)
    return select(size).where(condition).correlate(within).scalar_subquery()


_KEPT = (
    _Kept(
        Release,
        Release.project_id,
        {"files_count": _number(File.release_id == Release.id, Release)},
    ),
    _Kept(
        Package,
        Package.project_id,
        {
            "releases_count": _number(Release.package_id == Package.id, Package),
            "files_count": _number(File.package_id == Package.id, Package),
            "storage_bytes": _size(File.package_id == Package.id, Package),
        },
    ),
    _Kept(
        Namespace,
        Namespace.id,
        {
            "packages_count": _number(Package.project_id == Namespace.id, Namespace),
            "files_count": _number(File.project_id == Namespace.id, Namespace),
            "storage_bytes": _size(File.project_id == Namespace.id, Namespace),
        },
    ),
)


def projects_after(session: Session, project_id: int, at_most: int) -> list[int]:
    """The ids of the projects that come after one, in order."""
    statement = (
        select(Namespace.id)
        .where(Namespace.kind == NamespaceKind.PROJECT, Namespace.id > project_id)
        .order_by(Namespace.id)
        .limit(at_most)
    )
    return list(session.scalars(statement))


def projects_with_drift(session: Session, project_ids: Collection[int]) -> list[int]:
    """Those of the projects in which a number is kept that is not right, by id.

    Each statement sees whole transactions alone, so nobody who publishes meanwhile is taken for
    a mistake.
    """
    found: set[int] = set()
    for kept in _KEPT:
        statement = select(kept.project).where(kept.project.in_(project_ids), kept.drift)
        found.update(session.scalars(statement.distinct()))
    return sorted(found)


def correct_counts(session: Session, project_id: int) -> int:
    """Put the numbers of a project right; how many rows were wrong.

    Nobody publishes or deletes meanwhile: the lock on the serial is held until the transaction
    ends, and packages that change have its number.
    """
    serial = locked(session)
    corrected = 0
    for kept in _KEPT:
        values: dict[str, Any] = dict(kept.counted)
        if kept.table is not Release:
            values["serial"] = serial
        statement = (
            update(kept.table).where(kept.project == project_id, kept.drift).values(values)
        ).returning(kept.table.id)
        corrected += len(
            session.scalars(statement, execution_options={"synchronize_session": False}).all()
        )
    return corrected
