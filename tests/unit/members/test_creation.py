"""Creating groups and projects: who may is asked again when it is done."""

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.members.errors import GroupsForAdministrators, RoleTooLow
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.creation import create_inside, create_top_group
from pyregistry.namespaces.errors import InvalidPath, NamespaceNotFound
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.services.create import NewNamespace
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.settings import Changes
from tests.factories.members import granter, roles_in
from tests.factories.world import FOUNDER, World

NEW = NewNamespace("new")
NO_SWITCHES = Changes()
DEPLOYMENT = Granter(Actor(credential_name="a deploy token"), is_admin=False)


def let_people_create_groups(world: World) -> None:
    """Decide it for the instance."""
    with world.components.database.writing() as session:
        changes = InstanceChanges(users_create_groups=True)
        change_instance_settings(session, changes, FOUNDER, world.clock())


def inside(world: World, group_id: int, by: Granter, switches: Changes = NO_SWITCHES) -> str:
    """Create a project in a group; its full path."""
    with world.components.database.writing() as session:
        kind = NamespaceKind.PROJECT
        return create_inside(session, kind, group_id, NEW, switches, by, world.clock()).full_path


def at_the_top(world: World, by: Granter) -> str:
    """Create a group at the top; its full path."""
    with world.components.database.writing() as session:
        return create_top_group(session, NEW, NO_SWITCHES, by, world.clock()).full_path


@pytest.mark.parametrize("role", [None, *Role])
def test_the_role_counts_that_they_have_then(world: World, role: Role | None) -> None:
    acme = world.group("acme")
    world.user("mia")
    if role is not None:
        world.member("acme", "mia", role)
    if role is not None and role >= Role.MAINTAINER:
        assert inside(world, acme, granter(world, "mia")) == "acme/new"
    else:
        with pytest.raises(RoleTooLow, match="Only a Maintainer or an Owner manages"):
            inside(world, acme, granter(world, "mia"))


def test_a_role_in_a_subgroup_is_none_above(world: World) -> None:
    acme = world.group("acme")
    team = world.group("acme/team")
    world.member("acme/team", "mia", Role.OWNER)
    with pytest.raises(RoleTooLow):
        inside(world, acme, granter(world, "mia"))
    assert inside(world, team, granter(world, "mia")) == "acme/team/new"


def test_only_owners_let_anyone_pull(world: World) -> None:
    acme = world.group("acme")
    world.member("acme", "mia", Role.MAINTAINER)
    world.member("acme", "olga", Role.OWNER)
    switches = Changes(anyone_can_pull=True)
    with pytest.raises(RoleTooLow, match="Only an Owner"):
        inside(world, acme, granter(world, "mia"), switches)
    assert inside(world, acme, granter(world, "olga"), switches) == "acme/new"


def test_a_group_that_is_gone_or_none(world: World) -> None:
    world.user("root", is_admin=True)
    root = granter(world, "root", is_admin=True)
    with pytest.raises(NamespaceNotFound):
        inside(world, 999, root)
    with pytest.raises(InvalidPath, match="is a project"):
        inside(world, world.project("acme/core"), root)


def test_who_creates_groups_at_the_top(world: World) -> None:
    world.group("acme")
    world.access_token("acme", Role.OWNER)
    bot = next(name for name in world.users if name.startswith("bot-"))
    world.user("paula")
    world.user("external", is_external=True)
    for who in ("paula", "external", bot):
        with pytest.raises(GroupsForAdministrators):
            at_the_top(world, granter(world, who))
    let_people_create_groups(world)
    for by in (granter(world, "external"), granter(world, bot), DEPLOYMENT):
        with pytest.raises(GroupsForAdministrators):
            at_the_top(world, by)
    assert at_the_top(world, granter(world, "paula")) == "new"
    assert roles_in(world, "new") == {"paula": 50}
