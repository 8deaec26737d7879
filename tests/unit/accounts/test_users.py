"""Creating and blocking users."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from pyregistry.accounts.errors import InvalidUser, UserExists, UserNotFound
from pyregistry.accounts.models import BrowserSession, User
from pyregistry.accounts.services.users import (
    NewUser,
    block,
    create_user,
    find_user,
    has_administrator,
    set_external,
    set_password,
    unblock,
)
from pyregistry.authnz.identity import Actor
from pyregistry.events.models import Event
from tests.factories.world import FOUNDER, PASSWORD, START, World


def create(world: World, username: str, email: str = "alice@example.org", **options) -> User:
    with world.components.database.writing() as session:
        return create_user(session, NewUser(username, email, **options), FOUNDER, world.clock())


def test_new_user(world: World) -> None:
    user = create(world, "Alice", "Alice@Example.org")
    assert (user.username, user.username_key) == ("Alice", "alice")
    assert (user.name, user.email) == ("Alice", "alice@example.org")
    assert (user.is_admin, user.is_external, user.blocked_at) == (False, False, None)
    assert user.password_hash is None
    assert user.created_at == world.clock()


@pytest.mark.parametrize("username", ["alice", "ALICE", "aLiCe"])
def test_user_names_are_unique_without_case(world: World, username: str) -> None:
    create(world, "Alice")
    with pytest.raises(UserExists, match="user name is taken"):
        create(world, username, "other@example.org")
    assert world.count(User) == 1


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@EXAMPLE.ORG"])
def test_email_addresses_are_unique_without_case(world: World, email: str) -> None:
    create(world, "alice")
    with pytest.raises(UserExists, match="email address is taken"):
        create(world, "other", email)


@pytest.mark.parametrize(
    "username", ["", "-a", ".a", "_a", "a b", "a/b", "a@b", "é", "a\n", "a\0", "x" * 256]
)
def test_bad_user_names(world: World, username: str) -> None:
    with pytest.raises(InvalidUser, match="not a valid user name"):
        create(world, username)


@pytest.mark.parametrize("username", ["__token__", "gitlab-ci-token", "GitLab-CI-Token"])
def test_names_that_clients_use_for_tokens(world: World, username: str) -> None:
    with pytest.raises(InvalidUser):
        create(world, username)


@pytest.mark.parametrize(
    "email",
    ["", "alice", "@example.org", "alice@", "a b@c", "a@b@c", "a\n@b", "a\0@b", "x" * 65 + "@b"],
)
def test_bad_email_addresses(world: World, email: str) -> None:
    with pytest.raises(InvalidUser, match="not an email address"):
        create(world, "alice", email)


@given(st.text(max_size=80))
def test_any_text_is_a_user_name_or_refused_in_one_line(username: str) -> None:
    engine = create_engine("sqlite://")
    User.metadata.create_all(engine)
    with Session(engine) as session:
        sentence = ""
        try:
            create_user(session, NewUser(username, "alice@example.org"), FOUNDER, START)
        except InvalidUser as refusal:
            sentence = refusal.sentence
    engine.dispose()
    assert sentence.isascii()
    assert sentence.isprintable()


@pytest.mark.parametrize("username", ["alice", "Alice", "ALICE"])
def test_find_in_any_case(world: World, username: str) -> None:
    user = create(world, "Alice")
    with world.components.database.reading() as session:
        assert find_user(session, username).id == user.id


@pytest.mark.parametrize("username", ["bob", "", "a\0b", "\udcff", "x" * 10_000])
def test_find_what_is_not_there(world: World, username: str) -> None:
    create(world, "alice")
    with (
        world.components.database.reading() as session,
        pytest.raises(UserNotFound, match="There is no user"),
    ):
        find_user(session, username)


def test_has_administrator(world: World) -> None:
    create(world, "alice")
    with world.components.database.reading() as session:
        assert not has_administrator(session)
    create(world, "admin", "admin@example.org", is_admin=True)
    with world.components.database.reading() as session:
        assert has_administrator(session)


def signed_in(world: World) -> None:
    with world.components.database.writing() as session:
        session.add(
            BrowserSession(
                user_id=find_user(session, "alice").id,
                digest=bytes(32),
                created_at=world.clock(),
                expires_at=world.clock(),
            )
        )


def test_blocking_ends_browser_sessions(world: World) -> None:
    create(world, "alice")
    signed_in(world)
    with world.components.database.writing() as session:
        block(session, find_user(session, "alice"), FOUNDER, world.clock())
    assert world.user_row("alice").blocked_at == world.clock()
    assert world.count(BrowserSession) == 0


def test_blocking_again_keeps_the_first_moment(world: World) -> None:
    create(world, "alice")
    first = world.clock()
    for _ in range(2):
        with world.components.database.writing() as session:
            block(session, find_user(session, "alice"), FOUNDER, world.clock())
        world.clock.advance(days=1)
    assert world.user_row("alice").blocked_at == first


def test_unblocking(world: World) -> None:
    create(world, "alice")
    with world.components.database.writing() as session:
        block(session, find_user(session, "alice"), FOUNDER, world.clock())
        unblock(session, find_user(session, "alice"), FOUNDER, world.clock())
    assert world.user_row("alice").blocked_at is None


def test_a_new_password_ends_browser_sessions(world: World) -> None:
    create(world, "alice", password=PASSWORD)
    signed_in(world)
    before = world.user_row("alice").password_hash
    with world.components.database.writing() as session:
        set_password(session, find_user(session, "alice"), PASSWORD, FOUNDER, world.clock())
    assert world.user_row("alice").password_hash != before
    assert world.count(BrowserSession) == 0


def test_a_refused_password_changes_nothing(world: World) -> None:
    create(world, "alice", password=PASSWORD)
    signed_in(world)
    with pytest.raises(InvalidUser), world.components.database.writing() as session:
        set_password(session, find_user(session, "alice"), "short", FOUNDER, world.clock())
    assert world.count(BrowserSession) == 1


def told(world: World) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What events tell of users: action, by whom, details; creation by the test included."""
    with world.components.database.reading() as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
    assert {(event.namespace_id, event.namespace_path) for event in events} == {(None, None)}
    return [(event.action, event.actor_name, event.details) for event in events]


