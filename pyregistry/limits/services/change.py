"""Changing limits: of the registry, of groups and projects, by administrators and Owners."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.limits.errors import InvalidLimit, LimitsForAdministrators
from pyregistry.limits.levels import Limits, smallest
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.limits.services.read import limits_of
from pyregistry.limits.services.stored import locked_row
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.errors import NamespaceNotFound
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.events import difference, record_change
from pyregistry.namespaces.services.locking import lock_tree
from pyregistry.sentences import typed_size

OF_INSTANCE: Final = ("max_file_size", "storage_limit")
"""The limits of the registry, which administrators set."""
OF_OWNERS: Final = ("max_file_size", "storage_limit")
"""The limits of a group or project that its Owners set."""
OF_ADMINISTRATORS: Final = ("admin_max_file_size", "admin_storage_limit")
"""The limits of a group or project that administrators set, and its Owners do not exceed."""

MAXIMUM: Final = 2**59
"""Bytes: 512 PiB. The databases hold no more than sixteen times as much."""

LimitChanges = Mapping[str, int | None]
"""What limits are to become, in bytes, by name; None: no limit. The others stay as they are."""


def change_limits(
    session: Session,
    namespace_id: int,
    changes: LimitChanges,
    by: Granter,
    now: datetime,
    *,
    bound: int,
) -> Limits:
    """Set limits of a group or project, whose settings the caller may change.

    `changes` names some of `OF_OWNERS` and, for administrators, of `OF_ADMINISTRATORS`; `bound`
    is the largest file that the registry was started with. Raises `LimitsForAdministrators`,
    `InvalidLimit` for what is above what applies from above (to administrators: to the whole
    registry), `NamespaceNotFound`, and as `lock_tree` does. What is stored already stays.
    """
    _check_sizes(changes)
    if not by.is_admin and not changes.keys().isdisjoint(OF_ADMINISTRATORS):
        raise LimitsForAdministrators
    lock_tree(session, namespace_id)
    namespace = session.get(Namespace, namespace_id, populate_existing=True)
    if namespace is None:
        raise NamespaceNotFound("There is no such group or project any more.")
    row = locked_row(session, namespace_id)
    names = (*OF_OWNERS, *OF_ADMINISTRATORS)
    before = _described(row, names)
    for name in names:
        if name in changes:
            setattr(row, name, changes[name])
    session.flush()
    limits = limits_of(session, namespace_id, bound)
    change = difference(before, _described(row, names))
    if change is not None:
        _check_bounds(limits, change[1])
        record_change(session, Action.LIMITS_CHANGED, namespace, change, by.actor, now)
    return limits


def change_instance_limits(
    session: Session, changes: LimitChanges, actor: Actor, now: datetime, *, bound: int
) -> Limits:
    """Set limits of the whole registry; `changes` names some of `OF_INSTANCE`.

    Groups and projects keep what they have chosen: the smallest limit applies. Raises
    `InvalidLimit` for a file that is larger than `bound`.
    """
    _check_sizes(changes)
    row = session.get_one(InstanceStorage, 1, populate_existing=True, with_for_update=True)
    before = _described(row, OF_INSTANCE)
    for name in OF_INSTANCE:
        if name in changes:
            setattr(row, name, changes[name])
    session.flush()
    change = difference(before, _described(row, OF_INSTANCE))
    if change is not None:
        largest = change[1].get("max_file_size")
        if largest is not None and largest > bound:
            raise InvalidLimit(
                f"The largest file can be {typed_size(bound)} at most: with that the registry was"
                " started.",
                about="max_file_size",
            )
        record_change(session, Action.LIMITS_CHANGED, None, change, actor, now)
    return limits_of(session, None, bound)


def highest(limits: Limits, name: str) -> int | None:
    """The most that a limit of a group or project can be set to; None: as much as one likes."""
    registry = limits.levels[-1]
    if name == "admin_max_file_size":
        return smallest(limits.bound, registry.largest_file)
    if name == "admin_storage_limit":
        return registry.quota
    if name == "max_file_size":
        return smallest(limits.above.largest_file, limits.here.admin_max_file_size)
    return smallest(limits.above.quota, limits.here.admin_storage_limit)


def _check_sizes(changes: LimitChanges) -> None:
    for name, size in changes.items():
        if size is not None and not 1 <= size <= MAXIMUM:
            raise InvalidLimit(
                f"A limit is a size from 1 byte to {typed_size(MAXIMUM)}, or nothing for none.",
                about=name,
            )


def _check_bounds(limits: Limits, changed: Mapping[str, Any]) -> None:
    for name, size in changed.items():
        most = highest(limits, name)
        if size is not None and most is not None and size > most:
            whose = "for the whole registry" if name in OF_ADMINISTRATORS else "from above"
            raise InvalidLimit(
                f"It can be {typed_size(most)} at most: that is the limit {whose}.", about=name
            )


def _described(row: NamespaceStorage | InstanceStorage, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
