"""Which roles users have in a namespace, counting those from the groups above it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership, NamespaceAncestor
from pyregistry.namespaces.services.readable import unexpired


def own_membership(
    session: Session, namespace_id: int, user_id: int, now: datetime
) -> Membership | None:
    """The membership that a user has in the namespace itself; None where it has ended, too."""
    return session.scalars(
        select(Membership).where(
            Membership.namespace_id == namespace_id,
            Membership.user_id == user_id,
            unexpired(now),
        )
    ).one_or_none()


def effective_role(
    session: Session, namespace_id: int, user_id: int, now: datetime, *, above_only: bool = False
) -> Role | None:
    """The highest role that a user has in a namespace; None for who has none.

    With `above_only` the highest that comes from the groups above it.
    """
    statement = (
        select(Membership.role)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Membership.namespace_id)
        .where(
            NamespaceAncestor.namespace_id == namespace_id,
            NamespaceAncestor.depth >= int(above_only),
            Membership.user_id == user_id,
            unexpired(now),
        )
        .order_by(Membership.role.desc())
        .limit(1)
    )
    role = session.scalars(statement).first()
    return Role(role) if role is not None else None


def ownership(session: Session, namespace_id: int, now: datetime) -> tuple[bool, bool]:
    """Whether a namespace has an Owner, and whether it has one whose role has no end.

    Those of the groups above count; those of blocked users and of bots do not.
    """
    ends = session.scalars(_owners(namespace_id, now)).all()
    return bool(ends), any(membership.expires_at is None for membership in ends)


def other_owners(session: Session, membership: Membership, now: datetime) -> Sequence[Membership]:
    """Every other membership that makes somebody Owner of the same namespace.

    Those of the groups above count; those of blocked users, who can do nothing, and of bots do not.
    """
    others = _owners(membership.namespace_id, now).where(Membership.id != membership.id)
    return session.scalars(others).all()


def _owners(namespace_id: int, now: datetime) -> Select[Membership]:
    return (
        select(Membership)
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == Membership.namespace_id)
        .join(User, User.id == Membership.user_id)
        .where(
            NamespaceAncestor.namespace_id == namespace_id,
            Membership.role == int(Role.OWNER),
            User.blocked_at.is_(None),
            User.is_bot.is_(False),
            unexpired(now),
        )
    )
