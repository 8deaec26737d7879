"""Where somebody is a member."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, Namespace, NamespaceKind
from pyregistry.namespaces.services.readable import unexpired
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A group or project in which a user has a role of their own."""

    namespace_id: int
    name: str
    full_path: str
    kind: NamespaceKind
    role: Role
    expires_at: datetime | None


def memberships_of(
    session: Session,
    user_id: int,
    window: Window,
    now: datetime,
    *,
    kind: NamespaceKind | None = None,
) -> Slice[MemberOf]:
    """Where a user has a role that has not ended, the oldest first; `kind`: only in such."""
    statement = (
        select(
            Namespace.id,
            Namespace.name,
            Namespace.full_path,
            Namespace.kind,
            Membership.role,
            Membership.expires_at,
        )
        .join(Membership, Membership.namespace_id == Namespace.id)
        .where(Membership.user_id == user_id, unexpired(now))
    )
    if kind is not None:
        statement = statement.where(Namespace.kind == kind)
    order = Order((Membership.id.expression,))
    return read_slice(
        session,
        statement,
        order,
        window,
        _member_of,
    )


def _member_of(row: Any) -> MemberOf:
    kind, role = NamespaceKind(row.kind), Role(row.role)
    return MemberOf(row.id, row.name, row.full_path, kind, role, row.expires_at)
