"""Memberships as rows. Who may change them is the business of `pyregistry.members`."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.roles import Role
from pyregistry.db import delete_some
from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Membership


def set_member(
    session: Session,
    namespace_id: int,
    user_id: int,
    role: Role,
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> Membership:
    """Give a user a role in a namespace, or change the one they have there; ask nothing else.

    The role ends at `expires_at` (aware) where that is given. Raises `Invalid` for an
    end that has passed.
    """
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            "The membership would have ended already: choose a later date.", about="expires_at"
        )
    membership = session.scalars(
        select(Membership).where(
            Membership.namespace_id == namespace_id, Membership.user_id == user_id
        )
    ).one_or_none()
    if membership is None:
        membership = Membership(namespace_id=namespace_id, user_id=user_id, created_at=now)
        session.add(membership)
    elif membership.expires_at is not None and membership.expires_at <= now:
        # It had ended: this is a new one.
        membership.created_at = now
    membership.role = int(role)
    membership.expires_at = expires_at
    session.flush()
    return membership


def forget_ended_memberships(session: Session, now: datetime, at_most: int) -> int:
    """Delete memberships that have ended; how many there were.

    They give nobody anything any more, nobody is shown them, and who gets a role again is a new
    member either way. So that is no event: the one that gave the role says when it ends.
    """
    return delete_some(session, Membership.id, Membership.expires_at <= now, at_most)
