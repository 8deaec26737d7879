"""The packages of a group and everything in it, in the order of names."""

import pytest

from pyregistry.authnz.identity import Viewer
from pyregistry.errors import Invalid
from pyregistry.packaging.services import readable_projects, subtree_packages
from pyregistry.slices import Slice
from tests.factories.recorded import publish
from tests.factories.statements import statements
from tests.factories.world import START, World

NOBODY = Viewer(None, is_admin=False, is_internal=False, now=START)


@pytest.fixture(params=[10_000, 0], ids=["few packages", "many packages"], autouse=True)
def _packages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subtree_packages, "COUNTED", request.param)


@pytest.fixture(params=[5_000, 0], ids=["few projects", "many projects"], autouse=True)
def _projects(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable_projects, "_MANY_PROJECTS", request.param)


def read(
    world: World, group: int, *, size: int = 20, cursor: str | None = None
) -> Slice[subtree_packages.FoundPackage]:
    with world.components.database.reading() as session:
        return subtree_packages.subtree_packages(session, NOBODY, group, size=size, cursor=cursor)


@pytest.fixture
def group(world: World) -> int:
    """A group with three packages, of which two have one name, and others that nobody sees."""
    group = world.group("acme", "public")
    core, deep = world.project("acme/core", "public"), world.project("acme/in/deep", "public")
    publish(world, core, "beta", "2.0", summary="The second")
    publish(world, deep, "alpha")
    publish(world, deep, "beta")
    publish(world, world.project("acme/closed"), "hidden")
    publish(world, world.project("other/core", "public"), "outside")
    return group


def test_by_name_what_one_may_read(world: World, group: int) -> None:
    found = read(world, group)
    assert [(each.project_path, each.name) for each in found.rows] == [
        ("acme/in/deep", "alpha"),
        ("acme/core", "beta"),
        ("acme/in/deep", "beta"),
    ]
    assert (found.rows[1].summary, found.rows[1].latest_version) == ("The second", "2.0")
    assert not found.follows


def test_by_key(world: World, group: int) -> None:
    seen, cursor = [], None
    for follows in (True, True, False):
        found = read(world, group, size=1, cursor=cursor)
        seen += [(each.project_path, each.name) for each in found.rows]
        cursor = found.cursor
        assert found.follows is follows
        assert (cursor is not None) is follows
    assert seen == [("acme/in/deep", "alpha"), ("acme/core", "beta"), ("acme/in/deep", "beta")]


def test_a_cursor_of_no_list(world: World, group: int) -> None:
    with pytest.raises(Invalid):
        read(world, group, cursor="x")


def test_nothing_to_read(world: World) -> None:
    group = world.group("acme", "public")
    publish(world, world.project("acme/closed"), "hidden")
    assert read(world, group).rows == []


def test_it_costs_at_most_four_queries(world: World, group: int) -> None:
    with statements(world) as executed:
        read(world, group)
    assert len(executed) <= 4
