"""Changing several things of a user at once."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, UserExists
from pyregistry.accounts.models import User
from pyregistry.accounts.services.administrators import check_administrator_remains
from pyregistry.accounts.services.events import described, record_changed
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.accounts.services.users import (
    check_person,
    checked_email,
    checked_name,
    end_sessions,
    find_user_by_id,
    hold_user,
)
from pyregistry.authnz.identity import Actor


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What is to change of a user; None: it stays as it is."""

    name: str | None = None
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    is_admin: bool | None = None
    is_external: bool | None = None
    username: str | None = None
    """What clients send that send everything: it must be the one that the user has."""


def change_user(
    session: Session, user_id: int, changes: UserChanges, actor: Actor, now: datetime
) -> User:
    """Change a user: all of it, or nothing. A new password ends their browser sessions.

    Raises `UserNotFound`; `InvalidUser` for a bot, whose token says what it is, and for a name,
    email address or password that breaks a rule; `UserExists`; `LastAdministrator`.
    """
    user = find_user_by_id(session, user_id)
    check_person(user)
    if changes.username not in (None, user.username):
        raise InvalidUser("A user name cannot be changed: leave username out.")
    if changes.is_admin is False:
        check_administrator_remains(session, user)
    hold_user(session, user.id)
    before, profile_before = described(user), {"name": user.name, "email": user.email}
    if changes.name is not None:
        user.name = checked_name(changes.name)
    if changes.email is not None:
        user.email = _free_email(session, user, changes.email)
    if changes.is_admin is not None:
        user.is_admin = changes.is_admin
    if changes.is_external is not None:
        user.is_external = changes.is_external
    if changes.password is not None:
        user.password_hash = hash_password(changes.password)
        end_sessions(session, user)
    session.flush()
    record_changed(
        session,
        user,
        before,
        actor,
        now,
        profile_before=profile_before,
        new_password=changes.password is not None,
    )
    return user


def _free_email(session: Session, user: User, email: str) -> str:
    email = checked_email(email)
    others = select(User.id).where(User.email == email, User.id != user.id)
    if session.scalars(others).first() is not None:
        raise UserExists("email address", about="email")
    return email
