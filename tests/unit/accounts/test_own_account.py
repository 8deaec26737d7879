"""What people do with their own account: their sessions and their password."""

from datetime import timedelta

import pytest

from pyregistry.accounts.errors import InvalidUser, SessionNotFound, WrongPassword
from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services import own_password
from pyregistry.accounts.services.own_password import NewPassword, change_own_password
from pyregistry.accounts.services.own_sessions import (
    OwnSession,
    end_other_sessions,
    end_own_session,
    sessions_slice,
)
from pyregistry.accounts.services.sessions import identify_session, sign_in
from pyregistry.accounts.services.users import block, find_user, set_password
from pyregistry.accounts.services.verification import VerifiedPassword, verify_account
from pyregistry.authnz.identity import Actor, Identity
from pyregistry.db import Database
from pyregistry.events.actions import Action
from pyregistry.slices import Window
from tests.factories.world import FOUNDER, PASSWORD, START, World

DAY = timedelta(days=1)
NEW = "another long password"
ENDED_ONE = {"username": "alice", "sessions": 1, "before": None, "after": None}


def enter(world: World, username: str = "alice", *, days: int = 14) -> str:
    """Sign in, and return the secret of the session."""
    secret = sign_in(
        world.components.database,
        username,
        PASSWORD,
        lifetime=days * DAY,
        address="192.0.2.7",
        user_agent="Browser",
        now=world.clock(),
    )
    assert secret is not None
    return secret


def identify(world: World, secret: str) -> Identity | None:
    with world.components.database.reading() as session:
        return identify_session(session, secret, world.clock())


def caller(world: World, secret: str) -> Identity:
    identity = identify(world, secret)
    assert identity is not None
    return identity


@pytest.fixture
def secrets(world: World) -> list[str]:
    """Alice is signed in three times, a day apart, and Bob once; Alice's oldest is over soon."""
    for username in ("alice", "bob"):
        world.user(username, password=PASSWORD)
    secrets = [enter(world, days=3)]
    enter(world, "bob")
    for _ in range(2):
        world.clock.advance(days=1)
        secrets.append(enter(world))
    return secrets


def sessions(world: World) -> list[OwnSession]:
    with world.components.database.reading() as session:
        found = sessions_slice(session, world.users["alice"], Window(10), world.clock())
        return list(found.rows)


def ended(world: World) -> list[tuple[str | None, object]]:
    return [
        (event.actor_name, event.details)
        for event in world.events()
        if event.action == Action.SESSIONS_ENDED
    ]


def test_the_newest_comes_first(world: World, secrets: list[str]) -> None:
    found = sessions(world)
    assert [each.begun_at for each in found] == [START + 2 * DAY, START + DAY, START]
    number = caller(world, secrets[1]).credential.id
    assert found[1] == OwnSession(number, START + DAY, START + 15 * DAY, "192.0.2.7", "Browser")
    world.clock.advance(days=1)
    assert len(sessions(world)) == 2


def test_ending_one(world: World, secrets: list[str]) -> None:
    alice = world.users["alice"]
    actor = Actor(alice, "alice")
    with world.components.database.writing() as session:
        number = caller(world, secrets[0]).credential.id
        end_own_session(session, alice, number, actor, world.clock())
    assert [identify(world, secret) is not None for secret in secrets] == [False, True, True]
    assert ended(world) == [("alice", ENDED_ONE | {"user_id": alice})]
    with world.components.database.writing() as session, pytest.raises(SessionNotFound):
        end_own_session(session, alice, number, actor, world.clock())
    assert len(ended(world)) == 1


def test_nobody_ends_the_session_of_another(world: World, secrets: list[str]) -> None:
    bob = world.users["bob"]
    number = caller(world, secrets[0]).credential.id
    with world.components.database.writing() as session, pytest.raises(SessionNotFound):
        end_own_session(session, bob, number, Actor(bob, "bob"), world.clock())
    assert identify(world, secrets[0]) is not None


def test_ending_all_others(world: World, secrets: list[str]) -> None:
    alice = world.users["alice"]
    current = caller(world, secrets[2]).credential.id
    world.clock.advance(days=1)  # the first is over now
    for expected in (1, 0):
        with world.components.database.writing() as session:
            actor = Actor(alice, "alice")
            assert end_other_sessions(session, alice, current, actor, world.clock()) == expected
    assert identify(world, secrets[2]) is not None
    assert world.count(BrowserSession) == 2  # Bob's, too
    assert ended(world) == [("alice", ENDED_ONE | {"user_id": alice})]


def change(world: World, secret: str, current: str = PASSWORD, new: str = NEW) -> None:
    identity = caller(world, secret)
    actor = Actor(identity.user_id, identity.username)
    change_own_password(
        world.components.database,
        identity.username,
        NewPassword(current, new),
        kept_session_id=identity.credential.id,
        actor=actor,
        now=world.clock(),
    )


def accepts(world: World, password: str) -> bool:
    return verify_account(world.components.database, "alice", password) is not None


def test_a_new_password_ends_the_other_sessions(world: World, secrets: list[str]) -> None:
    change(world, secrets[1])
    assert (accepts(world, NEW), accepts(world, PASSWORD)) == (True, False)
    assert [identify(world, secret) is not None for secret in secrets] == [False, True, False]
    assert world.count(BrowserSession) == 2  # Bob's, too
    event = world.events()[-1]
    assert (event.action, event.actor_name) == (Action.USER_CHANGED, "alice")
    assert event.details["new_password"] is True
    assert NEW not in str(event.details)


@pytest.mark.parametrize(
    ("current", "new", "error"),
    [
        ("wrong", NEW, WrongPassword),
        ("", NEW, WrongPassword),
        ("x" * 5_000, NEW, WrongPassword),
        ("\ud800", NEW, WrongPassword),
        (PASSWORD, PASSWORD, InvalidUser),
        (PASSWORD, "short", InvalidUser),
        (PASSWORD, "x" * 5_000, InvalidUser),
        (PASSWORD, "\ud800" * 10, InvalidUser),
    ],
)
def test_refused(
    world: World, secrets: list[str], current: str, new: str, error: type[Exception]
) -> None:
    before = len(world.events())
    with pytest.raises(error):
        change(world, secrets[0], current, new)
    assert accepts(world, PASSWORD)
    assert len(sessions(world)) == 3
    assert len(world.events()) == before


@pytest.mark.parametrize("meanwhile", ["another password", "blocked"])
def test_what_happens_meanwhile(
    world: World, secrets: list[str], meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(database: Database, username: str, password: str) -> VerifiedPassword | None:
        verified = verify_account(database, username, password)
        with database.writing() as session:
            user = find_user(session, username)
            if meanwhile == "blocked":
                block(session, user, FOUNDER, world.clock())
            else:
                set_password(session, user, "set by somebody else", FOUNDER, world.clock())
        return verified

    monkeypatch.setattr(own_password, "verify_account", verify)
    with pytest.raises(WrongPassword):
        change(world, secrets[0])
    assert not accepts(world, NEW)
