"""Lists of releases: which plans SQLite makes of them, and groups of very many projects."""

from typing import Any

import pytest
from sqlalchemy import event, update

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.services import listing
from pyregistry.packaging.services.listing import (
    ReleaseOrder,
    ReleaseQuery,
    group_releases,
    project_releases,
)
from pyregistry.slices import COUNTED, Slice, Window
from tests.factories.recorded import digests_of, record
from tests.factories.world import World

ORDERS = [
    pytest.param(ReleaseOrder.CREATED_AT, "ix_releases_created", id="created_at"),
    pytest.param(ReleaseOrder.NAME, "ix_releases_name", id="name"),
    pytest.param(ReleaseOrder.VERSION, "ix_releases_version", id="version"),
    pytest.param(ReleaseOrder.PROJECT_PATH, "ix_releases_project_created", id="project_path"),
]


@pytest.fixture
def group(world: World) -> int:
    """A group of two projects with a release each, which say that they hold very many."""
    for path in ("acme/one", "acme/two"):
        record(world, world.project(path), digests_of(path.encode()))
    with world.components.database.writing() as session:
        session.execute(update(Namespace).values(files_count=COUNTED))
        return find(session, "acme").id


def viewer(world: World) -> Viewer:
    """Somebody who may see everything."""
    return Viewer(None, is_admin=True, is_internal=True, now=world.clock())


def plan(world: World, read: Any) -> str:
    """The plan of the statement that chooses the rows of a page."""
    executed: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "ORDER BY releases." in statement or "ORDER BY namespaces.full_path_key" in statement:
            executed.append((statement, parameters))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    with world.components.database.reading() as session:
        found: Slice[Any] = read(session)
    event.remove(engine, "before_cursor_execute", note)
    assert found.rows
    (statement, parameters), *_ = executed
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("by_key", [False, True])
@pytest.mark.parametrize(("order", "index"), ORDERS)
def test_large_groups_are_walked_in_order(
    world: World, group: int, order: ReleaseOrder, index: str, by_key: bool, descending: bool
) -> None:
    if world.components.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what there is: the benchmark shows how well")
    query = ReleaseQuery(order=order, descending=descending)
    window = Window(1, by_key=by_key)
    found = plan(world, lambda each: group_releases(each, group, viewer(world), query, window))
    assert f"COVERING INDEX {index}" in found, found
    assert "TEMP B-TREE" not in found, found


@pytest.mark.parametrize("name_part", [None, "e"])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "order", [ReleaseOrder.CREATED_AT, ReleaseOrder.NAME, ReleaseOrder.VERSION]
)
def test_projects_are_read_in_order(
    world: World, group: int, order: ReleaseOrder, descending: bool, name_part: str | None
) -> None:
    if world.components.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what there is: the benchmark shows how well")
    query = ReleaseQuery(name_part, order=order, descending=descending)
    with world.components.database.reading() as session:
        project = find(session, "acme/one").id
    found = plan(world, lambda each: project_releases(each, project, query, Window(1)))
    assert "COVERING INDEX ix_releases_project_" in found, found
    assert "TEMP B-TREE" not in found, found


@pytest.mark.parametrize("order", ReleaseOrder)
@pytest.mark.parametrize("most", [0, 1, 2, 5000])
def test_more_projects_than_a_statement_names(
    world: World, group: int, monkeypatch: pytest.MonkeyPatch, order: ReleaseOrder, most: int
) -> None:
    monkeypatch.setattr(listing, "_MANY_PROJECTS", most)
    with world.components.database.reading() as session:
        found = group_releases(session, group, viewer(world), ReleaseQuery(order=order), Window(20))
    assert [release.id for release in found.rows] == [1, 2]
    assert found.total == 2


def test_a_group_without_projects(world: World) -> None:
    group = world.group("empty")
    with world.components.database.reading() as session:
        found = group_releases(session, group, viewer(world), ReleaseQuery(), Window(20))
    assert found == Slice([], follows=False, total=0)
