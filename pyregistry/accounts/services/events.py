"""Events of users: everything but their passwords."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.services.events import Change, record_change


def described(user: User) -> dict[str, Any]:
    """A user as events record them: nothing of the password but whether there is one."""
    return {
        "is_admin": user.is_admin,
        "is_external": user.is_external,
        "is_blocked": user.blocked_at is not None,
        "has_password": user.password_hash is not None,
    }


def record_changed(
    session: Session,
    user: User,
    before: dict[str, Any],
    actor: Actor,
    now: datetime,
    *,
    profile_before: Mapping[str, str] | None = None,
    new_password: bool = False,
) -> None:
    """Record that a user was changed: `before` is how they were `described`.

    `profile_before` has what else the change was about. What changed nothing is no event.
    """
    after = described(user)
    for name, value in (profile_before or {}).items():
        if getattr(user, name) != value:
            before, after = {**before, name: value}, {**after, name: getattr(user, name)}
    if before == after and not new_password:
        return
    details = {"new_password": True} if new_password else {}
    record_user(session, Action.USER_CHANGED, user, (before, after), actor, now, **details)


def record_user(
    session: Session,
    action: Action,
    user: User,
    change: Change,
    actor: Actor,
    now: datetime,
    **details: Any,
) -> None:
    """Record what was done to a user: `change` is how they were described before and after."""
    whom = {"user_id": user.id, "username": user.username}
    record_change(session, action, None, change, actor, now, **whom, **details)
