"""Who gives roles, tokens and trust in a group or project, asked again under its lock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import MANAGER_ROLE, Role
from pyregistry.members.errors import GroupsForAdministrators, RoleTooLow
from pyregistry.members.services.roles import effective_role
from pyregistry.namespaces.models import InstanceSettings
from pyregistry.namespaces.services.locking import lock_tree


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


def hold_ownership(session: Session, namespace_id: int, by: Granter, now: datetime) -> None:
    """Let who is Owner be Owner until the transaction ends, and ask whether the caller is.

    They may have waited for the lock: meanwhile their role may have been taken away, or the
    project moved to a group where they have none. Raises `RoleTooLow`, and as `lock_tree` does.
    """
    lock_tree(session, namespace_id)
    check_owner(session, namespace_id, by, now)


def check_owner(session: Session, namespace_id: int, by: Granter, now: datetime) -> None:
    """Raise `RoleTooLow` for who is no Owner any more. The caller holds the lock on the tree."""
    if managing_role(session, namespace_id, by, now, what="it") < Role.OWNER:
        raise RoleTooLow("Only an Owner may do this.")


def check_may_be_at_top(session: Session, instance: InstanceSettings, by: Granter) -> None:
    """Raise `GroupsForAdministrators` for who may not bring groups to the top level.

    People may where an administrator lets them: no bots, and no external users. The user is read
    again, as `managing_role` does; the caller holds the settings of the instance.
    """
    if by.is_admin:
        return
    if instance.users_create_groups and by.actor.user_id is not None:
        user = session.get(User, by.actor.user_id, populate_existing=True)
        if user is not None and not user.is_bot and not user.is_external:
            return
    raise GroupsForAdministrators
