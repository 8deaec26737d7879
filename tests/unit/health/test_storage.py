"""How much is where."""

import pytest

from pyregistry.health.services.storage import (
    StorageContent,
    StorageUse,
    contents_of_storages,
    groups_by_storage,
    projects_by_storage,
)
from pyregistry.namespaces.services.create import find
from pyregistry.slices import Slice, Window
from tests.factories.recorded import digests_of, publish, record
from tests.factories.statements import plans, statements
from tests.factories.world import World

ALL = Window(20, by_key=True)


@pytest.fixture
def full(world: World) -> World:
    """Two groups with projects of several sizes, and an empty one."""
    sizes = {"acme/core": (1, 2), "acme/team/deep/tool": (10,), "acme/team/other": (20,)}
    for path, files in sizes.items():
        project = world.project(path)
        for size in files:
            publish(world, project, f"demo-{size}", size=size)
    publish(world, world.project("large/one"), "demo", size=100)
    world.project("acme/empty")
    world.group("empty")
    return world


def paths(found: Slice[StorageUse]) -> list[tuple[str, int, int, int]]:
    return [(each.full_path, each.packages, each.files, each.storage_bytes) for each in found.rows]


def test_projects(full: World) -> None:
    with full.components.database.reading() as session:
        everywhere = projects_by_storage(session, ALL)
        acme = find(session, "acme").id
        assert paths(projects_by_storage(session, ALL, group_id=acme)) == paths(everywhere)[1:]
        first = projects_by_storage(session, Window(3, by_key=True))
        rest = projects_by_storage(session, Window(3, by_key=True, cursor=first.cursor))
    assert paths(everywhere) == [
        ("large/one", 1, 1, 100),
        ("acme/team/other", 1, 1, 20),
        ("acme/team/deep/tool", 1, 1, 10),
        ("acme/core", 2, 2, 3),
        ("acme/empty", 0, 0, 0),
    ]
    assert [*first.rows, *rest.rows] == everywhere.rows


def test_groups_with_everything_in_them(full: World) -> None:
    with full.components.database.reading() as session:
        top = groups_by_storage(session, ALL)
        acme = find(session, "acme").id
        inside = groups_by_storage(session, ALL, parent_id=acme)
        pages, cursor = [], None
        for _ in top.rows:
            page = groups_by_storage(session, Window(1, by_key=True, cursor=cursor))
            pages += page.rows
            cursor = page.cursor
    assert paths(top) == [("large", 1, 1, 100), ("acme", 4, 4, 33), ("empty", 0, 0, 0)]
    assert paths(inside) == [("acme/team", 2, 2, 30)]
    assert (pages, cursor) == (list(top.rows), None)
    assert all(type(each.storage_bytes) is int for each in top.rows)


def test_the_largest_projects_are_found_by_an_index(full: World) -> None:
    with statements(full) as executed, full.components.database.reading() as session:
        projects_by_storage(session, ALL)
    if full.components.database.kind != "sqlite":
        pytest.skip("PostgreSQL plans by what there is")
    (plan,) = plans(full, executed)
    assert "ix_namespaces_kind_storage_bytes_id" in plan
    assert "TEMP B-TREE" not in plan


def test_what_lies_in_a_storage(world: World) -> None:
    with world.components.database.reading() as session:
        assert contents_of_storages(session) == []
    for path in ("acme/one", "acme/two"):
        project = world.project(path)
        record(world, project, digests_of(b"the same"))
        publish(world, project, "other", size=7)
    with world.components.database.reading() as session:
        assert contents_of_storages(session) == [
            StorageContent("local", files=4, storage_bytes=16, objects=3, stored_bytes=15)
        ]
