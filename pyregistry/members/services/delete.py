"""Deleting a user, with every role that they have."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.administrators import check_administrator_remains, check_other
from pyregistry.accounts.services.bots import end_jobs_of
from pyregistry.accounts.services.events import described, record_user
from pyregistry.accounts.services.users import check_person, find_user_by_id, hold_user
from pyregistry.authnz.identity import Actor
from pyregistry.db import Base
from pyregistry.events.actions import Action
from pyregistry.members.errors import LastOwner, SoleOwner
from pyregistry.members.services.change import check_owner_remains, record_removed
from pyregistry.namespaces.models import Membership, Namespace
from pyregistry.namespaces.services.locking import lock_all_trees
from pyregistry.namespaces.services.readable import unexpired


def delete_user(session: Session, user_id: int, actor: Actor, now: datetime) -> None:
    """Delete a user for ever: their roles, browser sessions and tokens go with them.

    What they published and created stays, and events keep their name. Raises `UserNotFound`;
    `InvalidUser` for a bot, which goes with its token; `OwnAccount`; `LastAdministrator`;
    `SoleOwner`.
    """
    user = find_user_by_id(session, user_id)
    check_person(user)
    check_other(user, actor)
    check_administrator_remains(session, user)
    lock_all_trees(session)
    hold_user(session, user.id)
    held = _roles_of(session, user, now)
    try:
        for membership, namespace in held:
            check_owner_remains(session, namespace, membership, None, now)
    except LastOwner as refusal:
        raise SoleOwner(refusal.sentence) from None
    for membership, namespace in held:
        record_removed(session, namespace, user, membership, actor, now)
    ended = {
        "tokens_revoked": _count_tokens(session, user, now),
        # Theirs are deleted: the jobs that one of them let in would go on without it.
        "job_tokens_revoked": end_jobs_of(session, user.id, now),
    }
    change = (described(user), None)
    record_user(session, Action.USER_DELETED, user, change, actor, now, **ended)
    session.execute(delete(User).where(User.id == user.id))
    session.expire_all()


def _roles_of(
    session: Session, user: User, now: datetime
) -> Sequence[tuple[Membership, Namespace]]:
    rows = session.execute(
        select(Membership, Namespace)
        .join(Namespace, Namespace.id == Membership.namespace_id)
        .where(Membership.user_id == user.id, unexpired(now))
        .order_by(Membership.id)
    )
    return [(row.Membership, row.Namespace) for row in rows]


def _count_tokens(session: Session, user: User, now: datetime) -> int:
    """How many tokens of a user are valid."""
    # Tokens know of members, not members of tokens: only of the table that has them.
    tokens = Base.metadata.tables["tokens"]
    return session.scalars(
        select(func.count())
        .select_from(tokens)
        .where(
            tokens.c.user_id == user.id,
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
        )
    ).one()