ADMIN = Actor(username="admin")
NEW = {"is_admin": False, "is_external": False, "is_blocked": False, "has_password": True}


def test_creating_a_user_is_an_event(world: World) -> None:
    user = create(world, "alice", password=PASSWORD)
    details = {"user_id": user.id, "username": "alice", "before": None, "after": NEW}
    assert told(world) == [("user.created", None, details)]


CHANGES: dict[str, tuple[Callable[..., None], dict[str, Any]]] = {
    "block": (block, {"is_blocked": True}),
    "external": (
        lambda session, user, *rest: set_external(session, user, True, *rest),
        {"is_external": True},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_an_event_once(world: World, change: str) -> None:
    user = create(world, "alice", password=PASSWORD)
    verb, changed = CHANGES[change]
    for _ in range(2):
        with world.components.database.writing() as session:
            verb(session, find_user(session, "alice"), ADMIN, world.clock())
    details = {"user_id": user.id, "username": "alice", "before": NEW, "after": {**NEW, **changed}}
    assert told(world)[1:] == [("user.changed", "admin", details)]


def test_taking_a_change_back_is_an_event(world: World) -> None:
    create(world, "alice", password=PASSWORD)
    for verb, _ in CHANGES.values():
        with world.components.database.writing() as session:
            verb(session, find_user(session, "alice"), ADMIN, world.clock())
    with world.components.database.writing() as session:
        unblock(session, find_user(session, "alice"), ADMIN, world.clock())
        set_external(session, find_user(session, "alice"), False, ADMIN, world.clock())
    *_, unblocked, internal = (details for _, _, details in told(world))
    both = {**NEW, "is_blocked": True, "is_external": True}
    one = {**NEW, "is_external": True}
    assert (unblocked["before"], unblocked["after"]) == (both, one)
    assert (internal["before"], internal["after"]) == (one, NEW)


def test_a_new_password_is_an_event_without_the_password(world: World) -> None:
    create(world, "alice")
    for _ in range(2):
        with world.components.database.writing() as session:
            set_password(session, find_user(session, "alice"), PASSWORD, ADMIN, world.clock())
    _, first, second = told(world)
    without = {**NEW, "has_password": False}
    assert (first[2]["before"], first[2]["after"]) == (without, NEW)
    assert (second[2]["before"], second[2]["after"]) == (NEW, NEW)
    assert first[2]["new_password"] is second[2]["new_password"] is True
    stored = world.user_row("alice").password_hash
    assert stored is not None
    assert stored not in str(told(world))
    assert PASSWORD not in str(told(world))


def test_what_is_refused_is_no_event(world: World) -> None:
    create(world, "alice")
    with pytest.raises(UserExists):
        create(world, "alice", "other@example.org")
    with pytest.raises(InvalidUser), world.components.database.writing() as session:
        set_password(session, find_user(session, "alice"), "short", ADMIN, world.clock())
    assert [action for action, _, _ in told(world)] == ["user.created"]
