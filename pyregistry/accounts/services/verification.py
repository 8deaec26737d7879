"""Whether a password is that of an account: asked by the sign-in page and by Basic alike."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.identities import USER_COLUMNS, identity_of, with_memberships
from pyregistry.accounts.services.passwords import hash_password, needs_new_hash, verify_password
from pyregistry.accounts.services.users import is_reserved_username, user_called
from pyregistry.authnz.identity import Credential, Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.db import Database

_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class VerifiedPassword:
    """Whose a password is, and the stored hash that it was compared with."""

    user_id: int
    password_hash: str = field(repr=False)


def verify_account(database: Database, username: str, password: str) -> VerifiedPassword | None:
    """Whose the password is.

    None where the user does not exist, has no password, is blocked or a bot, or the password
    is another: the caller cannot tell which, not by the time it takes either.
    """
    # No transaction is open while the password is hashed: anybody may try, and SQLite has
    # one write lock.
    user = database.read(lambda session: user_called(session, username))
    if user is not None and (user.blocked_at is not None or user.is_bot):
        user = None
    stored = user.password_hash if user is not None else None
    matches = verify_password(stored, password)
    if user is None or stored is None or not matches:
        return None
    return VerifiedPassword(user.id, stored)


def verify_for_basic(database: Database, username: str, password: str) -> VerifiedPassword | None:
    """As `verify_account`; a hash with weaker parameters than today's is replaced, too."""
    for _ in range(_ATTEMPTS):
        verified = verify_account(database, username, password)
        if verified is None or not needs_new_hash(verified.password_hash):
            return verified
        renewed = VerifiedPassword(verified.user_id, hash_password(password))
        if _replace(database, verified, renewed):
            return renewed
        # Another request was first: what it has stored is compared.
    return None


def may_be_account(username: str, secret: str) -> bool:
    """Whether a user name and a secret can be those of an account at all.

    What clients send with tokens for a user name is nobody's: it must not be hashed, nor be
    an account that everybody's mistakes close.
    """
    return not is_reserved_username(username) and bool(secret)


def identify_verified(
    session: Session, verified: VerifiedPassword, now: datetime
) -> Identity | None:
    """Who has proved themselves by their password; nothing is hashed again.

    None where they were blocked or deleted since, or have another password.
    """
    statement = select(*USER_COLUMNS).where(
        User.id == verified.user_id, User.password_hash == verified.password_hash
    )
    credential = Credential(
        kind=CredentialKind.PASSWORD,
        id=verified.user_id,
        name="password",
        scopes=frozenset({Scope.API}),
    )
    return identity_of(session.execute(with_memberships(statement, now)).all(), credential)


def _replace(database: Database, old: VerifiedPassword, new: VerifiedPassword) -> bool:
    statement = (
        update(User)
        .where(User.id == old.user_id, User.password_hash == old.password_hash)
        .values(password_hash=new.password_hash)
        .returning(User.id)
    )
    return bool(database.write(lambda session: session.scalars(statement).all()))
