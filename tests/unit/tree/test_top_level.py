"""Moving groups to the top: who may is asked again when it is done, as for creating them."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.members.errors import GroupsForAdministrators
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.tree.services.transfer import transfer
from tests.factories.members import granter
from tests.factories.world import FOUNDER, World


def to_the_top(world: World, team: int, by: Granter) -> str:
    """Move a group there; its full path."""
    with world.components.database.writing() as session:
        return transfer(session, team, None, by, world.clock()).full_path


def test_who_moves_groups_to_the_top(world: World) -> None:
    world.group("acme")
    team = world.group("acme/team")
    world.member("acme/team", "paula", Role.OWNER)
    world.user("external", is_external=True)
    world.member("acme/team", "external", Role.OWNER)
    world.access_token("acme", Role.OWNER)
    bot = next(name for name in world.users if name.startswith("bot-"))
    with pytest.raises(GroupsForAdministrators):
        to_the_top(world, team, granter(world, "paula"))
    with world.components.database.writing() as session:
        changes = InstanceChanges(users_create_groups=True)
        change_instance_settings(session, changes, FOUNDER, world.clock())
    for who in ("external", bot):
        with pytest.raises(GroupsForAdministrators):
            to_the_top(world, team, granter(world, who))
    assert to_the_top(world, team, granter(world, "paula")) == "team"
