"""Who gives roles, tokens and trust in a group or project, asked again under its lock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import MANAGER_ROLE, Role
from pyregistry.members.errors import RoleTooLow
from pyregistry.members.services.roles import effective_role


@dataclass(frozen=True, slots=True)
class Granter:
    """Who gives something and takes it away. Administrators are not bound by a role of theirs."""

    actor: Actor
    is_admin: bool


def managing_role(
    session: Session, namespace_id: int, by: Granter, now: datetime, *, what: str
) -> Role:
    """The role of the granter, read again: it may have been taken away since they asked.

    Raises `RoleTooLow`, with `what` they do not manage, where it is not one that manages.
    """
    if by.is_admin:
        return Role.OWNER
    role = None
    if by.actor.user_id is not None:
        role = effective_role(session, namespace_id, by.actor.user_id, now)
    if role is None or role < MANAGER_ROLE:
        raise RoleTooLow(f"Only a {MANAGER_ROLE.label} or an Owner manages {what}.")
    return role
