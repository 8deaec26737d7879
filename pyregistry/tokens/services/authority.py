"""Who may make, rotate and revoke the tokens of a group or project."""

from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.authnz.roles import Role
from pyregistry.members.errors import RoleTooLow
from pyregistry.members.services.authority import Granter, managing_role
from pyregistry.members.services.roles import effective_role
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.models import Token


def check_manages(session: Session, namespace_id: int, by: Granter, now: datetime) -> Role:
    """The role of who manages tokens, as it is now. Raises `RoleTooLow`."""
    return managing_role(session, namespace_id, by, now, what="tokens here")


def check_may_change(session: Session, token: Token, by: Granter, now: datetime) -> None:
    """Check that somebody may rotate or revoke a token: it is theirs, or their role permits it.

    Raises `TokenNotFound`; `RoleTooLow` where the role of its bot is above theirs.
    """
    if by.is_admin or is_own(token, by):
        return
    if token.namespace_id is None:
        raise TokenNotFound
    own = check_manages(session, token.namespace_id, by, now)
    if token.user_id is None:
        return
    role = effective_role(session, token.namespace_id, token.user_id, now)
    if role is not None and role > own:
        raise RoleTooLow(
            f"The token has the role {role.label} here: only who has that, too, may change it."
        )


def is_own(token: Token, by: Granter) -> bool:
    """Whether a token belongs to who asks: a person, or the bot itself."""
    return token.user_id is not None and token.user_id == by.actor.user_id
