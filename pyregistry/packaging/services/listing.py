"""Lists of releases as the API shows them: of a project, or of everything in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    bindparam,
    false,
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
    statement = select(Release.id).where(Release.project_id == project_id)
    if query.order is ReleaseOrder.PROJECT_PATH:
        statement = statement.join(Namespace, Namespace.id == Release.project_id)
    return _releases(session, statement, query, window)


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
    statement = select(Release.id)
    project_id: SQLColumnExpression[int] = Release.project_id
    if query.order is ReleaseOrder.PROJECT_PATH:
        statement = statement.join(Namespace, Namespace.id == Release.project_id)
        project_id = Namespace.id
    # Few are left of those that are chosen by name or version: no walk would soon meet them.
    walks = not query.conditions() or window.offset > COUNTED
    among = _among(session, project_id, projects, walks=walks)
    return _releases(session, statement.where(among), query, window)


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


def _among(
    session: Session,
    project_id: SQLColumnExpression[int],
    projects: Select[int, int],
    *,
    walks: bool,
) -> ColumnElement[bool]:
    """The condition that a project is one of these, as the databases read it fastest.

    PostgreSQL estimates right, and looks up fast, what stands in the statement itself.
    SQLite estimates nothing: of many releases it would sort all that it finds by the project;
    where the project's column is not bare, it `walks` the index that is in order instead.
    """
    found = session.execute(projects.limit(_MANY_PROJECTS + 1)).all()
    if not found:
        return false()
    if walks and session.get_bind().dialect.name == "sqlite" and _are_many(found):
        project_id = project_id + literal_column("0", Identifier)
    if len(found) > _MANY_PROJECTS:
        return project_id.in_(projects.with_only_columns(Namespace.id))
    ids = [row[0] for row in found]
    return project_id.in_(bindparam("project_ids", ids, expanding=True, literal_execute=True))


def _are_many(projects: Sequence[Row[int, int]]) -> bool:
    """Whether the projects hold many files, and so, more or less, many releases."""
    return sum(files for _, files in projects) > COUNTED


def _releases(
    session: Session, statement: Select[int], query: ReleaseQuery, window: Window
) -> Slice[Release]:
    """Ids first, by an index that holds all that is asked; then the rows of one page."""
    order = Order(_COLUMNS[query.order], query.descending)
    found: Slice[int] = read_slice(
        session, statement.where(*query.conditions()), order, window, lambda row: row[0]
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
