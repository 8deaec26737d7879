"""Every file of a name that an index could show to somebody, with the reasons that decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, null, or_, select, true
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.explain import reasons
from pyregistry.explain.reasons import Reason, Standing
from pyregistry.namespaces.models import (
    InstanceSettings,
    Membership,
    Namespace,
    NamespaceAncestor,
)
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.readable import has_role, pullable, unexpired
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.packaging.models import File, Package, Release
from pyregistry.packaging.services.lookup import Wanted, resolve_id, resolve_instance
from pyregistry.packaging.services.queries import OldestUpload, oldest_uploads
from pyregistry.protection.services.check import push_protection
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class Subject:
    """To whom the index is shown."""

    viewer: Viewer
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Which files, in the index of `scope` (None: the instance's), and what the asker may know.

    `asker` is told of the files that they may pull themselves, and of those that they could
    where they may turn the package registry on; of protection with `tells_protection`.
    """

    scope: NamespaceRecord | None
    package: str
    """A normalised name."""
    asker: Viewer
    subject: Subject
    filename: str | None = None
    canonical_version: str | None = None
    tells_protection: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedFile:
    """A file of a project, whether the index shows it to the subject, and why."""

    id: int
    filename: str
    sha256: str
    uploaded_at: datetime
    version: str
    project_id: int
    project_path: str
    shown: bool
    reasons: list[Reason]


def explain(session: Session, question: Question, window: Window) -> Slice[ExplainedFile]:
    """The files of a window, ordered by filename and age, in a constant number of queries.

    What is shown comes from the look-up that the index itself uses; only the reasons are told
    here. Raises `Invalid` for a wrong cursor.
    """
    order = Order((File.filename.expression, File.id.expression))
    found = read_slice(session, _candidates(question), order, window, lambda row: row)
    reasoning = _reasoning(session, question, found.rows)
    rows = [_explained(row, question.subject, reasoning) for row in found.rows]
    return Slice(rows, found.follows, found.total, found.cursor)


@dataclass(frozen=True, slots=True)
class _Reasoning:
    """What decides about several files at once."""

    offering: set[int]
    """The packages whose files the index offers to the subject."""
    oldest: dict[str, OldestUpload]
    """What the index shows, by filename."""
    turned_off: dict[int, Reason]
    """By project."""
    protection: dict[int, tuple[str, str]]


def _reasoning(session: Session, question: Question, rows: Sequence[Any]) -> _Reasoning:
    offering = _offering(session, question)
    projects = {row.project_id for row in rows} if question.tells_protection else set()
    return _Reasoning(
        offering,
        oldest_uploads(session, offering, {row.filename for row in rows}),
        _turned_off(session, {row.project_id for row in rows if not row.packages_available}),
        push_protection(session, projects, question.package),
    )


def _explained(row: Any, subject: Subject, reasoning: _Reasoning) -> ExplainedFile:
    told = reasons.of_access(_standing(subject, row))
    if row.project_id in reasoning.turned_off:
        told.append(reasoning.turned_off[row.project_id])
    told += reasons.of_status(row.status, row.status_reason)
    first = reasoning.oldest.get(row.filename)
    shown = first is not None and first.id == row.id
    if first is not None and not shown and row.package_id in reasoning.offering:
        told.append(reasons.of_shadow(first.project_path))
    if row.yanked:
        told.append(reasons.of_yanking(row.yanked_reason))
    if row.requires_python:
        told.append(reasons.of_python(row.requires_python))
    if row.project_id in reasoning.protection:
        told.append(reasons.of_protection(*reasoning.protection[row.project_id]))
    return ExplainedFile(
        id=row.id,
        filename=row.filename,
        sha256=row.sha256,
        uploaded_at=row.uploaded_at,
        version=row.version,
        project_id=row.project_id,
        project_path=row.full_path,
        shown=shown,
        reasons=told,
    )


def _offering(session: Session, question: Question) -> set[int]:
    """The packages whose files the index offers to the subject."""
    subject, scope = question.subject, question.scope
    if subject.is_blocked:
        return set()
    wanted = Wanted(question.package)
    if scope is None:
        resolution = resolve_instance(session, subject.viewer, wanted)
    else:
        resolution = resolve_id(session, scope.id, scope.kind, subject.viewer, wanted)
    return {package.id for package in resolution.packages if package.status.offers_files}


