"""Reading who is a member."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.roles import Role
from pyregistry.members.errors import MemberNotFound
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor
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
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class MemberFromAbove:
    """A member of a group above, who has the role in everything in it, too."""

    member: Member
    group_path: str
    """The full path of the group where the role was given."""


BY_ID: Final = Order((User.id,))
BY_USERNAME: Final = Order((User.username_key,))

_COLUMNS = (
    User.id,
    User.username,
    User.name,
    User.blocked_at,
    User.is_bot,
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
    order: Order = BY_ID,
) -> Slice[Member]:
    """Those of `all_members` whose user name or name contains `query`.

    Raises as `read_slice` does.
    """
    statement = _inherited(namespace_id, now) if inherited else _own(namespace_id, now)
    return read_slice(session, _called(statement, query), order, window, _member)


def members_from_above(
    session: Session, namespace_id: int, now: datetime, window: Window, *, query: str = ""
) -> Slice[MemberFromAbove]:
    """The members of the groups above a namespace by user name, each once, with the highest role.

    Whether they have a role of their own in it, too, makes no difference. Only those whose user
    name or name contains `query`. Raises as `read_slice` does.
    """
    statement = (
        _inherited(namespace_id, now, above_only=True)
        .join(Namespace, Namespace.id == Membership.namespace_id)
        .add_columns(Namespace.full_path)
    )
    return read_slice(
        session,
        _called(statement, query),
        BY_USERNAME,
        window,
        lambda row: MemberFromAbove(_member(row), row.full_path),
    )


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


def _called(statement: Select[*tuple[Any, ...]], query: str) -> Select[*tuple[Any, ...]]:
    """Those of the statement whose user name or name contains `query`."""
    if not query:
        return statement
    return statement.where(
        or_(
            User.username_key.contains(query.lower(), autoescape=True),
            User.name.icontains(query, autoescape=True),
        )
    )


def _own(namespace_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.namespace_id == namespace_id, unexpired(now))
    )


def _inherited(
    namespace_id: int, now: datetime, *, above_only: bool = False
) -> Select[*tuple[Any, ...]]:
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
        .where(
            NamespaceAncestor.namespace_id == namespace_id,
            NamespaceAncestor.depth >= int(above_only),
            unexpired(now),
        )
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
        is_bot=row.is_bot,
    )
