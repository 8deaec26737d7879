"""Members in a world of tests, and who grants roles there."""

from typing import Any

from pyregistry.authnz.identity import Actor
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.listing import all_members
from pyregistry.namespaces.services.create import find
from tests.factories.world import World


def granter(world: World, username: str, *, is_admin: bool = False) -> Granter:
    """Somebody who gives roles."""
    return Granter(Actor(user_id=world.users[username], username=username), is_admin=is_admin)


def roles_in(world: World, path: str, *, inherited: bool = False) -> dict[str, int]:
    """The role of each member of a group or project, by user name."""
    with world.components.database.reading() as session:
        members = all_members(session, find(session, path).id, world.clock(), inherited=inherited)
    return {member.username: int(member.role) for member in members}


def changes(world: World) -> list[tuple[str, str | None, str | None, dict[str, Any]]]:
    """What events tell of groups and projects: action, actor, path, details; oldest first.

    What the test began with is left out.
    """
    return [
        (event.action, event.actor_name, event.namespace_path, event.details)
        for event in world.events()
        if event.package is None
    ]
