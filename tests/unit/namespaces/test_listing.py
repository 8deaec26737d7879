"""How the databases read a long list of projects: in order, and only as much as is shown."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.listing import (
    OrderedBy,
    Place,
    Selection,
    groups_above,
    namespaces_slice,
)
from pyregistry.slices import Window
from tests.factories.world import START, World
from tests.functional.support import NO_QUERIES

MANY = 10_000
PROJECTS = Selection(NamespaceKind.PROJECT)
NOBODY = Viewer.of(None, START)


@pytest.fixture
def large(world: World) -> World:
    """A registry with many public projects."""
    project = world.project("acme/core", "public")
    with world.components.database.writing() as session:
        columns = Namespace.__table__.columns
        row = dict(session.execute(select(*columns).where(Namespace.id == project)).one()._mapping)
        del row["id"]
        session.execute(
            insert(Namespace),
            [
                {
                    **row,
                    "path": f"p{number}",
                    "full_path": f"acme/p{number}",
                    "full_path_key": f"acme/p{number}",
                    "created_at": START + timedelta(seconds=number),
                }
                for number in range(MANY)
            ],
        )
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
    return world


def plan_of_rows(world: World, **options: Any) -> str:
    """The plan of the statement that reads the rows of a list of projects."""
    executed: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith(NO_QUERIES):
            executed.append((statement, parameters))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    with world.components.database.reading() as session:
        found = namespaces_slice(session, NOBODY, Place(), PROJECTS, **options)
        assert len(found.rows) == 20
        groups_above(session, found.rows)
    event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    statement, parameters = executed[0]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("window", [Window(20), Window(20, 400), Window(20, by_key=True)])
@pytest.mark.parametrize("descending", [True, False])
def test_the_usual_order_is_that_of_an_index(
    large: World, window: Window, descending: bool
) -> None:
    plan = plan_of_rows(large, window=window, by=OrderedBy.CREATED_AT, descending=descending)
    assert "ix_namespaces_kind_created_at_id" in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Sort" not in plan, plan


def test_a_longer_list_has_no_total(large: World) -> None:
    with large.components.database.reading() as session:
        found = namespaces_slice(
            session, NOBODY, Place(), PROJECTS, Window(20), by=OrderedBy.ID, descending=False
        )
    assert (found.total, found.follows) == (None, True)


def test_what_has_no_group_above_costs_no_query(world: World) -> None:
    world.group("acme")
    with world.components.database.reading() as session:
        group = session.scalars(select(Namespace)).one()
        assert groups_above(session, [group]) == {group.id: []}
        assert groups_above(session, []) == {}
