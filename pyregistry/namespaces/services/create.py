"""Creating groups and projects."""

from dataclasses import dataclass
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
from pyregistry.namespaces.names import (
    MAXIMUM_DEPTH,
    check_segment,
    checked_description,
    checked_name,
    path_key,
    path_keys,
    split_path,
)
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.instance import hold_instance_settings
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.redirects import take_path
from pyregistry.namespaces.services.visibility import check_not_above
from pyregistry.sentences import shown


@dataclass(frozen=True, slots=True)
class NewNamespace:
    """A group or project that is to be created; `path` is the last segment of its full path.

    Without a `name` it is called as its path.
    """

    path: str
    name: str | None = None
    description: str = ""
    visibility: Visibility = Visibility.PRIVATE


def create_group(
    session: Session,
    path: str,
    *,
    visibility: Visibility = Visibility.PRIVATE,
    name: str | None = None,
    description: str = "",
    actor: Actor,
    now: datetime,
) -> Namespace:
    """Create the group at the full path `path`; its parent group must exist.

    Raises `InvalidPath`, `InvalidName`, `NamespaceExists`, `NamespaceNotFound` (no such parent)
    or `TooVisible`.
    """
    segments = split_path(path)
    parent_id = _parent_id(session, segments) if len(segments) > 1 else None
    new = NewNamespace(segments[-1], name, description, visibility)
    return create_in(session, NamespaceKind.GROUP, parent_id, new, actor, now)


def create_project(
    session: Session,
    path: str,
    *,
    visibility: Visibility = Visibility.PRIVATE,
    name: str | None = None,
    description: str = "",
    actor: Actor,
    now: datetime,
) -> Namespace:
    """Create the project at the full path `path`, inside an existing group.

    Raises as `create_group` does; a path without a group is an `InvalidPath`.
    """
    segments = split_path(path)
    if len(segments) == 1:
        raise InvalidPath(
            f"A project lives in a group: create a group first, then group/{segments[0]}."
        )
    new = NewNamespace(segments[-1], name, description, visibility)
    parent_id = _parent_id(session, segments)
    return create_in(session, NamespaceKind.PROJECT, parent_id, new, actor, now)


def create_in(
    session: Session,
    kind: NamespaceKind,
    parent_id: int | None,
    new: NewNamespace,
    actor: Actor,
    now: datetime,
) -> Namespace:
    """Create a group or project in the group with the id `parent_id`; None: a group at the top.

    Who may is not asked here. Raises as `create_group` does.
    """
    check_segment(new.path)
    name = new.path if new.name is None else checked_name(new.name)
    description = checked_description(new.description)
    parent = _held_group(session, parent_id) if parent_id is not None else None
    if parent is not None:
        check_not_above(parent, new.visibility)
    full_path = _free_path(session, kind, parent, new.path)
    namespace = Namespace(
        kind=kind,
        parent_id=parent_id,
        name=name,
        path=new.path,
        full_path=full_path,
        full_path_key=path_key(full_path),
        description=description,
        visibility=new.visibility,
        packages_enabled=True,
        packages_available=_available(session, parent),
        anyone_can_pull=False,
        pulls_open=False,
        serial=0,
        packages_count=0,
        files_count=0,
        storage_bytes=0,
        creator_id=actor.user_id,
        created_at=now,
    )
    session.add(namespace)
    session.flush()
    _record_ancestors(session, namespace)
    take_path(session, full_path)
    action = Action.GROUP_CREATED if kind is NamespaceKind.GROUP else Action.PROJECT_CREATED
    change = (None, {"visibility": namespace.visibility})
    record_change(session, action, namespace, change, actor, now)
    return namespace


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


def _parent_id(session: Session, segments: list[str]) -> int:
    """The id of what is at the path above the last segment. Raises `NamespaceNotFound`."""
    path = "/".join(segments[:-1])
    parent = _find(session, path)
    if parent is None:
        raise NamespaceNotFound(f"There is no group {shown(path)}: create it first.")
    return parent.id


def _held_group(session: Session, group_id: int) -> Namespace:
    """The group as it is now, which stays so until the transaction ends.

    Raises `NamespaceNotFound`, and `InvalidPath` for a project.
    """
    lock_tree(session, group_id)
    # It may have become less visible, or gone, until the lock was held.
    group = session.get(Namespace, group_id, populate_existing=True)
    if group is None:
        raise NamespaceNotFound("There is no such group any more.")
    if group.kind is not NamespaceKind.GROUP:
        raise InvalidPath(f"{group.full_path} is a project: only a group can hold others.")
    return group


def _free_path(session: Session, kind: NamespaceKind, parent: Namespace | None, path: str) -> str:
    """The full path of something new, which nothing else has.

    Raises `InvalidPath` and `NamespaceExists`.
    """
    full_path = f"{parent.full_path}/{path}" if parent is not None else path
    segments = split_path(full_path)
    if kind is NamespaceKind.GROUP and len(segments) == MAXIMUM_DEPTH:
        raise InvalidPath(f"Groups go {MAXIMUM_DEPTH - 1} levels deep: only a project fits here.")
    if _find(session, full_path) is not None:
        # What has it may be hidden from who asks.
        raise NamespaceExists(f"The path {shown(full_path)} is taken: choose another.")
    return full_path


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
