"""Loading a user with all principals, in the one query that also proves who they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, func

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Credential, Identity, principals_of
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, NamespaceAncestor
from pyregistry.namespaces.services.readable import unexpired

USER_COLUMNS = (
    User.id.label("user_id"),
    User.username,
    User.is_admin,
    User.is_external,
    User.blocked_at,
    Membership.namespace_id,
    Membership.role,
    NamespaceAncestor.ancestor_id,
    NamespaceAncestor.depth,
    Membership.expires_at.label("membership_expires_at"),
)


def with_memberships(
    statement: Select[*tuple[Any, ...]],
    now: datetime | BindParameter[datetime],
    *,
    otherwise: ColumnElement[int | None] | None = None,
) -> Select[*tuple[Any, ...]]:
    """Join memberships that hold at `now`, and the groups above them, to a query of users.

    The statement must select `USER_COLUMNS`; it gives a row for each group above
    each membership, and one row for a user without any. `otherwise` is a namespace whose
    groups are joined where there is no membership.
    """
    namespace_id: Any = Membership.namespace_id
    if otherwise is not None:
        namespace_id = func.coalesce(Membership.namespace_id, otherwise)
    return statement.outerjoin(
        Membership, and_(Membership.user_id == User.id, unexpired(now))
    ).outerjoin(NamespaceAncestor, NamespaceAncestor.namespace_id == namespace_id)


def identity_of(
    rows: Sequence[Row[Any]], credential: Credential, expires_at: datetime | None = None
) -> Identity | None:
    """Who the user of the rows of `with_memberships` is, with a credential until `expires_at`.

    None where there is no row, and for a blocked user, whatever they present.
    """
    if not rows or rows[0].blocked_at is not None:
        return None
    user = rows[0]
    return Identity(
        user_id=user.user_id,
        username=user.username,
        is_admin=user.is_admin,
        is_external=user.is_external,
        credential=credential,
        principals=principals_of(
            is_admin=user.is_admin,
            is_external=user.is_external,
            roles={
                row.namespace_id: Role(row.role) for row in rows if row.namespace_id is not None
            },
            visited={row.ancestor_id for row in rows if row.depth},
        ),
        ends_at=min(
            (end for end in (expires_at, *(row.membership_expires_at for row in rows)) if end),
            default=None,
        ),
    )
