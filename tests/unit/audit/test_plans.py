"""How the databases read a long log: by an index that is in order, whatever else it holds."""

from typing import Any

import pytest
from sqlalchemy import event, text

from pyregistry.audit.filters import EventFilter
from pyregistry.audit.services.listing import event_batches, events_page
from pyregistry.events.actions import Action
from tests.factories.audit import happened_often, record_of
from tests.factories.world import World
from tests.functional.support import NO_QUERIES

MANY = 200_000
FEW = 2000
PROJECT, SMALL = "acme/core", "acme/small"
PUSHES = EventFilter(actions=frozenset({Action.FILE_PUSHED}))
PULLS = EventFilter(actions=frozenset({Action.FILE_PULLED}))


@pytest.fixture
def long_log(world: World) -> World:
    """A registry with many events, a twentieth of them no pulls."""
    for path, count in ((PROJECT, MANY), (SMALL, FEW)):
        world.project(path)
        happened_often(world, path, count)
    if world.components.database.engine.dialect.name == "postgresql":
        # As autovacuum does; nobody does it on SQLite.
        with world.components.database.writing() as session:
            session.execute(text("ANALYZE"))
    return world


def plans(world: World, *arguments: Any, **options: Any) -> list[str]:
    """The plan of each statement that reading a page of events runs."""
    executed: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith(NO_QUERIES):
            executed.append((statement, parameters))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    with world.components.database.reading() as session:
        found = events_page(session, *arguments, limit=21, **options)
    event.remove(engine, "before_cursor_execute", note)
    assert found
    assert len(executed) == 1
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        return [
            "\n".join(
                str(row[-1])
                for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)
            )
            for statement, parameters in executed
        ]


def check_in_order(plan: str, index: str) -> None:
    """Check that the events are read from that index, which has them in order."""
    assert index in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Sort" not in plan, plan
    assert "Seq Scan on events" not in plan, plan


CASES = {
    "instance": (None, EventFilter(), "ix_events_no_pull_id"),
    "project": (PROJECT, EventFilter(), "ix_events_no_pull"),
    "small project": (SMALL, EventFilter(), "ix_events_no_pull_namespace_id_id"),
    "one action": (None, PUSHES, "ix_events_"),
    "one action in a small project": (SMALL, PUSHES, "ix_events_no_pull_namespace_id_id"),
    "pulls": (None, PULLS, "events"),
    "pulls of a small project": (SMALL, PULLS, "ix_events_"),
}
"""By what is asked for: of whom, which, and the index that is used."""


def test_plans(long_log: World) -> None:
    for path, chosen, index in CASES.values():
        scope = record_of(long_log, path) if path else None
        for before_id in (None, MANY + FEW // 2):
            [plan] = plans(long_log, scope, chosen, before_id=before_id)
            check_in_order(plan, index)


def test_an_export_takes_every_event_once(long_log: World) -> None:
    """In one statement a batch, each of which begins where the one before ended."""
    batches = list(
        event_batches(
            long_log.components.database, record_of(long_log, "acme"), EventFilter(), size=1000
        )
    )
    ids = [found.id for batch in batches for found in batch]
    assert len(ids) == len(set(ids)) >= (MANY + FEW) // 20
    assert ids == sorted(ids, reverse=True)
