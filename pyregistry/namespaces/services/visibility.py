"""Changing who may see a group or project without being a member."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.errors import NotVisibleEnough, TooVisible
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, Visibility
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.locking import lock_tree

_NAMED = 3


def set_visibility(
    session: Session, namespace_id: int, visibility: Visibility, actor: Actor, now: datetime
) -> Namespace:
    """Make a group or project visible to more people or to fewer.

    Raises `TooVisible` for what is above the visibility of its group, and
    `NotVisibleEnough` for a group that holds something more visible.
    """
    lock_tree(session, namespace_id)
    namespace = session.get_one(Namespace, namespace_id, populate_existing=True)
    before = namespace.visibility
    if visibility is before:
        return namespace
    if namespace.parent_id is not None:
        parent = session.get_one(Namespace, namespace.parent_id, populate_existing=True)
        check_not_above(parent, visibility)
    _check_not_below(session, namespace, visibility)
    namespace.visibility = visibility
    session.flush()
    change = ({"visibility": before}, {"visibility": visibility})
    record_change(session, Action.VISIBILITY_CHANGED, namespace, change, actor, now)
    return namespace


def check_not_above(group: Namespace, visibility: Visibility) -> None:
    """Raise `TooVisible` where something in the group would be more visible than the group."""
    if visibility.rank > group.visibility.rank:
        raise TooVisible(
            f"The group {group.full_path} is {group.visibility}: what is in it cannot be "
            f"{visibility}."
        )


def _check_not_below(session: Session, namespace: Namespace, visibility: Visibility) -> None:
    above = [other for other in Visibility if other.rank > visibility.rank]
    rows = session.execute(
        select(Namespace.full_path, func.count().over())
        .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Namespace.id)
        .where(
            NamespaceAncestor.ancestor_id == namespace.id,
            NamespaceAncestor.depth > 0,
            Namespace.visibility.in_(above),
        )
        .order_by(Namespace.full_path_key)
        .limit(_NAMED)
    ).all()
    if not rows:
        return
    names = [path for path, _ in rows]
    if rows[0][1] > _NAMED:
        names.append(f"{rows[0][1] - _NAMED} more")
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    raise NotVisibleEnough(
        f"{namespace.full_path} cannot be {visibility}: change first what is more visible in it, "
        f"{listed}."
    )