def _candidates(question: Question) -> Select[*tuple[Any, ...]]:
    """The files that the asker may know of, with what decides whether the subject may pull."""
    viewer = question.subject.viewer
    statement = (
        select(
            File.id,
            File.filename,
            File.sha256,
            File.uploaded_at,
            Release.version,
            File.project_id,
            Namespace.full_path,
            File.package_id,
            File.requires_python,
            Release.yanked,
            Release.yanked_reason,
            Package.status,
            Package.status_reason,
            Namespace.visibility,
            Namespace.pulls_open,
            Namespace.packages_available,
            _highest_role(viewer).label("role"),
            _belongs_to(viewer).label("holds_token"),
        )
        .join(Package, Package.id == File.package_id)
        .join(Release, Release.id == File.release_id)
        .join(Namespace, Namespace.id == File.project_id)
        .where(Package.normalized_name == question.package, _known_to(question.asker))
    )
    if question.scope is not None:
        statement = statement.where(is_below(question.scope.id, File.project_id))
    if question.filename is not None:
        statement = statement.where(File.filename == question.filename)
    if question.canonical_version is not None:
        statement = statement.where(Release.canonical_version == question.canonical_version)
    return statement


def _known_to(asker: Viewer) -> ColumnElement[bool]:
    """The condition that a project's packages are there for the asker.

    Where the package registry is turned off, they are for those who may turn it on again: who
    owns everything above that is turned off.
    """
    if asker.is_admin:
        return true()
    off = aliased(Namespace)
    beyond = exists(
        select(off.id)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == off.id)
        .where(
            NamespaceAncestor.namespace_id == Namespace.id,
            not_(off.packages_enabled),
            not_(has_role(asker, Role.OWNER, off)),
        )
        .correlate(Namespace)
    )
    turns_on = and_(
        not_(Namespace.packages_available),
        select(InstanceSettings.packages_enabled).scalar_subquery(),
        not_(beyond),
    )
    return or_(pullable(asker), turns_on)


def _highest_role(viewer: Viewer) -> ColumnElement[Any]:
    if viewer.user_id is None:
        return null()
    return (
        select(func.max(Membership.role))
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Membership.namespace_id)
        .where(
            NamespaceAncestor.namespace_id == Namespace.id,
            Membership.user_id == viewer.user_id,
            unexpired(viewer.now),
        )
        .correlate(Namespace)
        .scalar_subquery()
    )


def _belongs_to(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that the viewer is a token of the project, or of a group above it."""
    return exists(
        select(NamespaceAncestor.namespace_id)
        .where(
            NamespaceAncestor.namespace_id == Namespace.id,
            NamespaceAncestor.ancestor_id == viewer.namespace_id,
        )
        .correlate(Namespace)
    )


def _standing(subject: Subject, row: Any) -> Standing:
    return Standing(
        is_admin=subject.viewer.is_admin,
        is_internal=subject.viewer.is_internal,
        is_blocked=subject.is_blocked,
        holds_token=bool(row.holds_token),
        role=None if row.role is None else Role(row.role),
        visibility=row.visibility,
        pulls_open=row.pulls_open,
    )


def _turned_off(session: Session, project_ids: Collection[int]) -> dict[int, Reason]:
    """Of projects without a package registry, where it is turned off."""
    if not project_ids:
        return {}
    rows = session.execute(
        select(NamespaceAncestor.namespace_id, Namespace.full_path)
        .join(Namespace, Namespace.id == NamespaceAncestor.ancestor_id)
        .where(NamespaceAncestor.namespace_id.in_(project_ids), not_(Namespace.packages_enabled))
        .order_by(Namespace.full_path_key)
    )
    places: dict[int, list[str]] = {project_id: [] for project_id in project_ids}
    for project_id, path in rows:
        places[project_id].append(path)
    of_instance = not session.scalars(select(InstanceSettings.packages_enabled)).one()
    return {
        project_id: reasons.of_turning_off(paths, of_instance=of_instance)
        for project_id, paths in places.items()
    }
