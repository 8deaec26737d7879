"""What nobody brings into a group by moving it there."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.members.errors import RoleTooLow
from pyregistry.namespaces.services.create import find
from pyregistry.tree.services.transfer import Mover, transfer
from tests.factories.members import granter
from tests.factories.world import World


@pytest.fixture(autouse=True)
def groups(world: World) -> None:
    """Where mia is Owner, and where she is Maintainer of a group in another one."""
    for path in ("mine", "acme", "acme/team"):
        world.group(path, "public")
    world.member("mine", "mia", Role.OWNER)
    world.member("acme/team", "mia", Role.MAINTAINER)


def move(world: World, path: str) -> None:
    """Move a project of mia's into the team."""
    world.member(path, "mia", Role.OWNER)
    with world.components.database.writing() as session:
        project, team = find(session, path).id, find(session, "acme/team").id
        by = Mover(granter(world, "mia"), is_person=True)
        transfer(session, project, team, by, world.clock())


def test_only_owners_bring_what_lets_anyone_pull(world: World) -> None:
    world.project("mine/open", anyone_can_pull=True)
    with pytest.raises(RoleTooLow, match="lets anyone pull"):
        move(world, "mine/open")
    world.member("acme/team", "mia", Role.OWNER)
    move(world, "mine/open")
