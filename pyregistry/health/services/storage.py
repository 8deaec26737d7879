"""How much is where: what administrators ask before a disk is full."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, cast, func, select
from sqlalchemy.orm import Session, aliased

from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.packaging.models import File
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class StorageUse:
    """How much a project holds, or a group with everything in it."""

    id: int
    full_path: str
    packages: int
    files: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class Held:
    """How much a project holds, or a group with everything in it, and in how many projects."""

    projects: int
    packages: int
    files: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class StorageContent:
    """What lies in one storage: files, and the bytes in which they lie.

    Files that are the same bytes lie there once: `stored_bytes` may be less than `storage_bytes`.
    """

    storage: str
    files: int
    storage_bytes: int
    objects: int
    stored_bytes: int


def projects_by_storage(
    session: Session, window: Window, *, group_id: int | None = None
) -> Slice[StorageUse]:
    """Projects of the instance, or of a group with everything in it, the largest first.

    Raises as `read_slice` does.
    """
    statement = select(
        Namespace.id,
        Namespace.full_path,
        Namespace.packages_count,
        Namespace.files_count,
        Namespace.storage_bytes,
    ).where(Namespace.kind == NamespaceKind.PROJECT)
    if group_id is not None:
        statement = statement.where(is_below(group_id))
    order = Order((Namespace.storage_bytes, Namespace.id), descending=True)
    return read_slice(session, statement, order, window, _use)


def groups_by_storage(
    session: Session, window: Window, *, parent_id: int | None = None
) -> Slice[StorageUse]:
    """Top-level groups, or those that are directly in a group, the largest first.

    Each with everything in it, added up from the counts that projects keep. Raises as
    `read_slice` does.
    """
    project = aliased(Namespace)
    added: Any = (
        select(
            Namespace.id,
            Namespace.full_path,
            _sum(project.packages_count).label("packages"),
            _sum(project.files_count).label("files"),
            _sum(project.storage_bytes).label("storage_bytes"),
        )
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Namespace.id)
        # A group is below itself: one that is empty is there, too, and groups hold nothing else.
        .join(project, project.id == NamespaceAncestor.namespace_id)
        .where(Namespace.kind == NamespaceKind.GROUP, Namespace.parent_id == parent_id)
        .group_by(Namespace.id, Namespace.full_path)
        .subquery("added")
    )
    order = Order((added.c.storage_bytes, added.c.id), descending=True)
    return read_slice(session, select(*added.c), order, window, _use)


def contents_of_storages(session: Session) -> Sequence[StorageContent]:
    """What each storage holds, by its name. One query, which reads all files."""
    objects = (
        select(
            File.storage,
            func.count().label("files"),
            func.sum(File.size).label("storage_bytes"),
            func.max(File.size).label("stored_bytes"),
        )
        .group_by(File.storage, File.sha256)
        .subquery()
    )
    rows = session.execute(
        select(
            objects.c.storage,
            _sum(objects.c.files),
            _sum(objects.c.storage_bytes),
            func.count(),
            _sum(objects.c.stored_bytes),
        )
        .group_by(objects.c.storage)
        .order_by(objects.c.storage)
    )
    return [StorageContent(*row) for row in rows]


def held_by(session: Session, namespace_ids: Collection[int]) -> dict[int, Held]:
    """What each of the groups and projects holds, by its id, from the counts of projects.

    What holds no project, and is none, is left out. One query.
    """
    rows = session.execute(
        select(
            NamespaceAncestor.ancestor_id,
            func.count(),
            _sum(Namespace.packages_count),
            _sum(Namespace.files_count),
            _sum(Namespace.storage_bytes),
        )
        .join(Namespace, Namespace.id == NamespaceAncestor.namespace_id)
        .where(
            NamespaceAncestor.ancestor_id.in_(namespace_ids),
            Namespace.kind == NamespaceKind.PROJECT,
        )
        .group_by(NamespaceAncestor.ancestor_id)
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def _sum(column: Any) -> ColumnElement[int]:
    """A sum that is a whole number to PostgreSQL, too."""
    return cast(func.sum(column), BigInteger)


def _use(row: Row[*tuple[Any, ...]]) -> StorageUse:
    return StorageUse(*row[:5])
