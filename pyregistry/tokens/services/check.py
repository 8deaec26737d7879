"""Whose a secret is that was found somewhere, and whether it still opens anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.namespaces.models import Namespace
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest


class TokenState(StrEnum):
    """Whether a token works."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OWNER_BLOCKED = "owner blocked"


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token of this registry.

    `username` is the user, the bot, or the user name of a deploy token; `namespace_path` the
    group or project that it belongs to, if it does.
    """

    id: int
    kind: CredentialKind
    name: str
    username: str | None
    namespace_path: str | None
    scopes: Sequence[str]
    state: TokenState


def check_token(session: Session, secret: str, now: datetime) -> KnownToken | None:
    """The token with that secret; None where this registry knows none."""
    row = session.execute(
        select(Token, User, Namespace.full_path)
        .outerjoin(User, User.id == Token.user_id)
        .outerjoin(Namespace, Namespace.id == Token.namespace_id)
        .where(Token.digest == digest(secret))
    ).one_or_none()
    if row is None:
        return None
    token, user, namespace_path = row
    return KnownToken(
        id=token.id,
        kind=CredentialKind(token.kind),
        name=token.name,
        username=user.username if user is not None else token.username,
        namespace_path=namespace_path,
        scopes=token.scopes,
        state=_state(token, user, now),
    )


def _state(token: Token, user: User | None, now: datetime) -> TokenState:
    if token.revoked_at is not None:
        return TokenState.REVOKED
    if token.has_expired(now):
        return TokenState.EXPIRED
    if user is not None and user.blocked_at is not None:
        return TokenState.OWNER_BLOCKED
    return TokenState.VALID
