"""Changing the settings of a group or project: its name, who sees it, its package registry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.errors import NamespaceNotFound, PullsForbidden
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.names import checked_description, checked_name
from pyregistry.namespaces.services.availability import make_available, make_unavailable
from pyregistry.namespaces.services.events import difference, record_change
from pyregistry.namespaces.services.instance import instance_settings
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.namespaces.services.visibility import set_visibility


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change of a group or project; None: it stays as it is."""

    visibility: Visibility | None = None
    packages_enabled: bool | None = None
    anyone_can_pull: bool | None = None
    """Of projects only."""
    name: str | None = None
    description: str | None = None


def read_settings(session: Session, namespace_id: int) -> Namespace:
    """The group or project as it is now. Raises `NamespaceNotFound`."""
    namespace = session.get(Namespace, namespace_id, populate_existing=True)
    if namespace is None:
        raise NamespaceNotFound("There is no such group or project any more.")
    return namespace


def change_settings(
    session: Session, namespace_id: int, changes: Changes, actor: Actor, now: datetime
) -> Namespace:
    """Change several settings of a group or project at once.

    Raises as `set_visibility` does, `NamespaceNotFound`, `InvalidName`, `InvalidDescription`,
    and `PullsForbidden` where an administrator does not permit anyone to pull. The caller
    rolls back then: it is all or nothing.
    """
    lock_tree(session, namespace_id)
    namespace = read_settings(session, namespace_id)
    if changes.visibility is not None:
        set_visibility(session, namespace_id, changes.visibility, actor, now)
    before = _described(namespace)
    if changes.name is not None:
        namespace.name = checked_name(changes.name)
    if changes.description is not None:
        namespace.description = checked_description(changes.description)
    session.flush()
    if changes.packages_enabled is not None:
        _set_packages_enabled(session, namespace, changes.packages_enabled)
    if changes.anyone_can_pull is not None:
        _set_anyone_can_pull(session, namespace, changes.anyone_can_pull)
    change = difference(before, _described(namespace))
    if change is not None:
        record_change(session, Action.SETTINGS_CHANGED, namespace, change, actor, now)
    return namespace


def _set_packages_enabled(session: Session, namespace: Namespace, enabled: bool) -> None:
    if namespace.packages_enabled == enabled:
        return
    namespace.packages_enabled = enabled
    session.flush()
    if not enabled:
        make_unavailable(session, namespace.id)
    elif instance_settings(session).packages_enabled:
        make_available(session, namespace.id)


def _set_anyone_can_pull(session: Session, namespace: Namespace, anyone: bool) -> None:
    allowed = instance_settings(session).anyone_can_pull_allowed
    if anyone and not allowed:
        raise PullsForbidden(
            "Projects of this registry cannot let anyone pull: ask an administrator to permit it."
        )
    namespace.anyone_can_pull = anyone
    namespace.pulls_open = anyone and allowed
    session.flush()


def _described(namespace: Namespace) -> dict[str, Any]:
    """The name, the description and the switches as events record them."""
    described: dict[str, Any] = {
        "name": namespace.name,
        "description": namespace.description,
        "packages_enabled": namespace.packages_enabled,
    }
    if namespace.kind is NamespaceKind.PROJECT:
        described["anyone_can_pull"] = namespace.anyone_can_pull
    return described
