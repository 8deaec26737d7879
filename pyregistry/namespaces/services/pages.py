"""What pages for people read of groups and projects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import READER_ROLE, Role
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord
from pyregistry.namespaces.services.readable import visible, visited


@dataclass(frozen=True, slots=True)
class ProjectCounts:
    """How much a project holds, and since when it exists."""

    packages: int
    files: int
    storage_bytes: int
    created_at: datetime


def visible_children(
    session: Session, viewer: Viewer, parent_id: int | None, *, after: str = "", limit: int
) -> list[NamespaceRecord]:
    """At most `limit` of what is directly in a group (or at the top) and `viewer` may see.

    Groups come first, then projects, by path, after the one with the `child_key` `after`.
    A group is shown, too, where something in it is the viewer's.
    """
    statement: Select[*tuple[Any, ...]] = select(*COLUMNS).where(
        Namespace.parent_id.is_(None) if parent_id is None else Namespace.parent_id == parent_id,
        or_(visible(viewer, Role.GUEST), visited(viewer)),
    )
    order = Namespace.kind + "/" + func.lower(Namespace.path)
    if after:
        statement = statement.where(order > after)
    rows = session.execute(statement.order_by(order).limit(limit))
    return [NamespaceRecord.of(row) for row in rows]


def child_key(record: NamespaceRecord) -> str:
    """The key by which `visible_children` orders and pages."""
    return f"{record.kind}/{record.path.lower()}"


def visible_projects(
    session: Session, viewer: Viewer, *, after: str = "", limit: int
) -> list[NamespaceRecord]:
    """At most `limit` projects that the viewer may see, by full path, in whatever group.

    `after` is the full path, in lower case, after which the list begins.
    """
    rows = session.execute(
        select(*COLUMNS)
        .where(
            Namespace.kind == NamespaceKind.PROJECT,
            Namespace.full_path_key > after,
            visible(viewer, Role.GUEST),
        )
        .order_by(Namespace.full_path_key)
        .limit(limit)
    )
    return [NamespaceRecord.of(row) for row in rows]


def readable_packages_counts(
    session: Session, viewer: Viewer, project_ids: Collection[int]
) -> dict[int, int]:
    """The number of packages of those of the projects whose packages the viewer may read.

    A project whose package registry is turned off has none to show.
    """
    if not project_ids:
        return {}
    rows = session.execute(
        select(Namespace.id, Namespace.packages_count).where(
            Namespace.id.in_(project_ids),
            Namespace.kind == NamespaceKind.PROJECT,
            Namespace.packages_available,
            visible(viewer, READER_ROLE),
        )
    )
    return {row.id: row.packages_count for row in rows}


def project_counts(session: Session, project_id: int) -> ProjectCounts:
    """The counts that are kept of one project."""
    row = session.execute(
        select(
            Namespace.packages_count,
            Namespace.files_count,
            Namespace.storage_bytes,
            Namespace.created_at,
        ).where(Namespace.id == project_id)
    ).one()
    return ProjectCounts(*row)
