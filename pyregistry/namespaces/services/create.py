"""Creating groups and projects."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.errors import (
    InvalidPath,
    NamespaceExists,
    NamespaceNotFound,
)
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind, Visibility
from pyregistry.namespaces.names import MAXIMUM_DEPTH, path_key, path_keys, split_path
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.instance import hold_instance_settings
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.redirects import take_path
from pyregistry.namespaces.services.visibility import check_not_above
from pyregistry.sentences import shown


def create_group(
    session: Session,
    path: str,
    *,
    visibility: Visibility = Visibility.PRIVATE,
    creator_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Namespace:
    """Create the group at the full path `path`; its parent group must exist.

    Raises `InvalidPath`, `NamespaceExists`, `NamespaceNotFound` (no such parent) or
    `TooVisible`.
    """
    group = _create(session, NamespaceKind.GROUP, path, visibility, creator_id, now)
    _record(session, Action.GROUP_CREATED, group, actor, now)
    return group


def create_project(
    session: Session,
    path: str,
    *,
    visibility: Visibility = Visibility.PRIVATE,
    creator_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Namespace:
    """Create the project at the full path `path`, inside an existing group.

    Raises as `create_group` does; a path without a group is an `InvalidPath`.
    """
    project = _create(session, NamespaceKind.PROJECT, path, visibility, creator_id, now)
    _record(session, Action.PROJECT_CREATED, project, actor, now)
    return project


def find(session: Session, path: str) -> Namespace:
    """The namespace at a full path, whatever its case. Raises `NamespaceNotFound`."""
    namespace = _find(session, path)
    if namespace is None:
        raise NamespaceNotFound(f"There is no group or project {shown(path)}.")
    return namespace


def _find(session: Session, path: str) -> Namespace | None:
    segments = path.strip("/").split("/")
    keys = path_keys(segments)
    if len(keys) < len(segments):
        return None
    return session.scalars(
        select(Namespace).where(Namespace.full_path_key == keys[-1])
    ).one_or_none()


def _create(
    session: Session,
    kind: NamespaceKind,
    path: str,
    visibility: Visibility,
    creator_id: int | None,
    now: datetime,
) -> Namespace:
    segments = split_path(path)
    if kind is NamespaceKind.GROUP and len(segments) == MAXIMUM_DEPTH:
        raise InvalidPath(f"Groups go {MAXIMUM_DEPTH - 1} levels deep: only a project fits here.")
    parent = _parent(session, segments, kind)
    if parent is not None:
        lock_tree(session, parent.id)
        session.refresh(parent)  # it may have become less visible until the lock was held
        check_not_above(parent, visibility)
    full_path = "/".join([*([parent.full_path] if parent else []), segments[-1]])
    taken = _find(session, full_path)
    if taken is not None:
        raise NamespaceExists(f"The {taken.kind} {taken.full_path} already exists.")
    namespace = Namespace(
        kind=kind,
        parent_id=parent.id if parent else None,
        name=segments[-1],
        path=segments[-1],
        full_path=full_path,
        full_path_key=path_key(full_path),
        description="",
        visibility=visibility,
        packages_enabled=True,
        packages_available=_available(session, parent),
        anyone_can_pull=False,
        pulls_open=False,
        serial=0,
        packages_count=0,
        files_count=0,
        storage_bytes=0,
        creator_id=creator_id,
        created_at=now,
    )
    session.add(namespace)
    session.flush()
    _record_ancestors(session, namespace)
    take_path(session, full_path)
    return namespace


def _parent(session: Session, segments: list[str], kind: NamespaceKind) -> Namespace | None:
    if len(segments) == 1:
        if kind is NamespaceKind.PROJECT:
            raise InvalidPath(
                f"A project lives in a group: create a group first, then group/{segments[0]}."
            )
        return None
    path = "/".join(segments[:-1])
    parent = _find(session, path)
    if parent is None:
        raise NamespaceNotFound(f"There is no group {shown(path)}: create it first.")
    if parent.kind is not NamespaceKind.GROUP:
        raise InvalidPath(f"{parent.full_path} is a project: only a group can hold others.")
    return parent


def _available(session: Session, parent: Namespace | None) -> bool:
    """Whether the package registry is turned on in all that a new namespace will be in."""
    if parent is not None:
        return parent.packages_available
    # Held: the instance may be being turned off, with all groups but this one.
    return hold_instance_settings(session).packages_enabled


def _record_ancestors(session: Session, namespace: Namespace) -> None:
    session.add(NamespaceAncestor(namespace_id=namespace.id, ancestor_id=namespace.id, depth=0))
    if namespace.parent_id is not None:
        above = session.scalars(
            select(NamespaceAncestor).where(NamespaceAncestor.namespace_id == namespace.parent_id)
        ).all()
        session.add_all(
            NamespaceAncestor(
                namespace_id=namespace.id, ancestor_id=row.ancestor_id, depth=row.depth + 1
            )
            for row in above
        )
    session.flush()


def _record(
    session: Session, action: Action, namespace: Namespace, actor: Actor, now: datetime
) -> None:
    change = (None, {"visibility": namespace.visibility})
    record_change(session, action, namespace, change, actor, now)
