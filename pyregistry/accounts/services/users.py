"""Creating, finding and blocking users."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, UserExists, UserNotFound
from pyregistry.accounts.models import BrowserSession, User
from pyregistry.accounts.services.bots import end_jobs_of
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.authnz.credentials import USERNAMES_OF_TOKENS
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.services.events import record_change
from pyregistry.sentences import shown

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
_USERNAME_OF_A_BOT = re.compile(r"(?:project|group)_[0-9]+_bot_.*")


def create_user(
    session: Session,
    username: str,
    email: str,
    *,
    password: str | None = None,
    is_admin: bool = False,
    actor: Actor,
    now: datetime,
) -> User:
    """Create a user; without a password they can use tokens, but not sign in.

    Raises `InvalidUser` or `UserExists`.
    """
    if not _USERNAME.fullmatch(username) or is_reserved_username(username):
        raise InvalidUser(
            f"{shown(username)} is not a valid user name: use letters, digits, '_', '.' and '-', "
            "beginning with a letter or digit."
        )
    if _USERNAME_OF_A_BOT.fullmatch(username.lower()):
        raise InvalidUser(f"{shown(username)} is a name for the bot of an access token.")
    if not _EMAIL.fullmatch(email):
        raise InvalidUser(f"{shown(email)} is not an email address.")
    taken = session.scalars(
        select(User).where(or_(User.username_key == username.lower(), User.email == email.lower()))
    ).first()
    if taken is not None:
        what = "user name" if taken.username_key == username.lower() else "email address"
        raise UserExists(f"The {what} is taken: choose another.")
    user = User(
        username=username,
        username_key=username.lower(),
        email=email.lower(),
        name=username,
        password_hash=hash_password(password) if password is not None else None,
        is_admin=is_admin,
        is_bot=False,
        is_external=False,
        created_at=now,
    )
    session.add(user)
    session.flush()
    _record(session, Action.USER_CREATED, user, None, actor, now)
    return user


def find_user(session: Session, username: str) -> User:
    """The user with that name, whatever its case. Raises `UserNotFound`."""
    user = user_called(session, username)
    if user is None:
        raise UserNotFound(f"There is no user {shown(username)}.")
    return user


def find_user_by_id(session: Session, user_id: int) -> User:
    """The user with that id. Raises `UserNotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise UserNotFound("There is no user with this id.")
    return user


def user_called(session: Session, username: str) -> User | None:
    """The user with that name, whatever its case; None for what can be no user name."""
    if not _USERNAME.fullmatch(username):
        return None
    return session.scalars(select(User).where(User.username_key == username.lower())).one_or_none()


def is_reserved_username(username: str) -> bool:
    """Whether clients send the name with tokens, so that nobody can be called so."""
    return username.lower() in USERNAMES_OF_TOKENS


def has_administrator(session: Session) -> bool:
    """Whether anyone can administer the instance."""
    return session.scalars(select(User.id).where(User.is_admin).limit(1)).first() is not None


def set_password(session: Session, user: User, password: str, actor: Actor, now: datetime) -> None:
    """Give a user a new password and end their browser sessions.

    Raises `InvalidUser` for a bad password, and for a bot.
    """
    check_person(user)
    before = _described(user)
    user.password_hash = hash_password(password)
    _end_sessions(session, user)
    _record(session, Action.USER_CHANGED, user, before, actor, now, new_password=True)


def block(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """Stop a user: none of their credentials works from the next request on.

    With a bot, the job tokens that it created are revoked.
    """
    before = _described(user)
    user.blocked_at = user.blocked_at or now
    _end_sessions(session, user)
    if user.is_bot:
        end_jobs_of(session, user.id, now)
    _record(session, Action.USER_CHANGED, user, before, actor, now)


def unblock(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """Let a blocked user in again; their tokens work as before."""
    before = _described(user)
    user.blocked_at = None
    _record(session, Action.USER_CHANGED, user, before, actor, now)


def set_external(
    session: Session, user: User, is_external: bool, actor: Actor, now: datetime
) -> None:
    """Mark a user as external or not: an external one sees what is internal only as a member.

    Raises `InvalidUser` for a bot, which is external always.
    """
    check_person(user)
    before = _described(user)
    user.is_external = is_external
    _record(session, Action.USER_CHANGED, user, before, actor, now)


def check_person(user: User) -> None:
    """Raise `InvalidUser` for a bot."""
    if user.is_bot:
        raise InvalidUser(
            f"{user.username} is the bot of an access token, and has nothing of its own: "
            "rotate or revoke that token instead."
        )


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))


def _described(user: User) -> dict[str, Any]:
    """A user as events record them: nothing of the password but whether there is one."""
    return {
        "is_admin": user.is_admin,
        "is_external": user.is_external,
        "is_blocked": user.blocked_at is not None,
        "has_password": user.password_hash is not None,
    }


def _record(
    session: Session,
    action: Action,
    user: User,
    before: dict[str, Any] | None,
    actor: Actor,
    now: datetime,
    *,
    new_password: bool = False,
) -> None:
    """Record what was done to a user; what changed nothing is no event."""
    details: dict[str, Any] = {"user_id": user.id, "username": user.username}
    if new_password:
        details["new_password"] = True
    after = _described(user)
    if before == after and not new_password:
        return
    record_change(session, action, None, (before, after), actor, now, **details)
