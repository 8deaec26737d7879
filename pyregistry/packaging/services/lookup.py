"""From an address to its namespaces and what an index shows of them, in one query.

Traversal asks segment by segment; this answers for the whole path at once. An
index page needs one thing more: which packages (or projects) of its scope the
viewer may read, with their serials, which say whether a rendered page is still
right. Both come from the same statement, so a page that is already rendered costs
no other query.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, true
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Viewer
from pyregistry.db import rows_of
from pyregistry.namespaces.models import (
    InstanceSettings,
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
)
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord
from pyregistry.namespaces.services.readable import (
    ViewerKind,
    pullable,
    viewer_kind,
    viewer_parameters,
)
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
    """What an index page is asked for: one package, or (None) all names.

    With `any_project` it is enough to know whether there is anything: one project stands for
    all that would be shown.
    """

    package: str | None
    any_project: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """The namespaces of a path, top group first, and what the index in it shows.

    Of the instance's index, `available` says whether the instance has a package registry.
    """

    namespaces: list[NamespaceRecord] = field(default_factory=list)
    projects: tuple[IndexedProject, ...] = ()
    packages: tuple[IndexedPackage, ...] = ()
    available: bool = True


class _Target(Enum):
    """How a statement says which namespace is asked for."""

    PATH = auto()
    ID = auto()
    INSTANCE = auto()


class _Shown(Enum):
    """What of an index a statement selects."""

    NOTHING = auto()
    NAMES = auto()
    ANY_PROJECT = auto()
    PACKAGE = auto()


_PROJECTS = (_Shown.NAMES, _Shown.ANY_PROJECT)


def resolve_path(
    session: Session, keys: Sequence[str], viewer: Viewer, wanted: Wanted | None = None
) -> Resolution:
    """Resolve the prefixes `keys` of a path, in lower case, shortest first.

    `wanted` is what an index at the last of them is asked for, if one is.
    """
    if not keys:
        return Resolution()
    parameters = {"keys": list(keys), "target": keys[-1]}
    return _resolve(session, _Target.PATH, parameters, viewer, wanted)


def resolve_id(
    session: Session,
    namespace_id: int,
    kind: NamespaceKind,
    viewer: Viewer,
    wanted: Wanted | None = None,
) -> Resolution:
    """Resolve a namespace of that kind by its id, with every group above it."""
    resolution = _resolve(session, _Target.ID, {"target": namespace_id}, viewer, wanted)
    if not resolution.namespaces or resolution.namespaces[-1].kind is not kind:
        return Resolution()
    return resolution


def resolve_instance(session: Session, viewer: Viewer, wanted: Wanted) -> Resolution:
    """What the index of the whole instance shows to the viewer."""
    return _resolve(session, _Target.INSTANCE, {}, viewer, wanted)


def _resolve(
    session: Session,
    target: _Target,
    parameters: dict[str, Any],
    viewer: Viewer,
    wanted: Wanted | None,
) -> Resolution:
    if wanted is None:
        shown = _Shown.NOTHING
    elif wanted.package is None:
        shown = _Shown.ANY_PROJECT if wanted.any_project else _Shown.NAMES
    else:
        shown = _Shown.PACKAGE
        parameters["package"] = wanted.package
    if shown is not _Shown.NOTHING:
        parameters.update(viewer_parameters(viewer))
    rows = rows_of(session, _statement(target, shown, viewer_kind(viewer)), parameters)
    if target is _Target.INSTANCE:
        resolution = _resolution([], [row[1:] for row in rows], shown)
        return replace(resolution, available=rows[0][0])
    records = {row[0]: row for row in rows}
    # A longer path is deeper: the order of lengths is the lineage.
    lineage = sorted(
        map(NamespaceRecord.of, records.values()), key=lambda record: len(record.full_path_key)
    )
    return _resolution(lineage, [row[len(COLUMNS) :] for row in rows], shown)


@cache
def _statement(target: _Target, shown: _Shown, viewer: ViewerKind) -> Select[*tuple[Any, ...]]:
    """The statement for a kind of question. Building one costs more than running it."""
    if target is _Target.INSTANCE:
        inside = _shown_projects(shown, viewer).subquery()
        # A row even where nothing is shown: it tells whether there is an index at all.
        return (
            select(InstanceSettings.packages_enabled, *inside.c)
            .select_from(InstanceSettings)
            .outerjoin(inside, true())
        )
    asked_for: ColumnElement[bool] = (
        Namespace.full_path_key == bindparam("target")
        if target is _Target.PATH
        else Namespace.id == bindparam("target")
    )
    statement: Select[*tuple[Any, ...]] = select(*COLUMNS)
    if shown is not _Shown.NOTHING:
        statement = _with_index(asked_for, shown, viewer)
    if target is _Target.PATH:
        return statement.where(Namespace.full_path_key.in_(bindparam("keys", expanding=True)))
    above = select(NamespaceAncestor.ancestor_id).where(
        NamespaceAncestor.namespace_id == bindparam("target")
    )
    return statement.where(Namespace.id.in_(above))


def _with_index(
    asked_for: ColumnElement[bool], shown: _Shown, viewer: ViewerKind
) -> Select[*tuple[Any, ...]]:
    # A namespace is its own ancestor in the closure, so that one join serves a
    # project (itself) and a group (every project below it). The scope is looked up inside
    # the subquery, too: not every planner would carry the condition into it.
    scope_id = select(Namespace.id).where(asked_for).scalar_subquery()
    inside = (
        _shown_projects(shown, viewer, NamespaceAncestor.ancestor_id.label("scope_id"))
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == _project.id)
        .where(NamespaceAncestor.ancestor_id == scope_id)
    )
    if shown is _Shown.ANY_PROJECT:
        inside = inside.limit(1)
    found = inside.subquery()
    return select(*COLUMNS, *list(found.c)[1:]).outerjoin(found, found.c.scope_id == Namespace.id)


_project = aliased(Namespace)


def _shown_projects(
    shown: _Shown, viewer: ViewerKind, *first: ColumnElement[Any]
) -> Select[*tuple[Any, ...]]:
    """The projects that the viewer may pull from, or their packages of one name."""
    condition = and_(_project.kind == NamespaceKind.PROJECT, pullable(viewer, _project))
    if shown in _PROJECTS:
        return (
            select(*first, _project.id.label("shown_id"), _project.serial.label("shown_serial"))
            .select_from(_project)
            .where(condition)
        )
    return (
        select(
            *first,
            Package.id.label("shown_id"),
            Package.project_id.label("shown_project_id"),
            Package.serial.label("shown_serial"),
            Package.status.label("shown_status"),
            Package.status_reason.label("shown_status_reason"),
        )
        .select_from(Package)
        .join(_project, _project.id == Package.project_id)
        .where(condition, Package.normalized_name == bindparam("package"))
    )


def _resolution(lineage: list[NamespaceRecord], rows: Sequence[Any], shown: _Shown) -> Resolution:
    if shown is _Shown.NOTHING:
        return Resolution(lineage)
    # Ordered here, not by the database: the order decides the validator of a page.
    found = sorted((row for row in rows if row[0] is not None), key=lambda row: int(row[0]))
    if shown in _PROJECTS:
        return Resolution(lineage, projects=tuple(IndexedProject(*row) for row in found))
    return Resolution(lineage, packages=tuple(IndexedPackage(*row) for row in found))
