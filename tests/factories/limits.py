"""Limits of stored bytes in a test's registry, and what is used of them."""

from pyregistry.authnz.identity import Actor
from pyregistry.limits.levels import Limits
from pyregistry.limits.services.change import change_instance_limits, change_limits
from pyregistry.limits.services.read import limits_of
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.services.create import find
from pyregistry.upkeep.services.counts import miscounts
from tests.factories.world import World

BOUND = 2 * 1024**3
"""The largest file that the registries of tests are started with."""


def set_limits(world: World, path: str, *, is_admin: bool = True, **limits: int | None) -> Limits:
    """Set limits of a group or project; of the registry where the path is empty."""
    with world.components.database.writing() as session:
        if not path:
            return change_instance_limits(session, limits, Actor(), world.clock(), bound=BOUND)
        by = Granter(Actor(), is_admin=is_admin)
        number = find(session, path).id
        return change_limits(session, number, limits, by, world.clock(), bound=BOUND)


def used(world: World, path: str = "") -> int:
    """How much a group or project stores by its count, or the whole registry."""
    with world.components.database.reading() as session:
        number = find(session, path).id if path else None
        return limits_of(session, number, BOUND).here.used_bytes


def counted_rightly(world: World) -> bool:
    """Whether every count is what the projects hold."""
    with world.components.database.reading() as session:
        return not miscounts(session)
