"""Which events are listed, and in which order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from pyregistry.audit.errors import EventNotFound
from pyregistry.audit.filters import EventFilter
from pyregistry.audit.services.listing import event_batches, events_page, find_event
from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.namespaces.models import NamespaceKind
from tests.factories.audit import happened, listed, record_of
from tests.factories.world import World


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    world.project("acme/team/core")
    world.project("acme/team-b/core")
    world.project("other/core")


def test_a_namespace_with_everything_below_it(world: World) -> None:
    acme = happened(world, path="acme")
    team = happened(world, path="acme/team")
    core = happened(world, path="acme/team/core")
    beside = happened(world, path="acme/team-b/core")
    other = happened(world, path="other/core")
    instance = happened(world, Action.USER_CHANGED)
    assert listed(world, "acme") == [beside, core, team, acme]
    assert listed(world, "acme/team") == [core, team]
    assert listed(world, "acme/team/core") == [core]
    assert listed(world) == [instance, other, beside, core, team, acme]


def test_what_an_event_says(world: World) -> None:
    alice = world.user("alice")
    actor = Actor(alice, "alice", "personal_access_token", "ci", "192.0.2.7", "pip/26.3")
    happened(
        world,
        path="acme/team/core",
        actor=actor,
        package="demo",
        version="1.0",
        filename="demo.whl",
        details={"size": 3},
    )
    with world.components.database.reading() as session:
        [event] = events_page(session, record_of(world, "acme/team"), EventFilter(), limit=1)
    assert (event.action, event.occurred_at) == ("file.pushed", world.clock())
    assert (event.actor_id, event.actor_name) == (alice, "alice")
    assert (event.credential_kind, event.credential_name) == ("personal_access_token", "ci")
    assert (event.address, event.user_agent) == ("192.0.2.7", "pip/26.3")
    assert (event.namespace_path, event.namespace_kind) == ("acme/team/core", NamespaceKind.PROJECT)
    assert (event.package, event.version, event.filename) == ("demo", "1.0", "demo.whl")
    assert event.details == {"size": 3}


def test_pulls_are_left_out_until_they_are_asked_for(world: World) -> None:
    pull = happened(world, Action.FILE_PULLED, "acme/team/core")
    push = happened(world, Action.FILE_PUSHED, "acme/team/core")
    assert listed(world, "acme") == listed(world, "acme/team/core") == listed(world) == [push]
    for actions in ({Action.FILE_PULLED}, {Action.FILE_PULLED, Action.FILE_DELETED}):
        assert listed(world, "acme", actions=frozenset(actions)) == [pull]
    assert listed(world, actions=frozenset({Action.FILE_PULLED, Action.FILE_PUSHED})) == [
        push,
        pull,
    ]


def test_every_filter(world: World) -> None:
    alice = world.user("alice")
    before = happened(world, package="demo")
    world.clock.advance(days=1)
    start = world.clock()
    chosen = happened(
        world,
        Action.FILE_DELETED,
        "acme/team/core",
        actor=Actor(alice, "Alice", "deploy_token"),
        package="demo",
    )
    world.clock.advance(days=1)
    happened(world, package="other")
    filters: list[dict[str, Any]] = [
        {"actions": frozenset({Action.FILE_DELETED, Action.MEMBER_ADDED})},
        {"author_id": alice},
        {"author_name": "ALICE"},
        {"package": "demo", "since": start},
        {"namespace_path": "acme/team"},
        {"namespace_path": "/Acme/Team/CORE/"},
        {"credential_kind": "deploy_token"},
        {"since": start, "until": start + timedelta(microseconds=1)},
    ]
    for chosen_by in filters:
        assert listed(world, **chosen_by) == [chosen], chosen_by
    together = {name: value for chosen_by in filters for name, value in chosen_by.items()}
    assert listed(world, "acme", **together) == [chosen]
    assert listed(world, until=start) == [before]
    assert listed(world, author_id=alice + 1000) == []
    assert listed(world, author_name="ali") == []
    assert listed(world, namespace_path="acme/te") == []
    assert listed(world, "other", namespace_path="acme/team") == []
    assert listed(world, "acme/team", namespace_path="acme") == [chosen]


def test_names_that_no_user_can_have(world: World) -> None:
    job = happened(world, actor=Actor(None, "Émile's job", "job_token"))
    assert listed(world, author_name="Émile's job") == [job]
    assert listed(world, author_name="Émile's JOB") in ([], [job])


def test_events_of_what_is_gone(world: World) -> None:
    """Administrators still see them, and find them by the path that was."""
    gone = happened(world, path="acme/team/core")
    happened(world, path="acme/team-b/core")
    with world.components.database.writing() as session:
        session.execute(text("DELETE FROM namespaces WHERE full_path = 'acme/team/core'"))
    assert gone in listed(world)
    for path in ("acme/team/core", "Acme/Team"):
        assert listed(world, namespace_path=path) == [gone]
    # `_` is no wildcard, and a path ends at a slash.
    assert listed(world, namespace_path="acme/team_b") == []
    assert listed(world, namespace_path="acme/tea") == []
    assert gone not in listed(world, "acme")
    with world.components.database.reading() as session:
        assert find_event(session, None, gone).namespace_kind is None


def test_pages_by_key_show_each_event_once(world: World) -> None:
    known = [happened(world, path="acme/team/core") for _ in range(7)][::-1]
    scope = record_of(world, "acme")
    found: list[int] = []
    before_id = None
    for _ in range(4):
        with world.components.database.reading() as session:
            page = events_page(
                session,
                scope,
                EventFilter(actions=frozenset({Action.FILE_PUSHED})),
                before_id=before_id,
                limit=2,
            )
        happened(world, path="acme/team/core")  # what comes later moves nothing
        found += [event.id for event in page]
        before_id = found[-1]
    assert found == known


@pytest.mark.parametrize("path", ["acme", "acme/team/core", None])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_batches_have_everything_that_pages_have(world: World, path: str | None, size: int) -> None:
    for number in range(7):
        happened(world, path="acme/team/core" if number % 2 else "other/core")
        happened(world, Action.FILE_PULLED, path="acme/team/core")
    scope = record_of(world, path) if path else None
    batches = list(event_batches(world.components.database, scope, EventFilter(), size=size))
    assert all(0 < len(batch) <= size for batch in batches)
    with world.components.database.reading() as session:
        page = events_page(session, scope, EventFilter(), limit=100)
    assert [event for batch in batches for event in batch] == page


def test_batches_after_an_event(world: World) -> None:
    first, second, _ = (happened(world, path="acme/team/core") for _ in range(3))
    batches = event_batches(
        world.components.database, record_of(world, "acme"), EventFilter(), before_id=second
    )
    assert first in [event.id for batch in batches for event in batch]
    assert second not in [event.id for batch in batches for event in batch]


def test_nothing_is_open_while_a_batch_is_used(world: World) -> None:
    for _ in range(3):
        happened(world, path="acme/team/core")
    database = world.components.database
    for _ in event_batches(database, None, EventFilter(), size=1):
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_one_event_where_it_happened(world: World) -> None:
    pull = happened(world, Action.FILE_PULLED, "acme/team/core")
    with world.components.database.reading() as session:
        for scope in (None, record_of(world, "acme"), record_of(world, "acme/team/core")):
            assert find_event(session, scope, pull).id == pull
        for elsewhere in (record_of(world, "other"), record_of(world, "acme/team-b/core")):
            with pytest.raises(EventNotFound):
                find_event(session, elsewhere, pull)
        with pytest.raises(EventNotFound):
            find_event(session, None, 10**17)
