"""Which namespaces a viewer may see and pull from, as conditions in a query.

It must say what the access control lists say; a test compares the two over every
role and visibility.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    false,
    literal_column,
    or_,
    select,
    true,
)

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


@dataclass(frozen=True, slots=True)
class ViewerKind:
    """As much of a viewer as decides the form of a condition, and not its values.

    A statement with a condition for a kind can be built once and run for every viewer of
    that kind, with `viewer_parameters`.
    """

    is_admin: bool
    is_internal: bool
    is_user: bool
    is_namespace: bool

    @property
    def user_id(self) -> BindParameter[int] | None:
        """Where the user's id goes; None for nobody."""
        return bindparam("viewer_id", type_=Identifier) if self.is_user else None

    @property
    def namespace_id(self) -> BindParameter[int] | None:
        """Where the id of the namespace goes that the viewer reads; None for users and nobody."""
        return bindparam("viewer_namespace_id", type_=Identifier) if self.is_namespace else None

    @property
    def now(self) -> BindParameter[datetime]:
        """Where the moment of the request goes."""
        return bindparam("viewer_now", type_=UTCDateTime)


def viewer_kind(viewer: Viewer) -> ViewerKind:
    """The kind of a viewer."""
    return ViewerKind(
        viewer.is_admin,
        viewer.is_internal,
        viewer.user_id is not None,
        viewer.namespace_id is not None,
    )


def viewer_parameters(viewer: Viewer) -> dict[str, Any]:
    """The values for a statement that was built for the viewer's kind."""
    if viewer.is_admin:
        return {}
    if viewer.namespace_id is not None:
        return {"viewer_namespace_id": viewer.namespace_id}
    if viewer.user_id is None:
        return {}
    return {"viewer_id": viewer.user_id, "viewer_now": viewer.now}


def pullable(
    viewer: Viewer | ViewerKind, project: Any = Namespace, *, few: bool = False
) -> ColumnElement[bool]:
    """The condition that `project` (the model or an alias) may be pulled from by `viewer`.

    Of `few`, see `visible`.
    """
    if viewer.is_admin:
        return cast(ColumnElement[bool], project.packages_available)
    return and_(
        project.packages_available,
        or_(project.pulls_open, visible(viewer, READER_ROLE, project, few=few)),
    )


def readable(viewer: Viewer | ViewerKind, project: Any = Namespace) -> ColumnElement[bool]:
    """The condition that the pages of the packages of `project` may be read by `viewer`."""
    return and_(project.packages_available, visible(viewer, READER_ROLE, project))


def visible(
    viewer: Viewer | ViewerKind, least_role: Role, namespace: Any = Namespace, *, few: bool = False
) -> ColumnElement[bool]:
    """The condition that a namespace's visibility or a role of at least `least_role` shows it.

    It reads all memberships of the viewer once, and is for many namespaces. Where it is asked
    of a `few`, it looks up the memberships in them and in the groups above them instead: to
    read thousands would cost more than all the rest.
    """
    if viewer.is_admin:
        return true()
    conditions = [namespace.visibility == Visibility.PUBLIC]
    if viewer.is_internal:
        conditions.append(namespace.visibility == Visibility.INTERNAL)
    if viewer.namespace_id is not None:
        # A token of the namespace acts in it with a role that reads everything.
        conditions.append(
            exists(
                select(NamespaceAncestor.namespace_id)
                .where(
                    NamespaceAncestor.namespace_id == namespace.id,
                    NamespaceAncestor.ancestor_id == viewer.namespace_id,
                )
                .correlate(namespace)
            )
        )
    if viewer.user_id is not None:
        held = _of_members(viewer, least_role)
        above = _not_looked_up(NamespaceAncestor.ancestor_id)
        found = select(NamespaceAncestor.namespace_id).where(
            NamespaceAncestor.namespace_id == namespace.id,
            exists(held.where(Membership.namespace_id == above).correlate(NamespaceAncestor))
            if few
            else above.in_(held),
        )
        conditions.append(exists(found.correlate(namespace)))
    return or_(*conditions)


def has_role(viewer: Viewer, least_role: Role, namespace: Any = Namespace) -> ColumnElement[bool]:
    """The condition that a user has a role of at least `least_role`, there or in a group above.

    It begins at the user's memberships, which are few: what others have is not looked at.
    """
    if viewer.user_id is None:
        return false()
    return cast(
        ColumnElement[bool],
        namespace.id.in_(
            select(NamespaceAncestor.namespace_id).where(
                NamespaceAncestor.ancestor_id.in_(_of_members(viewer, least_role))
            )
        ),
    )


def visited(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that a namespace is a group above a membership of the viewer's.

    Its members must see it to find the way.
    """
    if viewer.user_id is None:
        return false()
    return and_(
        Namespace.kind == NamespaceKind.GROUP,
        Namespace.id.in_(
            select(NamespaceAncestor.ancestor_id).where(
                NamespaceAncestor.namespace_id.in_(_of_members(viewer, Role.GUEST))
            )
        ),
    )


def _of_members(viewer: Viewer | ViewerKind, least_role: Role) -> Select[int]:
    """The ids of the namespaces in which the user has a role of their own: read once."""
    return select(Membership.namespace_id).where(
        Membership.user_id == viewer.user_id,
        Membership.role >= int(least_role),
        unexpired(viewer.now),
    )


def is_within(
    namespace_id: SQLColumnExpression[int], scope_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """The condition that a namespace is `scope_id` or below it, asked of a few namespaces.

    A value, and not EXISTS: PostgreSQL would make that a join, and look at every namespace of
    the scope first.
    """
    return (
        select(NamespaceAncestor.ancestor_id)
        .where(
            NamespaceAncestor.namespace_id == namespace_id,
            NamespaceAncestor.ancestor_id == scope_id,
        )
        .scalar_subquery()
        .is_not(None)
    )


def _not_looked_up(column: SQLColumnExpression[int]) -> SQLColumnExpression[int]:
    """The column in a form for which no index is used.

    The few groups above a namespace are looked for among a user's memberships. By an index
    SQLite would look for each membership among them, at every namespace.
    """
    return column + literal_column("0", Identifier)


def unexpired(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The condition that a membership holds at `now`."""
    return or_(Membership.expires_at.is_(None), Membership.expires_at > now)
