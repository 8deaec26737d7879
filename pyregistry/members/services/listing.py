"""Reading who is a member."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.roles import Role
from pyregistry.members.errors import MemberNotFound
from pyregistry.namespaces.models import Membership, NamespaceAncestor
from pyregistry.namespaces.services.readable import unexpired
from pyregistry.slices import Order, Slice, Window, read_slice


@dataclass(frozen=True, slots=True)
class Member:
    """A user with the role that they have in a namespace."""

    user_id: int
    username: str
    name: str
    blocked_at: datetime | None
    role: Role
    expires_at: datetime | None
    created_at: datetime


_COLUMNS = (
    User.id,
    User.username,
    User.name,
    User.blocked_at,
    Membership.role,
    Membership.expires_at,
    Membership.created_at,
)


def all_members(
    session: Session, namespace_id: int, now: datetime, *, inherited: bool = False
) -> list[Member]:
    """The members of a namespace by user id.

    With `inherited` those of the groups above it, too, each once, with their highest role.
    """
    statement = _inherited(namespace_id, now) if inherited else _own(namespace_id, now)
    return [_member(row) for row in session.execute(statement.order_by(User.id))]


def members_slice(
    session: Session,
    namespace_id: int,
    now: datetime,
    window: Window,
    *,
    inherited: bool = False,
    query: str = "",
) -> Slice[Member]:
    """Those of `all_members` whose user name or name contains `query`.

    Raises as `read_slice` does.
    """
    statement = _inherited(namespace_id, now) if inherited else _own(namespace_id, now)
    if query:
        text = query.lower()
        statement = statement.where(
            or_(
                User.username_key.contains(text, autoescape=True),
                User.name.icontains(query, autoescape=True),
            )
        )
    return read_slice(session, statement, Order((User.id,)), window, _member)


def find_member(
    session: Session, namespace_id: int, user_id: int, now: datetime, *, inherited: bool = False
) -> Member:
    """The member of the namespace itself with that user id. Raises `MemberNotFound`.

    With `inherited` also one of a group above it, with their highest role.
    """
    statement = _inherited(namespace_id, now) if inherited else _own(namespace_id, now)
    row = session.execute(statement.where(User.id == user_id)).one_or_none()
    if row is None:
        raise MemberNotFound
    return _member(row)


def _own(namespace_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.namespace_id == namespace_id, unexpired(now))
    )


def _inherited(namespace_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    ranked = (
        select(
            Membership.id,
            func.row_number()
            .over(
                partition_by=Membership.user_id,
                # Of two that are equally high, the one that never ends, or ends later.
                order_by=(
                    Membership.role.desc(),
                    Membership.expires_at.desc().nulls_first(),
                    NamespaceAncestor.depth,
                ),
            )
            .label("place"),
        )
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Membership.namespace_id)
        .where(NamespaceAncestor.namespace_id == namespace_id, unexpired(now))
        .subquery()
    )
    return (
        select(*_COLUMNS)
        .join(Membership, Membership.user_id == User.id)
        .join(ranked, ranked.c.id == Membership.id)
        .where(ranked.c.place == 1)
    )


def _member(row: Any) -> Member:
    return Member(
        user_id=row.id,
        username=row.username,
        name=row.name,
        blocked_at=row.blocked_at,
        role=Role(row.role),
        expires_at=row.expires_at,
        created_at=row.created_at,
    )
