"""Access tokens of groups and projects: each has a bot, who is a member with a role."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pyregistry.accounts.services.bots import create_bot
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.members.errors import RoleTooLow
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.members import set_member
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.authority import check_manages
from pyregistry.tokens.services.events import described, record_token
from pyregistry.tokens.services.issue import NewToken, check_wanted, issue_token

_KINDS = {
    NamespaceKind.PROJECT: CredentialKind.PROJECT_ACCESS_TOKEN,
    NamespaceKind.GROUP: CredentialKind.GROUP_ACCESS_TOKEN,
}


@dataclass(frozen=True, slots=True)
class NewAccessToken:
    """What is asked of a new access token; `expires_at` None: it is valid until it is revoked."""

    name: str
    scopes: Collection[Scope]
    role: Role
    expires_at: datetime | None = None
    description: str | None = None


def create_access_token(
    session: Session,
    namespace_id: int,
    wanted: NewAccessToken,
    by: Granter,
    *,
    longest: timedelta | None,
    now: datetime,
) -> tuple[Token, str]:
    """Create an access token of a group or project with its bot; return it with its secret.

    Raises `RoleTooLow` for a role above that of who creates it, and `Invalid` as
    `issue_token` does.
    """
    lock_tree(session, namespace_id)
    own = check_manages(session, namespace_id, by, now)
    if wanted.role > own:
        raise RoleTooLow(
            f"You are {own.label} here: a token cannot have a role above that.", about="role"
        )
    namespace = session.get_one(Namespace, namespace_id)
    new = NewToken(
        _KINDS[namespace.kind],
        wanted.name,
        wanted.scopes,
        wanted.expires_at,
        wanted.description,
    )
    check_wanted(new, longest, now)
    bot = create_bot(session, f"{namespace.kind}_{namespace_id}", wanted.name.strip(), now)
    token, secret = issue_token(
        session,
        new,
        user_id=bot.id,
        namespace_id=namespace_id,
        longest=longest,
        now=now,
    )
    token.creator_id = by.actor.user_id
    set_member(session, namespace_id, bot.id, wanted.role, expires_at=wanted.expires_at, now=now)
    change = (None, described(token))
    record_token(session, Action.TOKEN_CREATED, token, change, by.actor, now, role=wanted.role)
    return token, secret
