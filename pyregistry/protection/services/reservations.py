"""Reading the prefixes that groups have reserved."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import Namespace
from pyregistry.protection.errors import PrefixNotFound
from pyregistry.protection.models import ReservedPrefix, ReservedPrefixProject
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class OwningProject:
    """A project that a prefix belongs to."""

    id: int
    full_path: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reserved prefix with the projects that it belongs to, by path."""

    id: int
    group_id: int
    prefix: str
    created_at: datetime
    projects: tuple[OwningProject, ...]


def reservations_slice(session: Session, group_id: int, window: Window) -> Slice[Reservation]:
    """Some of the prefixes that a group itself has reserved, oldest first.

    Raises as `read_slice` does.
    """
    statement = select(ReservedPrefix).where(ReservedPrefix.group_id == group_id)
    order = Order((ReservedPrefix.id,))
    found: Slice[ReservedPrefix] = read_slice(session, statement, order, window, lambda row: row[0])
    return found.with_rows(_with_projects(session, found.rows))


def reservations_of(session: Session, group_ids: Collection[int]) -> list[Reservation]:
    """All prefixes that these few groups have reserved, by prefix; two queries at most.

    Each group has up to 100.
    """
    if not group_ids:
        return []
    statement = select(ReservedPrefix).where(ReservedPrefix.group_id.in_(group_ids))
    rows = session.scalars(statement.order_by(ReservedPrefix.prefix, ReservedPrefix.id)).all()
    return _with_projects(session, rows)


def find_reservation(session: Session, group_id: int, prefix_id: int | None) -> Reservation:
    """One of the prefixes that a group itself has reserved. Raises `PrefixNotFound`."""
    (reservation,) = _with_projects(session, [find_row(session, group_id, prefix_id)])
    return reservation


def find_row(session: Session, group_id: int, prefix_id: int | None) -> ReservedPrefix:
    """The row of a reserved prefix of the group itself. Raises `PrefixNotFound`."""
    row = session.get(ReservedPrefix, prefix_id) if prefix_id is not None else None
    if row is None or row.group_id != group_id:
        raise PrefixNotFound
    return row


def _with_projects(session: Session, rows: Sequence[ReservedPrefix]) -> list[Reservation]:
    projects = _projects_by_prefix(session, [row.id for row in rows])
    return [
        Reservation(row.id, row.group_id, row.prefix, row.created_at, tuple(projects[row.id]))
        for row in rows
    ]


def _projects_by_prefix(
    session: Session, prefix_ids: Collection[int]
) -> dict[int, list[OwningProject]]:
    found: dict[int, list[OwningProject]] = defaultdict(list)
    if not prefix_ids:
        return found
    rows = session.execute(
        select(ReservedPrefixProject.prefix_id, Namespace.id, Namespace.full_path)
        .join(Namespace, Namespace.id == ReservedPrefixProject.project_id)
        .where(ReservedPrefixProject.prefix_id.in_(prefix_ids))
        .order_by(Namespace.full_path_key)
    )
    for prefix_id, project_id, full_path in rows:
        found[prefix_id].append(OwningProject(project_id, full_path))
    return found
