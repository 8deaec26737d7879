"""Moving a project to another group, and a group with everything in it to another place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.limits.services.read import check_moved_fits
from pyregistry.limits.services.stored import count_moved
from pyregistry.members.errors import LastOwner, RoleTooLow
from pyregistry.members.services.authority import (
    Granter,
    check_may_be_at_top,
    check_owner,
    managing_role,
)
from pyregistry.members.services.roles import ownership
from pyregistry.namespaces.errors import InvalidMove, NamespaceNotFound
from pyregistry.namespaces.models import (
    InstanceSettings,
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
)
from pyregistry.namespaces.services.availability import make_available, make_unavailable
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.instance import hold_instance_settings
from pyregistry.namespaces.services.locking import lock_subtree, lock_trees
from pyregistry.namespaces.services.paths import change_path
from pyregistry.namespaces.services.subtrees import is_below
from pyregistry.namespaces.services.visibility import check_not_above
from pyregistry.packaging.models import Package
from pyregistry.packaging.services.serials import next_serial
from pyregistry.packaging.services.shadows import check_replaces_nothing
from pyregistry.protection.services.moves import check_may_bring, leave_prefixes
from pyregistry.tree.services.credentials import revoke_jobs_of_strangers

_ACTIONS = {
    NamespaceKind.GROUP: Action.GROUP_TRANSFERRED,
    NamespaceKind.PROJECT: Action.PROJECT_TRANSFERRED,
}


@dataclass(frozen=True, slots=True)
class _Change:
    """The groups that a namespace leaves, and those that it comes into; not those of both."""

    left: frozenset[int]
    entered: frozenset[int]


def transfer(
    session: Session, namespace_id: int, group_id: int | None, by: Granter, now: datetime
) -> Namespace:
    """Move a group or project, with everything below it, into a group; None: to the top level.

    Its own members stay, and those by a group above go. The old path leads on until something
    else takes it. Raises `NamespaceNotFound` where either is gone; `RoleTooLow` for who is no
    Owner any more, may not create in the group, or brings what lets anyone pull without being
    Owner there; `GroupsForAdministrators` for who may not be at the top level; `InvalidMove` for
    a place where it is or cannot be; `TooVisible`; `LastOwner` where nobody would be left as
    Owner; `MovedOverQuota` for what a group that it comes into has no room for; `PrefixInUse` for
    packages whose names are reserved there; `FilesReplaced`; and as `change_path` does.
    """
    # Before any lock on a tree: what everything at the top level depends on.
    instance = hold_instance_settings(session) if group_id is None else None
    lock_trees(session, {namespace_id} if group_id is None else {namespace_id, group_id})
    check_owner(session, namespace_id, by, now)
    namespace = session.get_one(Namespace, namespace_id, populate_existing=True)
    group = _group(session, group_id)
    if instance is not None:
        check_may_be_at_top(session, instance, by)
    if group is not None:
        role = managing_role(session, group.id, by, now, what=f"the group {group.full_path}")
        if role < Role.OWNER:
            _check_lets_nobody_pull(session, namespace_id)
    _check_place(session, namespace, group)
    serial = next_serial(session)
    lock_subtree(session, namespace_id)
    old_parent, before = _group(session, namespace.parent_id), namespace.full_path
    details = _move(session, namespace, group, now)
    _touch(session, namespace_id, serial)
    change_path(
        session, namespace, f"{group.full_path}/{namespace.path}" if group else namespace.path, now
    )
    _set_available(session, namespace_id, _packages_above(group, instance))
    _record(session, namespace, old_parent, before, by.actor, now, details)
    return namespace


def _move(
    session: Session, namespace: Namespace, group: Namespace | None, now: datetime
) -> dict[str, int]:
    """Set what is above, and what follows from that; say how much was lost by it."""
    owned = ownership(session, namespace.id, now)
    change = _rewrite_ancestors(session, namespace, group)
    if ownership(session, namespace.id, now) < owned:
        raise LastOwner(
            f"{namespace.full_path} would be left without an Owner: make somebody Owner of it "
            "first, without an end."
        )
    size = count_moved(session, namespace.id, change.left, change.entered)
    check_moved_fits(session, size, change.entered, namespace.id)
    check_may_bring(session, namespace.id, change.entered)
    check_replaces_nothing(session, namespace.id, change.entered)
    return {
        "prefixes_left": leave_prefixes(session, namespace.id, change.left),
        "job_tokens_revoked": revoke_jobs_of_strangers(session, namespace.id, change.left, now),
    }


def _check_lets_nobody_pull(session: Session, namespace_id: int) -> None:
    """Raise `RoleTooLow` where a project below lets anyone pull: its new Owners decide that."""
    path = session.scalars(
        select(Namespace.full_path)
        .where(is_below(namespace_id), Namespace.anyone_can_pull)
        .limit(1)
    ).first()
    if path is not None:
        raise RoleTooLow(
            f"{path} lets anyone pull: only an Owner of the group that it comes to moves it there."
        )


def _packages_above(group: Namespace | None, instance: InstanceSettings | None) -> bool:
    if group is not None:
        return group.packages_available
    return instance is not None and instance.packages_enabled


def _set_available(session: Session, namespace_id: int, available: bool) -> None:
    """Say anew of all that was moved whether it has a package registry."""
    make_unavailable(session, namespace_id)
    if available:
        make_available(session, namespace_id)


def _group(session: Session, group_id: int | None) -> Namespace | None:
    if group_id is None:
        return None
    group = session.get(Namespace, group_id, populate_existing=True)
    if group is None:
        raise NamespaceNotFound("There is no such group any more.")
    return group


def _check_place(session: Session, namespace: Namespace, group: Namespace | None) -> None:
    if namespace.parent_id == (group.id if group else None):
        raise InvalidMove(f"{namespace.full_path} is there already.")
    if group is None:
        if namespace.kind is NamespaceKind.PROJECT:
            raise InvalidMove("A project lives in a group: name the one to move it to.")
        return
    if group.kind is not NamespaceKind.GROUP:
        raise InvalidMove(f"{group.full_path} is a project: only a group can hold others.")
    inside = session.get(NamespaceAncestor, (group.id, namespace.id))
    if inside is not None:
        raise InvalidMove(f"{namespace.full_path} cannot be moved into itself.")
    check_not_above(group, namespace.visibility)


def _rewrite_ancestors(session: Session, namespace: Namespace, group: Namespace | None) -> _Change:
    """Set the parent, and the closure of everything below; say what has changed above."""
    before = _above(session, namespace.id)
    session.execute(
        delete(NamespaceAncestor).where(
            is_below(namespace.id, NamespaceAncestor.namespace_id),
            NamespaceAncestor.ancestor_id.in_(before),
        ),
        execution_options={"synchronize_session": False},
    )
    namespace.parent_id = group.id if group else None
    session.flush()
    after: Collection[int] = ()
    if group is not None:
        lower, upper = aliased(NamespaceAncestor), aliased(NamespaceAncestor)
        session.execute(
            insert(NamespaceAncestor).from_select(
                ["namespace_id", "ancestor_id", "depth"],
                select(lower.namespace_id, upper.ancestor_id, lower.depth + upper.depth + 1)
                .join(upper, upper.namespace_id == group.id)
                .where(lower.ancestor_id == namespace.id),
            )
        )
        after = _above(session, namespace.id)
    session.expire_all()
    return _Change(frozenset(before) - frozenset(after), frozenset(after) - frozenset(before))


def _above(session: Session, namespace_id: int) -> Collection[int]:
    return session.scalars(
        select(NamespaceAncestor.ancestor_id).where(
            NamespaceAncestor.namespace_id == namespace_id, NamespaceAncestor.depth > 0
        )
    ).all()


def _touch(session: Session, namespace_id: int, serial: int) -> None:
    """Give all packages the serial: the index of a group that they come into is a new one."""
    for statement in (
        update(Package).where(is_below(namespace_id, Package.project_id)),
        update(Namespace).where(is_below(namespace_id), Namespace.packages_count > 0),
    ):
        session.execute(
            statement.values(serial=serial), execution_options={"synchronize_session": False}
        )
    session.expire_all()


def _record(
    session: Session,
    namespace: Namespace,
    old_parent: Namespace | None,
    before: str,
    actor: Actor,
    now: datetime,
    details: dict[str, int],
) -> None:
    action = _ACTIONS[namespace.kind]
    change = ({"full_path": before}, {"full_path": namespace.full_path})
    record_change(session, action, namespace, change, actor, now, **details)
    if old_parent is not None:
        # Its Owners see the namespace no more: what became of it is told to them, too.
        record_change(session, action, old_parent, change, actor, now, **details)
