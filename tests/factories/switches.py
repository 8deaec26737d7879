"""Turning the package registry of a world of tests off and on."""

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.settings import Changes, change_settings
from tests.factories.world import World

ACTOR = Actor(username="olga")
INSTANCE = ""


def turn(world: World, path: str, *, on: bool) -> None:
    """Turn the package registry at a path on or off; that of the instance at the empty one."""
    with world.components.database.writing() as session:
        if path == INSTANCE:
            instance = InstanceChanges(packages_enabled=on)
            change_instance_settings(session, instance, ACTOR, world.clock())
        else:
            changes = Changes(packages_enabled=on)
            change_settings(session, find(session, path).id, changes, ACTOR, world.clock())


def let_anyone_pull(world: World, path: str, *, on: bool = True) -> None:
    """Let anyone pull from a project, or no longer."""
    with world.components.database.writing() as session:
        changes = Changes(anyone_can_pull=on)
        change_settings(session, find(session, path).id, changes, ACTOR, world.clock())


def allow_anyone_to_pull(world: World, *, allowed: bool) -> None:
    """Permit projects to let anyone pull, or forbid it."""
    with world.components.database.writing() as session:
        changes = InstanceChanges(anyone_can_pull_allowed=allowed)
        change_instance_settings(session, changes, ACTOR, world.clock())
