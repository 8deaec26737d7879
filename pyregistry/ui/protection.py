"""What the pages of protection rules and reserved prefixes have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyregistry.authnz.permissions import Permissions
from pyregistry.protection.levels import Level
from pyregistry.protection.services.reservations import Reservation, reservations_of
from pyregistry.resources.base import Resource, lineage_of
from pyregistry.resources.namespaces import NamespaceResource, namespace_above

RULES: Final = "rules"
_WHO: Final = {
    Level.MAINTAINER: "Maintainers and Owners",
    Level.OWNER: "Owners only",
    Level.ADMIN: "Administrators only",
}


@dataclass(frozen=True, slots=True)
class Inherited:
    """A prefix that a group above has reserved, with that group's path."""

    group_path: str
    reservation: Reservation


def who(level: int | None) -> str:
    """Who has a level, as tables say it; empty for None."""
    return "" if level is None else _WHO[Level(level)]


def level_options(otherwise: str, *, with_admin: bool) -> list[tuple[str, str]]:
    """What a form offers as a level: its word, and who has it. None is called `otherwise`."""
    levels = [level for level in Level if with_admin or level is not Level.ADMIN]
    return [("", otherwise), *((level.word, _WHO[level]) for level in levels)]


def inherited_prefixes(context: Resource) -> list[Inherited]:
    """What the groups above have reserved, as far as the visitor may read it there.

    Whoever manages a project alone is refused by such prefixes, and told no more than that.
    """
    request, here = context.request, namespace_above(context)
    readable = {
        above.record.id: above.record.full_path
        for above in _namespaces(lineage_of(context))
        if above is not here and request.has_permission(Permissions.PROTECTION_READ, above)
    }
    found = reservations_of(request.db, readable)
    return [Inherited(readable[each.group_id], each) for each in found]


def may_manage(context: Resource) -> bool:
    """Whether the visitor may change what protects the group or project."""
    return bool(context.request.has_permission(Permissions.PROTECTION_MANAGE, context))


def _namespaces(lineage: Sequence[Any]) -> list[NamespaceResource]:
    return [each for each in lineage if isinstance(each, NamespaceResource)]
