"""Which projects a viewer may pull from, as a condition in a query.

It must say what the access control lists say; a test compares the two over every
role and visibility.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import READER_ROLE, Role
from pyregistry.db import Identifier, UTCDateTime
from pyregistry.namespaces.models import (
    Membership,
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
    Visibility,
)
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord


@dataclass(frozen=True, slots=True)
class ViewerKind:
    """As much of a viewer as decides the form of a condition, and not its values.

    A statement with a condition for a kind can be built once and run for every viewer of
    that kind, with `viewer_parameters`.
    """

    is_admin: bool
    is_internal: bool
    is_user: bool

    @property
    def user_id(self) -> BindParameter[int] | None:
        """Where the user's id goes; None for nobody."""
        return bindparam("viewer_id", type_=Identifier) if self.is_user else None

    @property
    def now(self) -> BindParameter[datetime]:
        """Where the moment of the request goes."""
        return bindparam("viewer_now", type_=UTCDateTime)


def viewer_kind(viewer: Viewer) -> ViewerKind:
    """The kind of a viewer."""
    return ViewerKind(viewer.is_admin, viewer.is_internal, viewer.user_id is not None)


def viewer_parameters(viewer: Viewer) -> dict[str, Any]:
    """The values for a statement that was built for the viewer's kind."""
    if viewer.is_admin or viewer.user_id is None:
        return {}
    return {"viewer_id": viewer.user_id, "viewer_now": viewer.now}


def pullable(viewer: Viewer | ViewerKind, project: Any = Namespace) -> ColumnElement[bool]:
    """The condition that `project` (the model or an alias) may be pulled from by `viewer`."""
    if viewer.is_admin:
        return true()
    return or_(project.anyone_can_pull, visible(viewer, READER_ROLE, project))


def visible(
    viewer: Viewer | ViewerKind, least_role: Role, namespace: Any = Namespace
) -> ColumnElement[bool]:
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


def unexpired(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
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
