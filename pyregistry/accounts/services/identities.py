"""Loading a user with all principals, in the one query that also proves who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
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
)


@dataclass(frozen=True, slots=True)
class LoadedUser:
    """A user as the rows of one query describe them."""

    id: int
    username: str
    is_admin: bool
    is_external: bool
    blocked_at: datetime | None
    principals: frozenset[str]

    def identity(self, credential: Credential) -> Identity:
        """The identity of this user with that credential."""
        return Identity(
            user_id=self.id,
            username=self.username,
            is_admin=self.is_admin,
            is_external=self.is_external,
            credential=credential,
            principals=self.principals,
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


def load_user(rows: Sequence[Row[Any]]) -> LoadedUser:
    """The user of the rows of `with_memberships`; there must be at least one row."""
    roles = {row.namespace_id: Role(row.role) for row in rows if row.namespace_id is not None}
    visited = {row.ancestor_id for row in rows if row.depth}
    user = rows[0]
    return LoadedUser(
        id=user.user_id,
        username=user.username,
        is_admin=user.is_admin,
        is_external=user.is_external,
        blocked_at=user.blocked_at,
        principals=principals_of(
            is_admin=user.is_admin,
            is_external=user.is_external,
            roles=roles,
            visited=visited,
        ),
    )
