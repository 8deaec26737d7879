"""Browser sessions: signing in and out, and recognising who is signed in."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import BrowserSession, User
from pyregistry.accounts.services.identities import USER_COLUMNS, identity_of, with_memberships
from pyregistry.accounts.services.passwords import hash_password, needs_new_hash
from pyregistry.accounts.services.verification import verify_account
from pyregistry.authnz.identity import Actor, Credential, Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.db import Database, delete_some
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record

_MAXIMUM_SECRET_LENGTH = 128


def sign_in(
    database: Database,
    username: str,
    password: str,
    *,
    lifetime: timedelta,
    address: str | None,
    user_agent: str | None,
    now: datetime,
) -> str | None:
    """Begin a browser session and return the secret for its cookie.

    None where the user does not exist, has no password, is blocked, or the password is
    another: the caller cannot tell which, not by the time it takes either.
    """
    verified = verify_account(database, username, password)
    if verified is None:
        return None
    stored = verified.password_hash
    new_hash = hash_password(password) if needs_new_hash(stored) else stored
    secret = secrets.token_urlsafe(32)

    def begin(session: Session) -> bool:
        user = session.get(User, verified.user_id)
        # Blocked, deleted, or given another password in the meantime.
        if user is None or user.blocked_at is not None or user.password_hash != stored:
            return False
        user.password_hash = new_hash
        user.last_sign_in_at = user.current_sign_in_at or now
        user.current_sign_in_at = now
        begun = BrowserSession(
            user_id=user.id,
            digest=_digest(secret),
            created_at=now,
            expires_at=now + lifetime,
            address=address,
            user_agent=user_agent,
        )
        session.add(begun)
        actor = Actor(user.id, user.username, CredentialKind.PASSWORD, None, address, user_agent)
        happening = Happening(Action.SIGNED_IN, actor, now, None, None)
        record(session, [happening])
        return True

    return secret if database.write(begin) else None


def sign_out(database: Database, secret: str) -> None:
    """End the browser session with that secret, if there is one."""
    ended = delete(BrowserSession).where(BrowserSession.digest == _digest(secret))
    database.write(lambda session: session.execute(ended), finds_its_work=True)


def forget_ended_sessions(session: Session, now: datetime, at_most: int) -> int:
    """Delete browser sessions that have ended by themselves; how many there were."""
    return delete_some(session, BrowserSession.id, BrowserSession.expires_at <= now, at_most)


def identify_session(session: Session, secret: str, now: datetime) -> Identity | None:
    """Who is signed in with the cookie's secret; None where the session is over."""
    if len(secret) > _MAXIMUM_SECRET_LENGTH:
        return None
    statement = (
        select(BrowserSession.id.label("session_id"), *USER_COLUMNS)
        .select_from(BrowserSession)
        .join(User, User.id == BrowserSession.user_id)
        .where(BrowserSession.digest == _digest(secret), BrowserSession.expires_at > now)
    )
    rows = session.execute(with_memberships(statement, now)).all()
    if not rows:
        return None
    credential = Credential(
        kind=CredentialKind.BROWSER_SESSION,
        id=rows[0].session_id,
        name="browser",
        scopes=frozenset({Scope.API}),
    )
    return identity_of(rows, credential)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
