"""Creating groups and projects, by who may do so when it is done."""

from datetime import datetime

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.members.errors import RoleTooLow
from pyregistry.members.services.authority import Granter, check_may_be_at_top, managing_role
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.create import NewNamespace, create_in
from pyregistry.namespaces.services.events import record_change
from pyregistry.namespaces.services.instance import hold_instance_settings
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.members import set_member
from pyregistry.namespaces.services.settings import Changes, change_settings


def create_inside(
    session: Session,
    kind: NamespaceKind,
    group_id: int,
    new: NewNamespace,
    switches: Changes,
    by: Granter,
    now: datetime,
) -> Namespace:
    """Create a group or project in a group. Whoever does so keeps the role that they have there.

    `switches` says how its package registry begins. Raises `RoleTooLow`, also for who is no
    Owner and would let anyone pull, and as `create_in` and `change_settings` do.
    """
    lock_tree(session, group_id)
    role = managing_role(session, group_id, by, now, what="what is in a group")
    if switches.anyone_can_pull and role < Role.OWNER:
        # It opens what the group's visibility may hide, which is for Owners to decide.
        raise RoleTooLow("Only an Owner lets anyone pull.")
    created = create_in(session, kind, group_id, new, by.actor, now)
    return _with_switches(session, created, switches, by, now)


def create_top_group(
    session: Session, new: NewNamespace, switches: Changes, by: Granter, now: datetime
) -> Namespace:
    """Create a group at the top, whose Owner is who creates it.

    Raises `GroupsForAdministrators`, and as `create_in` and `change_settings` do.
    """
    check_may_be_at_top(session, hold_instance_settings(session), by)
    user_id = by.actor.user_id
    user = session.get(User, user_id) if user_id is not None else None
    group = create_in(session, NamespaceKind.GROUP, None, new, by.actor, now)
    if user is not None:
        _make_owner(session, group, user, by, now)
    return _with_switches(session, group, switches, by, now)


def _with_switches(
    session: Session, created: Namespace, switches: Changes, by: Granter, now: datetime
) -> Namespace:
    changes = Changes(
        packages_enabled=switches.packages_enabled, anyone_can_pull=switches.anyone_can_pull
    )
    return change_settings(session, created.id, changes, by.actor, now)


def _make_owner(session: Session, group: Namespace, user: User, by: Granter, now: datetime) -> None:
    set_member(session, group.id, user.id, Role.OWNER, now=now)
    change = (None, {"access_level": int(Role.OWNER), "expires_at": None})
    whom = {"user_id": user.id, "username": user.username}
    record_change(session, Action.MEMBER_ADDED, group, change, by.actor, now, **whom)
