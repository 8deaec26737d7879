"""Personal access tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.issue import NewToken, issue_token


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

    Raises `Invalid` as `issue_token` does.
    """
    wanted = NewToken(CredentialKind.PERSONAL_ACCESS_TOKEN, name, scopes, expires_at)
    return issue_token(session, wanted, user_id=user_id, longest=longest, now=now)
