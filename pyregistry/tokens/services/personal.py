"""Personal access tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, generate

MAXIMUM_NAME_LENGTH = 255


def create_personal_token(
    session: Session,
    user_id: int,
    name: str,
    scopes: Collection[Scope],
    *,
    expires_at: datetime | None = None,
    longest: timedelta | None = None,
    now: datetime,
) -> tuple[Token, str]:
    """Create a token of a user and return it with its secret, which is not kept.

    Raises `Invalid` for an empty or too long name, no scope, an end that has passed, or
    one that is further away than `longest` (None: tokens may be valid for ever).
    """
    name = name.strip()
    if not name or len(name) > MAXIMUM_NAME_LENGTH:
        raise Invalid(f"A token needs a name of 1 to {MAXIMUM_NAME_LENGTH} characters.")
    if not scopes:
        raise Invalid("A token needs at least one scope: api or read_api.")
    if expires_at is not None and expires_at <= now:
        raise Invalid("The token would have expired already: choose a later date.")
    if longest is not None and (expires_at is None or expires_at > now + longest):
        raise Invalid(f"A token may be valid for {longest.days} days here: let it expire earlier.")
    secret = generate(CredentialKind.PERSONAL_ACCESS_TOKEN)
    token = Token(
        kind=CredentialKind.PERSONAL_ACCESS_TOKEN,
        digest=digest(secret),
        name=name,
        scopes=sorted(scopes),
        user_id=user_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return token, secret
