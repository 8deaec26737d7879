"""Deploy tokens of groups and projects: they belong to no user."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.authnz.credentials import USERNAMES_OF_TOKENS
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.authority import check_manages
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.issue import NewToken, issue_token

_USERNAME = re.compile(r"[A-Za-z0-9_.+-]{1,255}")


@dataclass(frozen=True, slots=True)
class NewDeployToken:
    """What is asked of a new deploy token; without a user name it gets one of its own."""

    name: str
    scopes: Collection[Scope]
    username: str | None = None
    expires_at: datetime | None = None


def create_deploy_token(
    session: Session,
    namespace_id: int,
    wanted: NewDeployToken,
    by: Granter,
    *,
    longest: timedelta | None,
    now: datetime,
) -> tuple[Token, str]:
    """Create a deploy token of a group or project and return it with its secret.

    Raises `RoleTooLow`, and `Invalid` for a bad user name and as `issue_token` does.
    """
    lock_tree(session, namespace_id)
    check_manages(session, namespace_id, by, now)
    _check_username(wanted.username)
    token, secret = issue_token(
        session,
        NewToken(CredentialKind.DEPLOY_TOKEN, wanted.name, wanted.scopes, wanted.expires_at),
        namespace_id=namespace_id,
        longest=longest,
        now=now,
    )
    token.username = wanted.username or f"pyregistry+deploy-token-{token.id}"
    token.creator_id = by.actor.user_id
    session.flush()
    change = (None, described(token))
    record_token(session, Action.TOKEN_CREATED, token, change, by.actor, now)
    return token, secret


def _check_username(username: str | None) -> None:
    if not username:
        return
    if not _USERNAME.fullmatch(username) or username in USERNAMES_OF_TOKENS:
        raise Invalid(
            "The user name of a deploy token has 1 to 255 letters, digits, '_', '.', '+' and '-', "
            f"and is neither {' nor '.join(sorted(USERNAMES_OF_TOKENS))}.",
            about="username",
        )
