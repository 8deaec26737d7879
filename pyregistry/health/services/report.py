"""What administrators want to know of a running registry."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.packaging.models import File


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a registry holds; `storage_bytes` counts a file as often as projects hold it."""

    users: int
    """People, blocked ones too, and no bots."""
    groups: int
    projects: int
    packages: int
    files: int
    storage_bytes: int


def count_everything(session: Session) -> Counts:
    """What the registry holds, from the counts that projects keep: two queries."""
    users = session.scalars(select(func.count()).where(User.is_bot.is_(False))).one()
    rows = session.execute(
        select(
            Namespace.kind,
            func.count(),
            func.sum(Namespace.packages_count),
            func.sum(Namespace.files_count),
            func.sum(Namespace.storage_bytes),
        ).group_by(Namespace.kind)
    )
    by_kind = {kind: [int(number) for number in numbers] for kind, *numbers in rows}
    groups = by_kind.get(NamespaceKind.GROUP, [0])[0]
    return Counts(users, groups, *by_kind.get(NamespaceKind.PROJECT, [0, 0, 0, 0]))


@dataclass(frozen=True, slots=True)
class Held:
    """How much a project holds, or everything in a group."""

    projects: int
    packages: int
    files: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """How much one storage holds; a file counts as often as projects hold it."""

    storage: str
    files: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class LargeProject:
    """A project by what it holds."""

    full_path: str
    packages: int
    files: int
    storage_bytes: int


def held_by(session: Session, namespace_ids: Collection[int]) -> dict[int, Held]:
    """What each of the groups and projects holds, by its id, from the counts of projects.

    A group that holds no project is left out. One query.
    """
    rows = session.execute(
        select(
            NamespaceAncestor.ancestor_id,
            func.count(),
            func.sum(Namespace.packages_count),
            func.sum(Namespace.files_count),
            func.sum(Namespace.storage_bytes),
        )
        .join(Namespace, Namespace.id == NamespaceAncestor.namespace_id)
        .where(
            NamespaceAncestor.ancestor_id.in_(namespace_ids),
            Namespace.kind == NamespaceKind.PROJECT,
        )
        .group_by(NamespaceAncestor.ancestor_id)
    )
    # A sum of big integers is a decimal number to PostgreSQL.
    return {row[0]: Held(*(int(number) for number in row[1:])) for row in rows}


def files_by_storage(session: Session) -> list[StoredFiles]:
    """What lies in each storage, by its name. Reads the row of every file."""
    rows = session.execute(
        select(File.storage, func.count(), func.sum(File.size))
        .group_by(File.storage)
        .order_by(File.storage)
    )
    return [StoredFiles(storage, files, int(size)) for storage, files, size in rows]


def largest_projects(session: Session, *, limit: int) -> list[LargeProject]:
    """The projects that hold most, most first."""
    rows = session.execute(
        select(
            Namespace.full_path,
            Namespace.packages_count,
            Namespace.files_count,
            Namespace.storage_bytes,
        )
        .where(Namespace.kind == NamespaceKind.PROJECT, Namespace.storage_bytes > 0)
        .order_by(Namespace.storage_bytes.desc(), Namespace.id)
        .limit(limit)
    )
    return [LargeProject(*row) for row in rows]
