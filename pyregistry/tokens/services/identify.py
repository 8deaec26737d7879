"""Recognising a token, and remembering that it was used."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.identities import USER_COLUMNS, load_user, with_memberships
from pyregistry.authnz.identity import Credential, Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.db import UTCDateTime
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, is_token

LAST_USED_PRECISION = timedelta(minutes=1)
_ADDRESS_LENGTH = 64


def identify_token(session: Session, secret: str, now: datetime) -> Identity | None:
    """Who presents this token, in one query.

    None for what is no token, for an unknown, expired or revoked one, and for one of a
    blocked user. The look-up is by digest, so its time tells nothing about the secret.
    """
    if not is_token(secret):
        return None
    parameters = {"digest": digest(secret), "now": now}
    rows = session.execute(_statement(), parameters).all()
    if not rows:
        return None
    user = load_user(rows)
    if user.blocked_at is not None:
        return None
    token = rows[0]
    return user.identity(
        Credential(
            kind=CredentialKind(token.kind),
            id=token.token_id,
            name=token.token_name,
            scopes=frozenset(Scope(scope) for scope in token.scopes),
        )
    )


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    """Built once: building it costs more than running it."""
    now = bindparam("now", type_=UTCDateTime)
    statement = (
        select(
            Token.id.label("token_id"),
            Token.kind,
            Token.name.label("token_name"),
            Token.scopes,
            *USER_COLUMNS,
        )
        .select_from(Token)
        .join(User, User.id == Token.user_id)
        .where(
            Token.digest == bindparam("digest"),
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
    )
    return with_memberships(statement, now)


def remember_use(session: Session, token_id: int, address: str | None, now: datetime) -> None:
    """Record that a token was used, at most once a minute."""
    session.execute(
        update(Token)
        .where(
            Token.id == token_id,
            or_(Token.last_used_at.is_(None), Token.last_used_at < now - LAST_USED_PRECISION),
        )
        .values(last_used_at=now, last_used_address=address and address[:_ADDRESS_LENGTH])
    )
