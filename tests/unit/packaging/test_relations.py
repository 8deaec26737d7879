"""What packages need that lives here, and what needs them; nobody learns of what is not theirs."""

import pytest

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.packaging.services import readable_projects, relations
from pyregistry.packaging.services.relations import packages_here, used_by
from tests.factories.recorded import publish
from tests.factories.statements import plans, statements
from tests.factories.switches import turn
from tests.factories.world import World


@pytest.fixture(params=[5_000, 0], ids=["few projects", "many projects"])
def peopled(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """A package `base` in several places, and one of each visibility that needs it.

    `rita` may read all of the group `acme`, `gus` is a guest of it, `eve` is external.
    """
    monkeypatch.setattr(readable_projects, "_MANY_PROJECTS", request.param)
    for path in ("near/team/core", "near/team/next", "near/other", "acme/secret"):
        publish(world, world.project(path, "private"), "base")
    publish(world, world.project("far/away", "public"), "base")
    for visibility in ("private", "internal", "public"):
        project = world.project(f"acme/{visibility}", visibility)
        publish(world, project, f"{visibility}-tool", "1.0", requires_dist=["other"])
        publish(world, project, f"{visibility}-tool", "2.0", requires_dist=["Base[x]>1", "base"])
        publish(world, project, f"{visibility}-before", "2.0")
        publish(world, project, f"{visibility}-before", "1.0", requires_dist=["base"])
    world.member("acme", "rita", Role.REPORTER)
    world.member("acme", "gus", Role.GUEST)
    world.user("eve", is_external=True)
    world.user("adam", is_admin=True)
    return world


def viewer(world: World, username: str | None) -> Viewer:
    """Somebody by their name, or nobody."""
    return Viewer(
        world.users[username] if username else None,
        is_admin=username == "adam",
        is_internal=username not in (None, "eve"),
        now=world.clock(),
    )


WHO = [
    ("adam", ["internal", "private", "public"]),
    ("rita", ["internal", "private", "public"]),
    ("gus", ["internal", "public"]),
    ("eve", ["public"]),
    (None, ["public"]),
]


@pytest.mark.parametrize(("username", "seen"), WHO)
def test_used_by(peopled: World, username: str | None, seen: list[str]) -> None:
    with peopled.components.database.reading() as session:
        found = used_by(session, "base", viewer(peopled, username), limit=10)
    assert [(each.project_path, each.name, each.latest_version) for each in found.packages] == [
        (f"acme/{visibility}", f"{visibility}-tool", "2.0") for visibility in seen
    ]
    assert found.total == len(seen)


def test_what_is_turned_off_is_used_by_nothing(peopled: World) -> None:
    turn(peopled, "acme/private", on=False)
    with peopled.components.database.reading() as session:
        found = used_by(session, "base", viewer(peopled, "adam"), limit=10)
    assert [each.name for each in found.packages] == ["internal-tool", "public-tool"]


def test_more_than_are_shown(peopled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with peopled.components.database.reading() as session:
        found = used_by(session, "base", viewer(peopled, "rita"), limit=1)
        assert [each.name for each in found.packages] == ["internal-tool"]
        assert found.total == 3
        monkeypatch.setattr(relations, "MAXIMUM_COUNTED", 2)
        assert used_by(session, "base", viewer(peopled, "rita"), limit=1).total is None
        assert used_by(session, "unknown", viewer(peopled, "rita"), limit=1).total == 0


@pytest.mark.parametrize(("username", "seen"), WHO)
def test_packages_here(peopled: World, username: str | None, seen: list[str]) -> None:
    names = {f"{visibility}-tool" for visibility in ("private", "internal", "public")}
    with peopled.components.database.reading() as session:
        project = publish_in(peopled, "elsewhere/core")
        found = packages_here(session, names | {"nothing"}, viewer(peopled, username), project)
    assert found == {f"{visibility}-tool": f"acme/{visibility}" for visibility in seen}


def publish_in(world: World, path: str) -> int:
    """A project with something in it."""
    project = world.project(path)
    publish(world, project, "something")
    return project


def test_the_nearest_counts(peopled: World) -> None:
    """Its own project, its group, the group above, anywhere; and never what may not be read."""

    def nearest(username: str | None) -> dict[str, str]:
        with peopled.components.database.reading() as session:
            return packages_here(session, ["base"], viewer(peopled, username), project)

    project = publish_in(peopled, "near/team/deep/mine")
    assert nearest(None) == nearest("rita") | {"base": "far/away"}
    assert nearest("adam") == {"base": "near/team/core"}
    publish(peopled, project, "base")
    assert nearest("adam") == {"base": "near/team/deep/mine"}
    assert nearest(None) == {"base": "far/away"}
    peopled.member("near/other", "olga", Role.REPORTER)
    assert nearest("olga") == {"base": "near/other"}
    peopled.member("near/team/next", "olga", Role.REPORTER)
    assert nearest("olga") == {"base": "near/team/next"}


def test_nothing_is_asked_for(peopled: World) -> None:
    with peopled.components.database.reading() as session:
        assert packages_here(session, [], viewer(peopled, "adam"), 1) == {}
        assert not session.in_transaction()


def test_dependents_are_read_in_order(peopled: World) -> None:
    with statements(peopled) as executed, peopled.components.database.reading() as session:
        used_by(session, "base", viewer(peopled, "rita"), limit=1)
    assert len(executed) == 3
    if peopled.components.database.kind != "sqlite":
        pytest.skip("PostgreSQL plans by what there is: the benchmark shows how well")
    for plan in plans(peopled, executed[1:]):
        assert "COVERING INDEX ix_package_dependencies_dependents" in plan
        assert "TEMP B-TREE" not in plan
