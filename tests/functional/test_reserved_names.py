"""Reserved prefixes at work: which project of a group takes packages of which name."""

import pytest
from sqlalchemy import delete

from pyregistry.authnz.roles import Role
from pyregistry.protection.models import ReservedPrefixProject
from tests.factories.distributions import sdist
from tests.factories.protection import reserve
from tests.factories.world import World
from tests.functional.support import contents, sentence_of, upload_with

HOME, OTHER, DEEP = "acme/team/core", "acme/other", "acme/team/sub/deep"


@pytest.fixture(autouse=True)
def _projects(world: World) -> None:
    for path in (HOME, OTHER, DEEP, "elsewhere/core"):
        world.project(path)


def refused(world: World, path: str, name: str, prefix: str, group: str = "acme") -> None:
    """Check that the project takes no package of that name."""
    before = contents(world)
    said = sentence_of(world.upload(path, sdist(name), status=403))
    assert said == (
        f"The prefix '{prefix}' is reserved in the group '{group}' for other projects: '{name}' "
        "cannot be pushed here, choose another name."
    )
    assert contents(world) == before


@pytest.mark.parametrize("name", ["acme", "acme-core", "acme-x-y"])
def test_a_reserved_name_belongs_to_its_projects(world: World, name: str) -> None:
    reserve(world, "acme", "Acme", HOME)
    world.upload(HOME, sdist(name))
    for path in (OTHER, DEEP):
        refused(world, path, name, "acme")
    world.upload("elsewhere/core", sdist(name))


@pytest.mark.parametrize("name", ["acmes", "acme2", "my-acme", "acmecore"])
def test_a_prefix_ends_where_a_part_of_the_name_ends(world: World, name: str) -> None:
    reserve(world, "acme", "acme", HOME)
    world.upload(OTHER, sdist(name))


@pytest.mark.parametrize("spelling", ["Acme_Core", "ACME.core", "acme--core"])
def test_names_are_normalised(world: World, spelling: str) -> None:
    reserve(world, "acme", "acme", HOME)
    world.upload(OTHER, sdist(spelling), status=403)


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.OWNER])
def test_it_holds_for_everybody(world: World, role: Role) -> None:
    reserve(world, "acme", "acme", HOME)
    world.member("acme", "olga", role)
    world.upload(OTHER, sdist("acme"), world.as_("olga"), status=403)
    world.user("ada", is_admin=True)
    world.upload(OTHER, sdist("acme"), world.as_("ada"), status=403)
    world.upload(HOME, sdist("acme"), world.as_("olga"))


def test_other_projects_are_not_named(world: World) -> None:
    reserve(world, "acme", "acme", HOME)
    said = sentence_of(world.upload(OTHER, sdist("acme"), status=403))
    assert "team" not in said
    assert "core" not in said


def test_of_one_group_the_longest_prefix_counts(world: World) -> None:
    reserve(world, "acme", "acme", HOME)
    reserve(world, "acme", "acme-tools", OTHER)
    world.upload(OTHER, sdist("acme-tools-x"))
    world.upload(HOME, sdist("acme-toolsx"))
    refused(world, HOME, "acme-tools", "acme-tools")
    refused(world, OTHER, "acme-x", "acme")


def test_every_group_above_has_its_say(world: World) -> None:
    reserve(world, "acme", "acme", HOME, DEEP)
    reserve(world, "acme/team", "acme-core", HOME)
    world.upload(HOME, sdist("acme-core"))
    world.upload(DEEP, sdist("acme"))
    refused(world, DEEP, "acme-core", "acme-core", "acme/team")
    refused(world, OTHER, "acme-core", "acme")


def test_a_subgroup_cannot_take_what_is_reserved_above(world: World) -> None:
    reserve(world, "acme", "acme", OTHER)
    reserve(world, "acme/team", "acme-core", HOME)
    refused(world, HOME, "acme-core", "acme")
    refused(world, DEEP, "acme-core", "acme")


def test_a_prefix_whose_projects_are_gone_belongs_to_nobody(world: World) -> None:
    reserve(world, "acme", "acme", HOME)
    with world.components.database.writing() as session:
        session.execute(delete(ReservedPrefixProject))
    refused(world, HOME, "acme", "acme")


def test_a_prefix_reserved_while_the_body_is_sent(world: World) -> None:
    headers = world.publisher(OTHER)
    response = upload_with(
        world,
        sdist("acme"),
        headers,
        lambda: reserve(world, "acme", "acme", HOME),
        address=f"/{OTHER}/-/legacy/",
    )
    assert response.status_int == 403
    assert "reserved in the group 'acme'" in sentence_of(response)
    assert world.stored_objects() == set()
    assert world.leftovers() == []
