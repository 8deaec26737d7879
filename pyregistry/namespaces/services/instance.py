"""What administrators decide for the whole instance."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.models import InstanceSettings, Namespace
from pyregistry.namespaces.services.availability import make_available, make_unavailable
from pyregistry.namespaces.services.events import difference, record_change
from pyregistry.namespaces.services.locking import lock_all_trees


@dataclass(frozen=True, slots=True)
class InstanceChanges:
    """What is to change for the whole instance; None: it stays as it is."""

    packages_enabled: bool | None = None
    anyone_can_pull_allowed: bool | None = None
    users_create_groups: bool | None = None


def instance_settings(session: Session) -> InstanceSettings:
    """The row of the instance's settings, as it is now."""
    return session.scalars(_row()).one()


def hold_instance_settings(session: Session) -> InstanceSettings:
    """The row, which nobody can change until the transaction ends.

    Take this before any lock on a tree.
    """
    return session.scalars(_row().with_for_update(read=True)).one()


def change_instance_settings(
    session: Session, changes: InstanceChanges, actor: Actor, now: datetime
) -> InstanceSettings:
    """Turn the package registry of the whole instance off or on; forbid or permit projects to
    let anyone pull, and people to create groups at the top.

    Nothing is forgotten: what groups and projects have chosen holds again once it may.
    """
    # A group that is created at the top meanwhile, in no tree yet, waits for this row.
    settings = session.scalars(_row().with_for_update(key_share=True)).one()
    before = _described(settings)
    if changes.packages_enabled is not None:
        settings.packages_enabled = changes.packages_enabled
    if changes.anyone_can_pull_allowed is not None:
        settings.anyone_can_pull_allowed = changes.anyone_can_pull_allowed
    if changes.users_create_groups is not None:
        settings.users_create_groups = changes.users_create_groups
    session.flush()
    change = difference(before, _described(settings))
    if change is None:
        return settings
    _, changed = change
    lock_all_trees(session)
    if "packages_enabled" in changed:
        spread = make_available if settings.packages_enabled else make_unavailable
        spread(session, None)
    if "anyone_can_pull_allowed" in changed:
        _open_or_close_pulls(session, settings.anyone_can_pull_allowed)
    record_change(session, Action.SETTINGS_CHANGED, None, change, actor, now)
    return settings


def _open_or_close_pulls(session: Session, allowed: bool) -> None:
    session.execute(
        update(Namespace)
        .where(Namespace.anyone_can_pull, Namespace.pulls_open != allowed)
        .values(pulls_open=allowed),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def _row() -> Select[InstanceSettings]:
    # Read anew: a lock that was waited for shows what was committed meanwhile.
    return select(InstanceSettings).execution_options(populate_existing=True)


def _described(settings: InstanceSettings) -> dict[str, bool]:
    """The settings as events record them."""
    return {
        "packages_enabled": settings.packages_enabled,
        "anyone_can_pull_allowed": settings.anyone_can_pull_allowed,
        "users_create_groups": settings.users_create_groups,
    }
