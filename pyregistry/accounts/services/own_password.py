"""Changing one's own password, which takes the present one."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, WrongPassword
from pyregistry.accounts.services.events import described, record_changed
from pyregistry.accounts.services.own_sessions import remove_other_sessions
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.accounts.services.users import hold_user
from pyregistry.accounts.services.verification import verify_account
from pyregistry.authnz.identity import Actor
from pyregistry.db import Database


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What is typed to change a password."""

    current: str = field(repr=False)
    new: str = field(repr=False)


def change_own_password(
    database: Database,
    username: str,
    wanted: NewPassword,
    *,
    kept_session_id: int | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Give a user who knows their password a new one, and end their other sessions.

    How many of those had not ended yet. Tokens go on working. Raises `WrongPassword`, also where
    somebody else changed it, or blocked the user, in the meantime; `InvalidUser` for a new one
    that breaks a rule or is the old one.
    """
    # No transaction is open while passwords are hashed: SQLite has one write lock.
    verified = verify_account(database, username, wanted.current)
    if verified is None:
        raise WrongPassword
    if wanted.new == wanted.current:
        raise InvalidUser(
            "The new password is the one that you have: choose another.", about="password"
        )
    new_hash = hash_password(wanted.new)

    def change(session: Session) -> int:
        user = hold_user(session, verified.user_id)
        if user.blocked_at is not None or user.password_hash != verified.password_hash:
            raise WrongPassword
        before = described(user)
        user.password_hash = new_hash
        ended = remove_other_sessions(session, user.id, kept_session_id, now)
        record_changed(session, user, before, actor, now, new_password=True)
        return ended

    return database.write(change)
