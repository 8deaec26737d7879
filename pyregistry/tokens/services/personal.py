"""Personal access tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import check_person
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.events.actions import Action
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.issue import NewToken, issue_token


def create_personal_token(
    session: Session,
    user_id: int,
    name: str,
    scopes: Collection[Scope],
    *,
    by: Actor,
    expires_at: datetime | None = None,
    longest: timedelta | None = None,
    now: datetime,
) -> tuple[Token, str]:
    """Create a token of a user and return it with its secret, which is not kept.

    Raises `InvalidUser` for a bot, and `Invalid` as `issue_token` does.
    """
    # What the bot of an access token had besides would outlive that.
    check_person(session.get_one(User, user_id))
    wanted = NewToken(CredentialKind.PERSONAL_ACCESS_TOKEN, name, scopes, expires_at)
    token, secret = issue_token(session, wanted, user_id=user_id, longest=longest, now=now)
    token.creator_id = by.user_id
    session.flush()
    record_token(session, Action.TOKEN_CREATED, token, (None, described(token)), by, now)
    return token, secret
