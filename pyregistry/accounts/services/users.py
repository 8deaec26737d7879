"""Creating, finding and blocking users."""

import re
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, UserExists, UserNotFound
from pyregistry.accounts.models import BrowserSession, User
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.sentences import shown

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
_RESERVED_USERNAMES = frozenset({"__token__", "gitlab-ci-token"})


def create_user(
    session: Session,
    username: str,
    email: str,
    *,
    password: str | None = None,
    is_admin: bool = False,
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
    return username.lower() in _RESERVED_USERNAMES


def has_administrator(session: Session) -> bool:
    """Whether anyone can administer the instance."""
    return session.scalars(select(User.id).where(User.is_admin).limit(1)).first() is not None


def set_password(session: Session, user: User, password: str) -> None:
    """Give a user a new password and end their browser sessions. Raises `InvalidUser`."""
    user.password_hash = hash_password(password)
    _end_sessions(session, user)


def block(session: Session, user: User, now: datetime) -> None:
    """Stop a user: none of their credentials works from the next request on."""
    user.blocked_at = user.blocked_at or now
    _end_sessions(session, user)


def unblock(user: User) -> None:
    """Let a blocked user in again; their tokens work as before."""
    user.blocked_at = None


def set_external(user: User, is_external: bool) -> None:
    """Mark a user as external or not: an external one sees what is internal only as a member."""
    user.is_external = is_external


def _end_sessions(session: Session, user: User) -> None:
    for browser_session in session.scalars(
        select(BrowserSession).where(BrowserSession.user_id == user.id)
    ):
        session.delete(browser_session)
