"""Which projects a viewer may pull from, as a condition in a query.

It must say what the access control lists say; a test compares the two over every
role and visibility.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import READER_ROLE, Role
from pyregistry.namespaces.models import (
    Membership,
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
    Visibility,
)
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord


def pullable(viewer: Viewer, project: Any = Namespace) -> ColumnElement[bool]:
    """The condition that `project` (the model or an alias) may be pulled from by `viewer`."""
    if viewer.is_admin:
        return true()
    return or_(project.anyone_can_pull, visible(viewer, READER_ROLE, project))


def visible(viewer: Viewer, least_role: Role, namespace: Any = Namespace) -> ColumnElement[bool]:
    """The condition that a namespace's visibility or a role of at least `least_role` shows it."""
    if viewer.is_admin:
        return true()
    conditions = [namespace.visibility == Visibility.PUBLIC]
    if viewer.is_internal:
        conditions.append(namespace.visibility == Visibility.INTERNAL)
    if viewer.user_id is not None:
        conditions.append(
            exists(
                select(Membership.id)
                .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Membership.namespace_id)
                .where(
                    NamespaceAncestor.namespace_id == namespace.id,
                    Membership.user_id == viewer.user_id,
                    Membership.role >= int(least_role),
                    unexpired(viewer.now),
                )
                .correlate(namespace)
            )
        )
    return or_(*conditions)


def unexpired(now: datetime) -> ColumnElement[bool]:
    """The condition that a membership holds at `now`."""
    return or_(Membership.expires_at.is_(None), Membership.expires_at > now)


def visible_children(
    session: Session, viewer: Viewer, parent_id: int | None, *, limit: int, after: str = ""
) -> list[NamespaceRecord]:
    """The groups and projects directly in a group (or at the top) that `viewer` may see.

    Groups come first, then projects, by path; a page of at most `limit`, after the
    `kind/path` key `after`. A group is shown, too, where something in it is the viewer's.
    """
    statement: Select[*tuple[Any, ...]] = select(*COLUMNS).where(
        Namespace.parent_id.is_(None) if parent_id is None else Namespace.parent_id == parent_id,
        or_(visible(viewer, Role.GUEST), _visited(viewer)),
    )
    order = Namespace.kind + "/" + func.lower(Namespace.path)
    if after:
        statement = statement.where(order > after)
    rows = session.execute(statement.order_by(order).limit(limit))
    return [NamespaceRecord.of(row) for row in rows]


def _visited(viewer: Viewer) -> ColumnElement[bool]:
    """A group above a membership of the viewer's."""
    if viewer.user_id is None or viewer.is_admin:
        return true() if viewer.is_admin else Namespace.id.is_(None)
    return and_(
        Namespace.kind == NamespaceKind.GROUP,
        exists(
            select(Membership.id)
            .join(NamespaceAncestor, NamespaceAncestor.namespace_id == Membership.namespace_id)
            .where(
                NamespaceAncestor.ancestor_id == Namespace.id,
                Membership.user_id == viewer.user_id,
                unexpired(viewer.now),
            )
            .correlate(Namespace)
        ),
    )
