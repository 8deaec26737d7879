"""From an address to its namespaces and what an index shows of them, in one query.

Traversal asks segment by segment; this answers for the whole path at once. An
index page needs one thing more: which packages (or projects) of its scope the
viewer may read, with their serials, which say whether a rendered page is still
right. Both come from the same statement, so a page that is already rendered costs
no other query.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord
from pyregistry.namespaces.services.readable import pullable
from pyregistry.packaging.models import Package, PackageStatus


@dataclass(frozen=True, slots=True)
class IndexedProject:
    """A project that an index shows."""

    id: int
    serial: int


@dataclass(frozen=True, slots=True)
class IndexedPackage:
    """A package that an index shows; a group may hold several of one name."""

    id: int
    project_id: int
    serial: int
    status: PackageStatus
    status_reason: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an index page is asked for: one package, or (None) all names."""

    package: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The namespaces of a path, top group first, and what the index in it shows."""

    namespaces: list[NamespaceRecord] = field(default_factory=list)
    projects: tuple[IndexedProject, ...] = ()
    packages: tuple[IndexedPackage, ...] = ()


def resolve_path(
    session: Session, keys: Sequence[str], viewer: Viewer, wanted: Wanted | None = None
) -> Resolution:
    """Resolve the prefixes `keys` of a path, in lower case, shortest first.

    `wanted` is what an index at the last of them is asked for, if one is.
    """
    if not keys:
        return Resolution()
    condition = Namespace.full_path_key.in_(keys)
    return _resolve(session, condition, Namespace.full_path_key == keys[-1], viewer, wanted)


def resolve_id(
    session: Session,
    namespace_id: int,
    kind: NamespaceKind,
    viewer: Viewer,
    wanted: Wanted | None = None,
) -> Resolution:
    """Resolve a namespace of that kind by its id, with every group above it."""
    above = select(NamespaceAncestor.ancestor_id).where(
        NamespaceAncestor.namespace_id == namespace_id
    )
    target = Namespace.id == namespace_id
    resolution = _resolve(session, Namespace.id.in_(above), target, viewer, wanted)
    if not resolution.namespaces or resolution.namespaces[-1].kind is not kind:
        return Resolution()
    return resolution


def resolve_instance(session: Session, viewer: Viewer, wanted: Wanted) -> Resolution:
    """What the index of the whole instance shows to the viewer."""
    project = aliased(Namespace)
    statement = select(*_shown_columns(project, wanted)).select_from(project)
    if wanted.package is not None:
        statement = statement.join(Package, Package.project_id == project.id).where(
            Package.normalized_name == wanted.package
        )
    statement = statement.where(project.kind == NamespaceKind.PROJECT, pullable(viewer, project))
    return _resolution([], session.execute(statement).all(), wanted)


def _resolve(
    session: Session,
    namespaces: ColumnElement[bool],
    target: ColumnElement[bool],
    viewer: Viewer,
    wanted: Wanted | None,
) -> Resolution:
    statement = select(*COLUMNS) if wanted is None else _with_index(target, viewer, wanted)
    # A longer path is deeper: the order of lengths is the lineage.
    rows = session.execute(statement.where(namespaces)).all()
    records = {record.id: record for record in map(NamespaceRecord.of, rows)}
    lineage = sorted(records.values(), key=lambda record: len(record.full_path_key))
    if wanted is None:
        return Resolution(lineage)
    return _resolution(lineage, [row[len(COLUMNS) :] for row in rows], wanted)


def _with_index(
    target: ColumnElement[bool], viewer: Viewer, wanted: Wanted
) -> Select[*tuple[Any, ...]]:
    # A namespace is its own ancestor in the closure, so that one join serves a
    # project (itself) and a group (every project below it).
    project = aliased(Namespace)
    inside = (
        select(NamespaceAncestor.ancestor_id.label("scope_id"), *_shown_columns(project, wanted))
        .select_from(NamespaceAncestor)
        .join(project, project.id == NamespaceAncestor.namespace_id)
        .where(project.kind == NamespaceKind.PROJECT, pullable(viewer, project))
    )
    if wanted.package is not None:
        inside = inside.join(Package, Package.project_id == project.id).where(
            Package.normalized_name == wanted.package
        )
    shown = inside.subquery()
    return select(*COLUMNS, *list(shown.c)[1:]).outerjoin(
        shown, and_(shown.c.scope_id == Namespace.id, target)
    )


def _shown_columns(project: Any, wanted: Wanted) -> list[Any]:
    if wanted.package is None:
        return [project.id.label("shown_id"), project.serial.label("shown_serial")]
    return [
        Package.id.label("shown_id"),
        Package.project_id.label("shown_project_id"),
        Package.serial.label("shown_serial"),
        Package.status.label("shown_status"),
        Package.status_reason.label("shown_status_reason"),
    ]


def _resolution(lineage: list[NamespaceRecord], rows: Sequence[Any], wanted: Wanted) -> Resolution:
    # Ordered here, not by the database: the order decides the validator of a page.
    shown = sorted((row for row in rows if row[0] is not None), key=lambda row: int(row[0]))
    if wanted.package is None:
        return Resolution(lineage, projects=tuple(IndexedProject(*row) for row in shown))
    return Resolution(lineage, packages=tuple(IndexedPackage(*row) for row in shown))
