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

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    select,
    true,
    union_all,
)
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
    is_within,
    pullable,
    viewer_kind,
    viewer_parameters,
)
from pyregistry.packaging.models import Package, PackageStatus

_SEPARATOR = ","


@dataclass(frozen=True, slots=True)
class IndexedProjects:
    """The projects that an index shows, as the database put them together; false where none is.

    `ids` and `serials` hold a number for each project, in the order of the ids: texts that
    are equal where these are. An object for each of ten thousand projects would cost every
    request more than all the rest.
    """

    ids: str = ""
    serials: str = ""
    last_serial: int = 0

    def __bool__(self) -> bool:
        return bool(self.ids)

    def project_ids(self) -> list[int]:
        """The id of each project."""
        return [int(number) for number in self.ids.split(_SEPARATOR)] if self.ids else []


_NO_PROJECTS = IndexedProjects()


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
    projects: IndexedProjects = _NO_PROJECTS
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
        inside = _shown_anywhere(shown, viewer)
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
        found = _shown_inside(asked_for, shown, viewer)
        statement = select(*COLUMNS, *found.c).outerjoin(found, asked_for)
    if target is _Target.PATH:
        return statement.where(Namespace.full_path_key.in_(bindparam("keys", expanding=True)))
    above = select(NamespaceAncestor.ancestor_id).where(
        NamespaceAncestor.namespace_id == bindparam("target")
    )
    return statement.where(Namespace.id.in_(above))


_project = aliased(Namespace)


def _shown_anywhere(shown: _Shown, viewer: ViewerKind) -> Subquery:
    """What the index of the instance shows."""
    if shown in _PROJECTS:
        return _together(_projects(viewer), shown)
    named = Package.normalized_name == bindparam("package")
    return _packages(viewer).where(named).subquery()


def _shown_inside(asked_for: ColumnElement[bool], shown: _Shown, viewer: ViewerKind) -> Subquery:
    """What the index of a project or of a group's subtree shows."""
    scope_id = select(Namespace.id).where(asked_for).scalar_subquery()
    if shown in _PROJECTS:
        # A namespace is its own ancestor in the closure, so that one join serves a
        # project (itself) and a group (every project below it).
        projects = (
            _projects(viewer)
            .join(NamespaceAncestor, NamespaceAncestor.namespace_id == _project.id)
            .where(NamespaceAncestor.ancestor_id == scope_id)
        )
        return _together(projects, shown)
    name: BindParameter[str] = bindparam("package", type_=Package.normalized_name.type)
    in_project = _packages(viewer).where(
        Package.project_id == scope_id, Package.normalized_name == name
    )
    # Of a name there are few packages, and of projects in a group many: the packages of that
    # name come first, wherever they are. A project's own page must not look at those of
    # others: there is no such name where no group is asked for.
    name_in_group = (
        select(name).where(asked_for, Namespace.kind == NamespaceKind.GROUP).scalar_subquery()
    )
    in_group = _packages(viewer).where(
        Package.normalized_name == name_in_group, is_within(Package.project_id, scope_id)
    )
    return union_all(in_project, in_group).subquery()


def _projects(viewer: ViewerKind) -> Select[int, int]:
    """Every project that the viewer may pull from."""
    return (
        select(_project.id.label("shown_id"), _project.serial.label("shown_serial"))
        .select_from(_project)
        # Not "is a project": SQLite would look up every project of the instance by that.
        .where(and_(_project.kind != NamespaceKind.GROUP, pullable(viewer, _project)))
    )


def _together(projects: Select[int, int], shown: _Shown) -> Subquery:
    """The columns of `IndexedProjects`."""
    # In the order of ids, which decides the validator of a page.
    each = projects.order_by(_project.id)
    if shown is _Shown.ANY_PROJECT:
        each = projects.limit(1)
    found = each.subquery()
    return select(
        func.aggregate_strings(cast(found.c.shown_id, Text), _SEPARATOR).label("shown_ids"),
        func.aggregate_strings(cast(found.c.shown_serial, Text), _SEPARATOR).label("shown_serials"),
        func.max(found.c.shown_serial).label("shown_last_serial"),
    ).subquery()


def _packages(viewer: ViewerKind) -> Select[*tuple[Any, ...]]:
    """Every package of a project that the viewer may pull from."""
    return (
        select(
            Package.id.label("shown_id"),
            Package.project_id.label("shown_project_id"),
            Package.serial.label("shown_serial"),
            Package.status.label("shown_status"),
            Package.status_reason.label("shown_status_reason"),
        )
        .select_from(Package)
        .join(_project, _project.id == Package.project_id)
        .where(pullable(viewer, _project, few=True))
    )


def _resolution(lineage: list[NamespaceRecord], rows: Sequence[Any], shown: _Shown) -> Resolution:
    if shown is _Shown.NOTHING:
        return Resolution(lineage)
    found = [row for row in rows if row[0] is not None]
    if shown in _PROJECTS:
        return Resolution(lineage, projects=IndexedProjects(*found[0]) if found else _NO_PROJECTS)
    # Ordered here, not by the database: the order decides the validator of a page.
    ordered = sorted(found, key=lambda row: int(row[0]))
    return Resolution(lineage, packages=tuple(IndexedPackage(*row) for row in ordered))
