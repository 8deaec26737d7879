"""Events of tokens: everything but their secrets."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.events import Change, record_change
from pyregistry.tokens.models import Token


def described(token: Token) -> dict[str, Any]:
    """What changes of a token when it is rotated, as events record it."""
    end = token.expires_at
    return {"token_id": token.id, "expires_at": end.isoformat() if end else None}


def record_token(
    session: Session,
    action: Action,
    token: Token,
    change: Change,
    actor: Actor,
    now: datetime,
    *,
    role: Role | None = None,
    **details: Any,
) -> None:
    """Record what was done to a token: `change` is how it was `described` before and after.

    The event belongs to the token's group or project, where it has one.
    """
    namespace = None
    if token.namespace_id is not None:
        namespace = session.get_one(Namespace, token.namespace_id)
    if role is not None:
        details["access_level"] = int(role)
    if token.user_id is not None:
        details["username"] = session.get_one(User, token.user_id).username
    elif token.kind == CredentialKind.DEPLOY_TOKEN:
        details["username"] = token.username
    what = {"kind": token.kind, "name": token.name, "scopes": token.scopes}
    record_change(session, action, namespace, change, actor, now, **what, **details)
