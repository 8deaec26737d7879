"""The database lets the namespace of an event go up the tree, and nowhere else."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pyregistry import schema
from pyregistry.namespaces.services.create import find
from tests.factories.world import World
from tests.unit.conftest import world

__all__ = ["world"]


@pytest.fixture
def ids(world: World) -> dict[str, int]:
    """The ids of the groups and projects by path; the project has an event."""
    world.project("acme/team/core")
    world.project("other/core")
    with world.components.database.reading() as session:
        return {
            path: find(session, path).id
            for path in ("acme", "acme/team", "acme/team/core", "other", "other/core")
        }


def set_namespace(world: World, namespace_id: int, to: int | None) -> None:
    with world.components.database.writing() as session:
        session.execute(
            text("UPDATE events SET namespace_id = :to WHERE namespace_id = :namespace_id"),
            {"to": to, "namespace_id": namespace_id},
        )


@pytest.mark.parametrize("to", ["acme/team", "acme", "acme/team/core", None])
def test_up_the_tree(world: World, ids: dict[str, int], to: str | None) -> None:
    set_namespace(world, ids["acme/team/core"], ids[to] if to else None)


@pytest.mark.parametrize(
    ("begin", "to"),
    [
        ("acme/team/core", "other"),
        ("acme/team/core", "other/core"),
        ("acme", "acme/team"),
        ("acme/team", "acme/team/core"),
    ],
)
def test_nowhere_else(world: World, ids: dict[str, int], begin: str, to: str) -> None:
    with pytest.raises(DBAPIError, match="events are never changed or removed"):
        set_namespace(world, ids[begin], ids[to])


def test_nothing_goes_back(world: World, ids: dict[str, int]) -> None:
    set_namespace(world, ids["acme/team/core"], None)
    with (
        pytest.raises(DBAPIError, match="events are never changed or removed"),
        world.components.database.writing() as session,
    ):
        session.execute(
            text("UPDATE events SET namespace_id = :to WHERE namespace_id IS NULL"),
            {"to": ids["acme"]},
        )


@pytest.mark.parametrize("column", ["namespace_path", "action", "details"])
def test_what_it_says_stays(world: World, ids: dict[str, int], column: str) -> None:
    with (
        pytest.raises(DBAPIError, match="events are never changed or removed"),
        world.components.database.writing() as session,
    ):
        session.execute(
            text(f"UPDATE events SET namespace_id = :to, {column} = '1' WHERE namespace_id = :id"),
            {"to": ids["acme"], "id": ids["acme/team"]},
        )


def test_the_schema_before_lets_it_become_null_only(world: World, ids: dict[str, int]) -> None:
    schema.downgrade(world.components.database, "0002")
    with pytest.raises(DBAPIError, match="events are never changed or removed"):
        set_namespace(world, ids["acme/team/core"], ids["acme"])
    set_namespace(world, ids["acme/team/core"], None)
