"""Renaming groups and projects, and where old paths lead."""

import pytest
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.errors import InvalidPath, NamespaceExists, NamespaceNotFound
from pyregistry.namespaces.models import Namespace, NamespaceRedirect
from pyregistry.namespaces.names import MAXIMUM_PATH_LENGTH, path_keys
from pyregistry.namespaces.services.redirects import Redirect, find_redirect
from pyregistry.namespaces.services.rename import rename
from tests.factories.world import World

OLGA = Actor(username="olga")


def renamed(world: World, namespace_id: int, path: str) -> str:
    """Rename; the new full path."""
    with world.components.database.writing() as session:
        return rename(session, namespace_id, path, OLGA, world.clock()).full_path


def paths(world: World) -> list[tuple[str, str]]:
    """Every full path with its key."""
    with world.components.database.reading() as session:
        rows = session.execute(
            select(Namespace.full_path, Namespace.full_path_key).order_by(Namespace.full_path_key)
        )
        return [(row[0], row[1]) for row in rows]


def redirects(world: World) -> dict[str, int]:
    """Every old path, and what it leads to."""
    with world.components.database.reading() as session:
        rows = session.execute(select(NamespaceRedirect.path_key, NamespaceRedirect.namespace_id))
        return {row[0]: row[1] for row in rows}


def redirected(world: World, path: str) -> Redirect | None:
    with world.components.database.reading() as session:
        return find_redirect(session, path_keys(path.split("/")))


def test_everything_below_follows(world: World) -> None:
    group = world.group("Acme", "public")
    world.project("Acme/team/Core")
    world.project("acmeish/other")
    assert renamed(world, group, "Zeta.Works") == "Zeta.Works"
    assert paths(world) == [
        ("acmeish", "acmeish"),
        ("acmeish/other", "acmeish/other"),
        ("Zeta.Works", "zeta.works"),
        ("Zeta.Works/team", "zeta.works/team"),
        ("Zeta.Works/team/Core", "zeta.works/team/core"),
    ]


def test_a_name_that_nobody_gave_follows(world: World) -> None:
    plain, named = world.group("plain", "public"), world.group("named", "public")
    with world.components.database.writing() as session:
        session.get_one(Namespace, named).name = "Our group"
    renamed(world, plain, "one")
    renamed(world, named, "two")
    with world.components.database.reading() as session:
        found = [session.get_one(Namespace, number) for number in (plain, named)]
    assert [(each.path, each.name) for each in found] == [("one", "one"), ("two", "Our group")]


def test_it_is_an_event_with_both_paths(world: World) -> None:
    project = world.project("acme/core")
    renamed(world, project, "kernel")
    (event,) = world.events()
    assert event.action == "project.renamed"
    assert (event.namespace_id, event.namespace_path) == (project, "acme/kernel")
    assert event.actor_name == "olga"
    assert event.details["before"] == {"full_path": "acme/core"}
    assert event.details["after"] == {"full_path": "acme/kernel"}


def test_the_same_name_changes_nothing(world: World) -> None:
    project = world.project("acme/core")
    renamed(world, project, "core")
    assert world.events() == []
    assert redirects(world) == {}


def test_another_case_of_letters_needs_no_redirect(world: World) -> None:
    group = world.group("acme", "public")
    world.project("acme/core")
    assert renamed(world, group, "ACME") == "ACME"
    assert paths(world)[1] == ("ACME/core", "acme/core")
    assert redirects(world) == {}
    assert len(world.events()) == 1


@pytest.mark.parametrize("name", ["", "a/b", "-", "members", "x.git", "ünder", "a" * 256, "a\n"])
def test_what_is_no_name(world: World, name: str) -> None:
    project = world.project("acme/core")
    with pytest.raises(InvalidPath):
        renamed(world, project, name)


def test_a_top_level_name_of_digits(world: World) -> None:
    group, project = world.group("acme", "public"), world.project("acme/core")
    with pytest.raises(InvalidPath, match="all digits"):
        renamed(world, group, "123")
    assert renamed(world, project, "123") == "acme/123"


