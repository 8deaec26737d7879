"""Events are kept as they are: the database refuses what the application never asks for."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.models import Event
from pyregistry.events.services.record import Happening, record
from tests.factories.world import World


@pytest.fixture
def event(world: World) -> Event:
    """An event of two users and two groups, with something in every column."""
    alice, _, acme, _ = (
        world.user("alice"),
        world.user("bob"),
        world.group("acme"),
        world.group("other"),
    )
    actor = Actor(alice, "alice", "personal_access_token", "ci", "192.0.2.7", "pip/26.3")
    happening = Happening(
        *(Action.FILE_DELETED, actor, world.clock(), acme, "acme", "demo", "1.0", "demo.whl"),
        details={"size": 3},
    )
    with world.components.database.writing() as session:
        record(session, [happening])
    [recorded] = world.events()
    return recorded


def state(world: World) -> list[dict[str, object]]:
    columns = Event.__table__.columns.keys()
    return [{name: getattr(event, name) for name in columns} for event in world.events()]


def change_object(session: Session) -> None:
    session.scalars(select(Event).where(Event.package == "demo")).one().action = "file.pushed"


def remove_object(session: Session) -> None:
    session.delete(session.scalars(select(Event).where(Event.package == "demo")).one())


def runs(statement: str) -> Callable[[Session], object]:
    return lambda session: session.execute(text(statement))


OTHER_VALUES = {
    "id": "4711",
    "occurred_at": "'2020-01-01 00:00:00+00:00'",
    "action": "'file.pushed'",
    "actor_id": "(SELECT id FROM users WHERE username = 'bob')",
    "actor_name": "'bob'",
    "credential_kind": "NULL",
    "credential_name": "'other'",
    "address": "NULL",
    "user_agent": "NULL",
    "namespace_id": "(SELECT id FROM namespaces WHERE full_path = 'other')",
    "namespace_path": "'other'",
    "package": "'other'",
    "version": "NULL",
    "filename": "NULL",
    "details": "'{}'",
}
CHANGES: dict[str, Callable[[Session], object]] = {
    "an object changed": change_object,
    "an object deleted": remove_object,
    "update": lambda session: session.execute(update(Event).values(package=None)),
    "delete": lambda session: session.execute(delete(Event)),
    "raw delete": runs("DELETE FROM events"),
    "a name with an id that is gone": runs("UPDATE events SET actor_id = NULL, actor_name = 'x'"),
    **{
        f"column {column}": runs(f"UPDATE events SET {column} = {value} WHERE package = 'demo'")
        for column, value in OTHER_VALUES.items()
    },
}


def test_every_column_is_tried() -> None:
    assert set(OTHER_VALUES) == set(Event.__table__.columns.keys())


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("event")
def test_no_event_is_changed_or_removed(world: World, change: str) -> None:
    before = state(world)
    with (
        pytest.raises(DBAPIError, match="events are never changed or removed"),
        world.components.database.writing() as session,
    ):
        CHANGES[change](session)
    assert state(world) == before


@pytest.mark.usefixtures("event")
def test_the_table_is_not_emptied(world: World) -> None:
    if world.components.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with (
        pytest.raises(DBAPIError, match="events are never changed or removed"),
        world.components.database.writing() as session,
    ):
        session.execute(text("TRUNCATE events"))
    assert len(world.events()) == 1


def test_events_outlive_what_they_are_about(world: World, event: Event) -> None:
    before = state(world)
    with world.components.database.writing() as session:
        session.execute(text("DELETE FROM users"))
        session.execute(text("DELETE FROM namespaces"))
    assert state(world) == [{**before[0], "actor_id": None, "namespace_id": None}]
    assert event.actor_id is not None
    # What is gone does not come back.
    with pytest.raises(DBAPIError), world.components.database.writing() as session:
        session.execute(text("UPDATE events SET actor_id = :id"), {"id": event.actor_id})
