"""What nobody brings into a group by moving it there."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.members.errors import RoleTooLow
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.errors import FilesReplaced
from pyregistry.tree.services.transfer import transfer
from tests.factories.distributions import wheel
from tests.factories.members import granter
from tests.factories.world import World
from tests.functional.support import read_json


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
        by = granter(world, "mia")
        transfer(session, project, team, by, world.clock())


class TestFilesInTheIndexOfTheGroup:
    @pytest.fixture(autouse=True)
    def projects(self, world: World) -> None:
        world.project("mine/core", "public")
        world.project("acme/core", "public")

    @staticmethod
    def shown(world: World) -> str:
        (file,) = read_json(world, "/acme/-/simple/demo-package/")["files"]
        return str(file["hashes"]["sha256"])

    def test_an_older_one_replaces_none_that_is_there(self, world: World) -> None:
        published = wheel(files={"x.py": b""})
        world.upload("mine/core", wheel())
        world.clock.advance(seconds=1)
        world.upload("acme/core", published)
        with pytest.raises(FilesReplaced, match="demo_package"):
            move(world, "mine/core")
        assert self.shown(world) == published.sha256

    def test_a_newer_one_is_hidden(self, world: World) -> None:
        published = wheel(files={"x.py": b""})
        world.upload("acme/core", published)
        world.clock.advance(seconds=1)
        world.upload("mine/core", wheel())
        world.upload("mine/core", wheel(version="2.0"))
        move(world, "mine/core")
        files = read_json(world, "/acme/-/simple/demo-package/")["files"]
        assert files[0]["hashes"]["sha256"] == published.sha256

    def test_the_same_bytes(self, world: World) -> None:
        world.upload("mine/core", wheel())
        world.clock.advance(seconds=1)
        world.upload("acme/core", wheel())
        move(world, "mine/core")
        assert self.shown(world) == wheel().sha256


def test_only_owners_bring_what_lets_anyone_pull(world: World) -> None:
    world.project("mine/open", anyone_can_pull=True)
    with pytest.raises(RoleTooLow, match="lets anyone pull"):
        move(world, "mine/open")
    world.member("acme/team", "mia", Role.OWNER)
    move(world, "mine/open")
