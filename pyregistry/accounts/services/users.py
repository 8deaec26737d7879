"""Creating, finding and blocking users."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, UserExists, UserNotFound
from pyregistry.accounts.models import BrowserSession, User
from pyregistry.accounts.services.administrators import check_administrator_remains, check_other
from pyregistry.accounts.services.bots import end_jobs_of
from pyregistry.accounts.services.events import described, record_changed, record_user
from pyregistry.accounts.services.passwords import hash_password
from pyregistry.authnz.credentials import USERNAMES_OF_TOKENS
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.sentences import shown

NO_SUCH_ID = "There is no user with this id."
"""What is said of who is not there, and of whom the caller may not see."""

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
_MAXIMUM_NAME_LENGTH = 255
_USERNAME_OF_A_BOT = re.compile(r"(?:project|group)_[0-9]+_bot_.*")


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is asked of a new user; without a `name` pages call them by their user name.

    Without a password they can use tokens, but not sign in.
    """

    username: str
    email: str
    name: str | None = None
    password: str | None = field(default=None, repr=False)
    is_admin: bool = False
    is_external: bool = False


def create_user(session: Session, wanted: NewUser, actor: Actor, now: datetime) -> User:
    """Create a user. Raises `InvalidUser` or `UserExists`."""
    _check_username(wanted.username)
    key, email = wanted.username.lower(), checked_email(wanted.email)
    taken = session.scalars(
        select(User).where(or_(User.username_key == key, User.email == email))
    ).first()
    if taken is not None:
        if taken.username_key == key:
            raise UserExists("user name", about="username")
        raise UserExists("email address", about="email")
    password = wanted.password
    user = User(
        username=wanted.username,
        username_key=key,
        email=email,
        name=wanted.username if wanted.name is None else checked_name(wanted.name),
        password_hash=hash_password(password) if password is not None else None,
        is_admin=wanted.is_admin,
        is_bot=False,
        is_external=wanted.is_external,
        created_at=now,
    )
    session.add(user)
    session.flush()
    record_user(session, Action.USER_CREATED, user, (None, described(user)), actor, now)
    return user


def _check_username(username: str) -> None:
    if not _USERNAME.fullmatch(username) or is_reserved_username(username):
        raise InvalidUser(
            f"{shown(username)} is not a valid user name: use letters, digits, '_', '.' and '-', "
            "beginning with a letter or digit.",
            about="username",
        )
    if _USERNAME_OF_A_BOT.fullmatch(username.lower()):
        raise InvalidUser(
            f"{shown(username)} is a name for the bot of an access token.", about="username"
        )


def checked_email(email: str) -> str:
    """An email address in lower case, as it is kept. Raises `InvalidUser`."""
    key = email.lower()
    # A few letters become two in lower case.
    if not _EMAIL.fullmatch(email) or not _EMAIL.fullmatch(key):
        raise InvalidUser(f"{shown(email)} is not an email address.", about="email")
    return key


def checked_name(name: str) -> str:
    """A name as pages show it, without spaces around it. Raises `InvalidUser`."""
    name = name.strip()
    if not name or len(name) > _MAXIMUM_NAME_LENGTH or not name.isprintable():
        raise InvalidUser(
            f"A user's name has 1 to {_MAXIMUM_NAME_LENGTH} characters, none of them a control "
            "character.",
            about="name",
        )
    return name


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
        raise UserNotFound(NO_SUCH_ID)
    return user


def hold_user(session: Session, user_id: int) -> User:
    """The user as they are now, whom nobody else changes until the transaction ends.

    Raises `UserNotFound`.
    """
    statement = select(User).where(User.id == user_id).with_for_update(key_share=True)
    user = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if user is None:
        raise UserNotFound(NO_SUCH_ID)
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
    before = described(hold_user(session, user.id))
    user.password_hash = hash_password(password)
    end_sessions(session, user)
    record_changed(session, user, before, actor, now, new_password=True)


def block(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """Stop a user: none of their credentials works from the next request on.

    With a bot, the job tokens that it created are revoked. Raises `OwnAccount` for who blocks
    themselves, and `LastAdministrator`.
    """
    check_other(user, actor)
    check_administrator_remains(session, user)
    before = described(hold_user(session, user.id))
    user.blocked_at = user.blocked_at or now
    end_sessions(session, user)
    if user.is_bot:
        end_jobs_of(session, user.id, now)
    record_changed(session, user, before, actor, now)


def unblock(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """Let a blocked user in again; their tokens work as before."""
    before = described(hold_user(session, user.id))
    user.blocked_at = None
    record_changed(session, user, before, actor, now)


def set_external(
    session: Session, user: User, is_external: bool, actor: Actor, now: datetime
) -> None:
    """Mark a user as external or not: an external one sees what is internal only as a member.

    Raises `InvalidUser` for a bot, which is external always.
    """
    check_person(user)
    before = described(hold_user(session, user.id))
    user.is_external = is_external
    record_changed(session, user, before, actor, now)


def check_person(user: User) -> None:
    """Raise `InvalidUser` for a bot."""
    if user.is_bot:
        raise InvalidUser(
            f"{user.username} is the bot of an access token, and has nothing of its own: "
            "rotate or revoke that token instead."
        )


def end_sessions(session: Session, user: User) -> None:
    """Sign a user out of every browser."""
    session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
