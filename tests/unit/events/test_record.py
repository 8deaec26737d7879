"""Events and counts in the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.models import UsageCount
from pyregistry.events.services.record import Happening, add_counts, record, record_noted
from tests.factories.world import World

pytestmark = pytest.mark.thorough

DAY = date(2026, 11, 23)


@pytest.fixture
def project(world: World) -> int:
    return world.project("acme/core")


def pulled(world: World, project: int, **changes) -> Happening:
    values = {
        "action": Action.FILE_PULLED,
        "actor": Actor(),
        "occurred_at": world.clock(),
        "namespace_id": project,
        "namespace_path": "acme/core",
        "package": "demo",
    }
    return Happening(**{**values, **changes})


def counts(world: World) -> dict[tuple[str, date, str], int]:
    with world.components.database.reading() as session:
        rows = session.scalars(select(UsageCount)).all()
    return {(row.package, row.day, row.action): row.count for row in rows}


def test_event_says_who_what_when_and_where(world: World, project: int) -> None:
    alice = world.user("alice")
    actor = Actor(alice, "alice", "personal_access_token", "ci", "192.0.2.7", "pip/26.3")
    happening = pulled(
        world, project, actor=actor, version="1.0", filename="demo.whl", details={"size": 3}
    )
    with world.components.database.writing() as session:
        record(session, [happening])
    [event] = world.events()
    assert (event.action, event.occurred_at) == ("file.pulled", world.clock())
    assert (event.actor_id, event.actor_name) == (alice, "alice")
    assert (event.credential_kind, event.credential_name) == ("personal_access_token", "ci")
    assert (event.address, event.user_agent) == ("192.0.2.7", "pip/26.3")
    assert (event.namespace_id, event.namespace_path) == (project, "acme/core")
    assert (event.package, event.version, event.filename) == ("demo", "1.0", "demo.whl")
    assert event.details == {"size": 3}


def test_nothing_happened(world: World) -> None:
    with world.components.database.writing() as session:
        record(session, [])
    assert world.events() == []


@pytest.mark.parametrize("action", Action)
def test_what_is_done_to_files_is_counted(world: World, project: int, action: Action) -> None:
    with world.components.database.writing() as session:
        record(session, [pulled(world, project, action=action)])
    counted = {("demo", DAY, str(action)): 1} if action.startswith("file.") else {}
    assert counts(world) == counted


def test_counts_by_package_day_and_action(world: World, project: int) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    with world.components.database.writing() as session:
        record(
            session,
            [
                pulled(world, project),
                pulled(world, project),
                pulled(world, project, package="other"),
                pulled(world, project, action=Action.FILE_PUSHED),
                pulled(world, project, occurred_at=midnight),
            ],
        )
    assert counts(world) == {
        ("demo", DAY, "file.pulled"): 2,
        ("other", DAY, "file.pulled"): 1,
        ("demo", DAY, "file.pushed"): 1,
        ("demo", date(2026, 11, 24), "file.pulled"): 1,
    }


def test_counts_add_up(world: World, project: int) -> None:
    for number in (3, 4):
        with world.components.database.writing() as session:
            add_counts(session, {(project, "demo", DAY, "file.pulled"): number})
    assert counts(world) == {("demo", DAY, "file.pulled"): 7}


def test_concurrent_additions_all_count(world: World, project: int) -> None:
    packages = ["one", "two", "three"]

    def add(turn: int) -> None:
        # Each begins with another package: who waited for each other in a circle would fail.
        order = packages[turn % 3 :] + packages[: turn % 3]
        with world.components.database.writing() as session:
            add_counts(session, {(project, name, DAY, "file.pulled"): 1 for name in order})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    assert counts(world) == {(name, DAY, "file.pulled"): 80 for name in packages}


def test_counts_of_a_refused_change_do_not_stay(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        record(session, [pulled(world, project)])
        session.rollback()
    assert counts(world) == {}
    assert world.events() == []


def test_notes_outlive_the_user_and_the_project(world: World, project: int) -> None:
    alice = world.user("alice")
    gone = [
        pulled(world, project, actor=Actor(alice + 1000, "gone")),
        pulled(world, project + 1000),
        pulled(world, project, actor=Actor(alice, "alice")),
    ]
    with world.components.database.writing() as session:
        record_noted(session, gone)
    assert [(event.actor_id, event.actor_name) for event in world.events()] == [
        (None, "gone"),
        (None, None),
        (alice, "alice"),
    ]
    assert [event.namespace_id for event in world.events()] == [project, None, project]
    assert counts(world) == {("demo", DAY, "file.pulled"): 2}


def test_notes_of_more_users_than_one_statement_takes(world: World, project: int) -> None:
    noted = [pulled(world, project, actor=Actor(number, "gone")) for number in range(1, 70_001)]
    with world.components.database.writing() as session:
        record_noted(session, noted)
    assert counts(world) == {("demo", DAY, "file.pulled"): 70_000}


def test_event_outlives_its_user(world: World, project: int) -> None:
    alice = world.user("alice")
    with world.components.database.writing() as session:
        record(session, [pulled(world, project, actor=Actor(alice, "alice"))])
        session.execute(text("DELETE FROM users"))
    assert [(event.actor_id, event.actor_name) for event in world.events()] == [(None, "alice")]
