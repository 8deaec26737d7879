"""Events that are recorded without what they tell of, for tests of the audit log."""

from typing import Any

from sqlalchemy import text

from pyregistry.audit.filters import EventFilter
from pyregistry.audit.services.listing import events_page
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.namespaces.records import COLUMNS, NamespaceRecord
from pyregistry.namespaces.services.create import find
from tests.factories.world import World

MANY = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
INSERT INTO events (occurred_at, action, namespace_id, namespace_path, package, details)
SELECT :now, CASE WHEN n % 20 = 0 THEN 'file.pushed' ELSE 'file.pulled' END, :namespace, :path,
    'demo', '{}'
FROM numbers
"""
"""Nineteen pulls for each push."""


def happened(
    world: World, action: Action = Action.FILE_PUSHED, path: str | None = None, **values: Any
) -> int:
    """Record an event at the world's moment, of the namespace at `path`; return its id."""
    actor = values.pop("actor", Actor())
    with world.components.database.writing() as session:
        namespace = find(session, path) if path else None
        happening = Happening(
            *(action, actor, world.clock()),
            namespace.id if namespace else None,
            namespace.full_path if namespace else None,
            **values,
        )
        record(session, [happening])
    return world.events()[-1].id


def happened_often(world: World, path: str, count: int) -> None:
    """Record that many pushes and pulls at once."""
    scope = record_of(world, path)
    values = {"count": count, "now": world.clock(), "namespace": scope.id, "path": path}
    with world.components.database.writing() as session:
        session.execute(text(MANY), values)


def record_of(world: World, path: str) -> NamespaceRecord:
    """The record of a group or project."""
    with world.components.database.reading() as session:
        namespace = find(session, path)
        return NamespaceRecord(*(getattr(namespace, column.name) for column in COLUMNS))


def listed(world: World, path: str | None = None, *, limit: int = 100, **chosen: Any) -> list[int]:
    """The ids of the events that a page shows, of a namespace or of the instance.

    Without those of what the test began with.
    """
    known = {event.id for event in world.events()}
    with world.components.database.reading() as session:
        page = events_page(
            session, record_of(world, path) if path else None, EventFilter(**chosen), limit=limit
        )
    return [event.id for event in page if event.id in known]
