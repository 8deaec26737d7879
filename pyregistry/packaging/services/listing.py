"""Lists of releases as the API shows them: of a project, or of everything in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.orm import Session, defer, joinedload

from pyregistry.authnz.identity import Viewer
from pyregistry.db import Identifier
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.services.readable import pullable
from pyregistry.packaging.models import Release
from pyregistry.packaging.version_keys import version_key
from pyregistry.slices import COUNTED, Order, Slice, Window, read_slice

_MANY_PROJECTS = 5_000
"""More are not named in a statement one by one."""


class ReleaseOrder(StrEnum):
    """By what a list of releases is in order."""

    CREATED_AT = "created_at"
    NAME = "name"
    VERSION = "version"
    """As PEP 440 orders versions."""
    PROJECT_PATH = "project_path"


_COLUMNS: dict[ReleaseOrder, tuple[Any, ...]] = {
    ReleaseOrder.CREATED_AT: (Release.created_at, Release.id),
    ReleaseOrder.NAME: (Release.normalized_name, Release.id),
    ReleaseOrder.VERSION: (Release.version_key, Release.id),
    ReleaseOrder.PROJECT_PATH: (Namespace.full_path_key, Release.created_at, Release.id),
}


@dataclass(frozen=True, slots=True)
class ReleaseQuery:
    """Which releases a list shows, and in which order.

    `name_part` is a part of the normalised name, `version` any spelling of a version.
    """

    name_part: str | None = None
    version: str | None = None
    order: ReleaseOrder = ReleaseOrder.CREATED_AT
    descending: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a statement must ask for; the indexes of releases hold all of it."""
        conditions = []
        if self.name_part is not None:
            conditions.append(Release.normalized_name.contains(self.name_part, autoescape=True))
        if self.version is not None:
            conditions.append(Release.version_key == version_key(self.version))
        return conditions


def project_releases(
    session: Session, project_id: int, query: ReleaseQuery, window: Window
) -> Slice[Release]:
    """Releases of a project. At most three queries; raises as `read_slice` does."""
    statement = counted = select(Release.id).where(Release.project_id == project_id)
    if query.order is ReleaseOrder.PROJECT_PATH:
        statement = statement.join(Namespace, Namespace.id == Release.project_id)
    return _releases(session, statement, query, window, counted)


def group_releases(
    session: Session,
    group_id: int,
    viewer: Viewer,
    query: ReleaseQuery,
    window: Window,
    *,
    subgroups: bool = True,
) -> Slice[Release]:
    """Releases in the projects of a group that the viewer may pull from.

    Without `subgroups` only those of projects that lie in the group itself. At most four
    queries; raises as `read_slice` does.
    """
    projects = _projects(group_id, viewer, subgroups=subgroups)
    # Few are left of those that are chosen by name or version: no walk would soon meet them.
    walks = not query.conditions() or window.offset > COUNTED
    among = _Among.of(session, projects, walks=walks)
    counted = select(Release.id).where(among.condition(Release.project_id))
    if query.order is ReleaseOrder.PROJECT_PATH:
        statement = (
            select(Release.id)
            .join(Namespace, Namespace.id == Release.project_id)
            .where(among.condition_in_order(Namespace.id))
        )
    else:
        statement = select(Release.id).where(among.condition_in_order(Release.project_id))
    return _releases(session, statement, query, window, counted)


def _projects(group_id: int, viewer: Viewer, *, subgroups: bool) -> Select[int, int]:
    """The ids of projects, and how many files each holds."""
    projects = (
        select(Namespace.id, Namespace.files_count)
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(
            NamespaceAncestor.ancestor_id == group_id,
            Namespace.kind == NamespaceKind.PROJECT,
            pullable(viewer),
        )
    )
    return projects if subgroups else projects.where(Namespace.parent_id == group_id)


@dataclass(frozen=True, slots=True)
class _Among:
    """The condition that a project is one of some, as the databases read it fastest.

    PostgreSQL estimates right, and looks up fast, what stands in the statement itself.
    SQLite estimates nothing: of many releases it would sort all that it finds by the project.
    Where the project's column is not bare, it walks the index that is in order instead.
    """

    ids: Sequence[int] | Select[int]
    walks: bool

    @classmethod
    def of(cls, session: Session, projects: Select[int, int], *, walks: bool) -> "_Among":
        """`walks` says whether a walk in order soon meets those that are asked for."""
        found = session.execute(projects.limit(_MANY_PROJECTS + 1)).all()
        ids: Sequence[int] | Select[int] = [row[0] for row in found]
        if len(found) > _MANY_PROJECTS:
            ids = projects.with_only_columns(Namespace.id)
        # Every release has a file.
        many = sum(files for _, files in found) > COUNTED
        return cls(ids, walks and many and session.get_bind().dialect.name == "sqlite")

    def condition(self, project_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """For a statement whose rows come in any order."""
        if isinstance(self.ids, Select):
            return project_id.in_(self.ids)
        ids: BindParameter[int] = bindparam(
            "project_ids", self.ids, expanding=True, literal_execute=True
        )
        return project_id.in_(ids)

    def condition_in_order(self, project_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """For a statement whose rows come in order."""
        if self.walks:
            return self.condition(project_id + literal_column("0", Identifier))
        return self.condition(project_id)


def _releases(
    session: Session,
    statement: Select[int],
    query: ReleaseQuery,
    window: Window,
    counted: Select[int],
) -> Slice[Release]:
    """Ids first, by an index that holds all that is asked; then the rows of one page."""
    conditions = query.conditions()
    found: Slice[int] = read_slice(
        session,
        statement.where(*conditions),
        Order(_COLUMNS[query.order], query.descending),
        window,
        lambda row: row[0],
        counted=counted.where(*conditions),
    )
    return found.with_rows(_loaded(session, found.rows))


def _loaded(session: Session, release_ids: Sequence[int]) -> Sequence[Release]:
    if not release_ids:
        return []
    rows = session.scalars(
        select(Release)
        .where(Release.id.in_(release_ids))
        .options(joinedload(Release.package), defer(Release.core_metadata))
    )
    by_id = {release.id: release for release in rows}
    return [by_id[release_id] for release_id in release_ids if release_id in by_id]


def other_releases(session: Session, release: Release) -> Sequence[Row[int, str, datetime]]:
    """Ids, versions and times of creation of the other releases of a package, newest first."""
    return session.execute(
        select(Release.id, Release.version, Release.created_at)
        .where(Release.package_id == release.package_id, Release.id != release.id)
        .order_by(Release.version_key.desc())
    ).all()
