"""Creating groups and projects."""

import pytest
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.errors import (
    InvalidPath,
    NamespaceExists,
    NamespaceNotFound,
    TooVisible,
)
from pyregistry.namespaces.models import Namespace, NamespaceAncestor, NamespaceKind, Visibility
from pyregistry.namespaces.names import MAXIMUM_PATH_LENGTH
from pyregistry.namespaces.services.create import create_group, create_project, find
from tests.factories.world import FOUNDER, World


def test_top_level_group(world: World) -> None:
    world.group("Acme")
    with world.components.database.reading() as session:
        group = find(session, "acme")
    assert (group.path, group.full_path, group.full_path_key) == ("Acme", "Acme", "acme")
    assert (group.kind, group.parent_id) == (NamespaceKind.GROUP, None)
    assert group.visibility is Visibility.PRIVATE
    assert group.created_at == world.clock()


def test_path_is_spelled_as_its_parents_were(world: World) -> None:
    world.group("Acme")
    project = world.project("ACME/Core")
    with world.components.database.reading() as session:
        found = session.get(Namespace, project)
    assert found is not None
    assert found.full_path == "Acme/Core"


def test_every_ancestor_is_recorded(world: World) -> None:
    ids = [world.group("a"), world.group("a/b"), world.group("a/b/c"), world.project("a/b/c/d")]
    with world.components.database.reading() as session:
        rows = session.execute(
            select(NamespaceAncestor.ancestor_id, NamespaceAncestor.depth)
            .where(NamespaceAncestor.namespace_id == ids[-1])
            .order_by(NamespaceAncestor.depth)
        )
        assert [tuple(row) for row in rows] == [(ids[3], 0), (ids[2], 1), (ids[1], 2), (ids[0], 3)]


def test_siblings_are_no_ancestors(world: World) -> None:
    world.group("a")
    world.group("a/b")
    sibling = world.group("a/c")
    with world.components.database.reading() as session:
        rows = session.scalars(
            select(NamespaceAncestor.namespace_id).where(NamespaceAncestor.ancestor_id == sibling)
        ).all()
    assert rows == [sibling]


def test_twenty_levels_of_groups_with_a_project_in_the_deepest(world: World) -> None:
    for depth in range(1, 21):
        world.group("/".join("g" * depth))
    world.project("/".join("g" * 20) + "/project")
    with (
        world.components.database.writing() as session,
        pytest.raises(InvalidPath, match="Groups go 20 levels deep"),
    ):
        create_group(session, "/".join("g" * 21), actor=FOUNDER, now=world.clock())


def test_longest_path(world: World) -> None:
    # What is unique must fit into an index of the database.
    parts = ["g" * 255, "h" * 255, "i" * 255, "j" * 254]
    for depth in range(1, 5):
        world.group("/".join(parts[:depth]))
    path = "/".join(parts)
    assert len(f"{path}/k") == MAXIMUM_PATH_LENGTH
    world.project(f"{path}/k")
    with (
        world.components.database.writing() as session,
        pytest.raises(InvalidPath, match="1025 characters"),
    ):
        create_project(session, f"{path}/kk", actor=FOUNDER, now=world.clock())


@pytest.mark.parametrize("create", [create_group, create_project])
def test_parent_must_exist(world: World, create) -> None:
    with (
        world.components.database.writing() as session,
        pytest.raises(NamespaceNotFound, match="There is no group 'acme': create it first"),
    ):
        create(session, "acme/core", actor=FOUNDER, now=world.clock())


@pytest.mark.parametrize("create", [create_group, create_project])
def test_parent_must_be_a_group(world: World, create) -> None:
    world.project("acme/core")
    with (
        world.components.database.writing() as session,
        pytest.raises(InvalidPath, match="acme/core is a project"),
    ):
        create(session, "acme/core/more", actor=FOUNDER, now=world.clock())


def test_project_needs_a_group(world: World) -> None:
    with (
        world.components.database.writing() as session,
        pytest.raises(InvalidPath, match="A project lives in a group"),
    ):
        create_project(session, "core", actor=FOUNDER, now=world.clock())


@pytest.mark.parametrize("create", [create_group, create_project])
@pytest.mark.parametrize("path", ["acme/core", "Acme/Core", "ACME/CORE"])
def test_paths_are_unique_without_case(world: World, create, path: str) -> None:
    world.project("acme/core")
    with (
        world.components.database.writing() as session,
        pytest.raises(NamespaceExists, match="is taken: choose another"),
    ):
        create(session, path, actor=FOUNDER, now=world.clock())


@pytest.mark.parametrize("create", [create_group, create_project])
@pytest.mark.parametrize("above", Visibility)
@pytest.mark.parametrize("wanted", Visibility)
def test_never_more_visible_than_the_group(world: World, create, above, wanted) -> None:
    world.group("acme", above)
    order = [Visibility.PRIVATE, Visibility.INTERNAL, Visibility.PUBLIC]
    with world.components.database.writing() as session:
        if order.index(wanted) > order.index(above):
            with pytest.raises(TooVisible, match=f"The group acme is {above}"):
                create(session, "acme/core", visibility=wanted, actor=FOUNDER, now=world.clock())
        else:
            created = create(
                session, "acme/core", visibility=wanted, actor=FOUNDER, now=world.clock()
            )
            assert created.visibility is wanted


def test_find_in_any_case(world: World) -> None:
    project = world.project("acme/core")
    with world.components.database.reading() as session:
        assert find(session, "/ACME/Core/").id == project


@pytest.mark.parametrize("path", ["acme", "acme/core/more", "", "a\0b", "é", "x" * 10_000])
def test_find_what_is_not_there(world: World, path: str) -> None:
    with world.components.database.reading() as session, pytest.raises(NamespaceNotFound):
        find(session, path)


@pytest.mark.parametrize("create", [create_group, create_project])
def test_creating_is_an_event(world: World, create) -> None:
    world.group("acme", "internal")
    alice = Actor(world.user("alice"), "alice")
    wanted = Visibility.INTERNAL
    with world.components.database.writing() as session:
        made = create(session, "acme/core", visibility=wanted, actor=alice, now=world.clock())
    [event] = world.events()
    kind = "group" if create is create_group else "project"
    assert (event.action, event.actor_name) == (f"{kind}.created", "alice")
    assert (event.namespace_id, event.namespace_path) == (made.id, "acme/core")
    assert event.details == {"before": None, "after": {"visibility": "internal"}}
    with pytest.raises(NamespaceExists), world.components.database.writing() as session:
        create(session, "acme/core", actor=alice, now=world.clock())
    assert len(world.events()) == 1