@pytest.mark.parametrize("name", ["taken", "TAKEN"])
def test_a_path_that_is_taken(world: World, name: str) -> None:
    world.group("acme", "public")
    world.group("acme/Taken", "public")
    project = world.project("acme/core")
    with pytest.raises(NamespaceExists, match="is taken"):
        renamed(world, project, name)
    assert redirects(world) == {}


def test_what_is_below_must_fit(world: World) -> None:
    group = world.group("a", "public")
    deep = "a/" + "/".join(["b" * 200] * 4)
    world.project(f"{deep}/{'c' * (MAXIMUM_PATH_LENGTH - len(deep) - 2)}")
    assert renamed(world, group, "bb") == "bb"
    with pytest.raises(InvalidPath, match="1025 characters"):
        renamed(world, group, "bbb")


def test_what_is_gone(world: World) -> None:
    with pytest.raises(NamespaceNotFound):
        renamed(world, 999, "name")


class TestRedirects:
    def test_of_a_project(self, world: World) -> None:
        project = world.project("acme/core")
        renamed(world, project, "kernel")
        found = redirected(world, "ACME/Core/package/1.0")
        assert found is not None
        assert (found.taken, found.moved.full_path) == (2, "acme/kernel")
        assert [record.full_path for record in found.namespaces] == ["acme", "acme/kernel"]
        assert redirected(world, "acme/kernels") is None
        assert redirected(world, "acme") is None

    def test_of_everything_below_a_group(self, world: World) -> None:
        world.project("top/acme/team/core")
        with world.components.database.reading() as session:
            team = session.scalars(select(Namespace).where(Namespace.path == "acme")).one()
        renamed(world, team.id, "zeta")
        found = redirected(world, "top/acme/team/core/package")
        assert found is not None
        assert (found.taken, found.moved.full_path) == (2, "top/zeta")
        assert [record.path for record in found.namespaces] == ["top", "zeta", "team", "core"]
        missing = redirected(world, "top/acme/nothing/core")
        assert missing is not None
        assert missing.namespaces[-1] == missing.moved

    def test_chains(self, world: World) -> None:
        group, project = world.group("acme", "public"), world.project("acme/core")
        renamed(world, project, "kernel")
        renamed(world, group, "zeta")
        renamed(world, project, "nucleus")
        renamed(world, group, "omega")
        for old in ("acme/core", "zeta/kernel"):
            found = redirected(world, old)
            assert found is not None
            assert found.namespaces[-1].full_path == "omega/nucleus"
        assert redirects(world) == {
            "acme": group,
            "zeta": group,
            "acme/core": project,
            "zeta/kernel": project,
        }

    def test_back_again(self, world: World) -> None:
        project = world.project("acme/core")
        renamed(world, project, "kernel")
        renamed(world, project, "core")
        assert redirects(world) == {"acme/kernel": project}

    def test_creating_takes_the_path_and_those_below(self, world: World) -> None:
        group, project = world.group("acme_x", "public"), world.project("acme_x/core")
        other = world.project("acme-x/core")
        renamed(world, project, "kernel")
        renamed(world, other, "kernel")
        renamed(world, group, "zeta")
        world.group("Acme_X", "public")
        assert redirects(world) == {"acme-x/core": other}

    def test_renaming_takes_the_path(self, world: World) -> None:
        one, other = world.project("acme/one"), world.project("acme/other")
        renamed(world, one, "two")
        renamed(world, other, "one")
        assert redirects(world) == {"acme/other": other}

    def test_a_stale_one_leads_nowhere(self, world: World) -> None:
        # As a creation leaves it that began before the path was left.
        project, other = world.project("acme/core"), world.project("acme/other")
        with world.components.database.writing() as session:
            session.add(
                NamespaceRedirect(
                    path_key="acme/core", namespace_id=other, created_at=world.clock()
                )
            )
        assert redirected(world, "acme/core") is None
        assert redirects(world) == {"acme/core": other}
        renamed(world, project, "kernel")
        assert redirects(world) == {"acme/core": project}
