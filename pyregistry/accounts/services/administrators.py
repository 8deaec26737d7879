"""Administrators: who they are, and that one remains."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import LastAdministrator, OwnAccount
from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor


def check_administrator_remains(session: Session, user: User) -> None:
    """Raise `LastAdministrator` where nobody else could administer the instance.

    Blocked ones cannot. Until the transaction ends nobody else stops an administrator: two
    who block each other at once would each see the other remain.
    """
    statement = (
        select(User.id)
        .where(User.is_admin, User.is_bot.is_(False), User.blocked_at.is_(None))
        # In one order everywhere, so that two never wait for each other in a circle.
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    if session.scalars(statement).all() == [user.id]:
        raise LastAdministrator(
            f"{user.username} is the last administrator: make somebody else administrator first."
        )


def check_other(user: User, actor: Actor) -> None:
    """Raise `OwnAccount` for who would stop themselves."""
    if actor.user_id == user.id:
        raise OwnAccount("You cannot do this to your own account: ask another administrator.")
