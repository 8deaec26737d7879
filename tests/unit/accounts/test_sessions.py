"""Browser sessions: signing in and out, and being recognised."""

from datetime import timedelta

import argon2
import pytest
from sqlalchemy import select

from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services import passwords
from pyregistry.accounts.services.passwords import needs_new_hash
from pyregistry.accounts.services.sessions import identify_session, sign_in, sign_out
from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.identity import Identity
from pyregistry.authnz.permissions import CredentialKind
from tests.factories.world import FOUNDER, PASSWORD, World

pytestmark = pytest.mark.thorough

LIFETIME = timedelta(days=14)


def enter(
    world: World, username: str = "alice", password: str = PASSWORD, agent: str | None = "Browser"
) -> str | None:
    return sign_in(
        world.components.database,
        username,
        password,
        lifetime=LIFETIME,
        address="192.0.2.7",
        user_agent=agent,
        now=world.clock(),
    )


def identify(world: World, secret: str) -> Identity | None:
    with world.components.database.reading() as session:
        return identify_session(session, secret, world.clock())


@pytest.fixture
def secret(world: World) -> str:
    world.user("alice", password=PASSWORD)
    secret = enter(world)
    assert secret is not None
    return secret


def test_signed_in(world: World, secret: str) -> None:
    identity = identify(world, secret)
    assert identity is not None
    assert identity.username == "alice"
    assert identity.credential.kind is CredentialKind.BROWSER_SESSION


def test_user_name_in_any_case(world: World, secret: str) -> None:
    assert enter(world, "ALICE") is not None


def test_each_sign_in_has_a_secret_of_its_own(world: World, secret: str) -> None:
    assert enter(world) != secret
    assert world.count(BrowserSession) == 2


def test_only_the_digest_is_stored(world: World, secret: str) -> None:
    with world.components.database.reading() as session:
        row = session.scalars(select(BrowserSession)).one()
    assert len(row.digest) == 32
    assert secret.encode() not in row.digest
    assert (row.address, row.user_agent) == ("192.0.2.7", "Browser")


def test_signing_in_is_an_event(world: World, secret: str) -> None:
    [event] = world.events()
    assert (event.action, event.occurred_at) == ("user.signed_in", world.clock())
    assert (event.actor_id, event.actor_name) == (world.users["alice"], "alice")
    assert (event.credential_kind, event.address) == ("password", "192.0.2.7")
    assert (event.user_agent, event.details) == ("Browser", {})


def test_who_fails_to_sign_in_fills_no_log(world: World) -> None:
    world.user("alice", password=PASSWORD)
    enter(world, password="wrong password")
    enter(world, "nobody")
    assert world.events() == []


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("alice", "wrong password"),
        ("alice", ""),
        ("bob", PASSWORD),
        ("", PASSWORD),
        ("a\0b", PASSWORD),
        ("\udcff", "\udcff"),
        ("x" * 100_000, "x" * 100_000),
    ],
)
def test_wrong_name_or_password(world: World, username: str, password: str) -> None:
    world.user("alice", password=PASSWORD)
    assert enter(world, username, password) is None
    assert world.count(BrowserSession) == 0


def test_user_without_a_password(world: World) -> None:
    world.user("alice")
    assert enter(world, "alice", PASSWORD) is None


def test_blocked_user(world: World, secret: str) -> None:
    with world.components.database.writing() as session:
        block(session, find_user(session, "alice"), FOUNDER, world.clock())
    assert enter(world) is None
    assert identify(world, secret) is None


@pytest.mark.usefixtures("real_password_hashes")
def test_an_unknown_user_takes_as_long_as_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What takes the time is Argon2: it is asked once, with hashes of the same cost.
    asked: list[str] = []

    class Listening(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 -- as the library calls it
            asked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Listening())
    world.user("alice", password=PASSWORD)
    world.user("without-password")
    for username in ("alice", "without-password", "nobody", "no name"):
        assert enter(world, username, "wrong password") is None
    assert len(asked) == 4
    assert len({str(argon2.extract_parameters(hash_)) for hash_ in asked}) == 1


@pytest.mark.usefixtures("real_password_hashes")
def test_weak_hash_is_replaced_at_sign_in(world: World) -> None:
    world.user("alice", password=PASSWORD)
    with world.components.database.writing() as session:
        weak = argon2.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        find_user(session, "alice").password_hash = weak
    assert enter(world) is not None
    stored = world.user_row("alice").password_hash
    assert stored is not None
    assert not needs_new_hash(stored)


def test_session_ends(world: World, secret: str) -> None:
    world.clock.advance(days=14, seconds=-1)
    assert identify(world, secret) is not None
    world.clock.advance(seconds=1)
    assert identify(world, secret) is None


def test_signed_out(world: World, secret: str) -> None:
    sign_out(world.components.database, secret)
    assert identify(world, secret) is None


def test_signing_out_ends_no_other_session(world: World, secret: str) -> None:
    other = enter(world)
    assert other is not None
    sign_out(world.components.database, secret)
    sign_out(world.components.database, "unknown")
    assert identify(world, other) is not None


@pytest.mark.parametrize("wrong", ["", "wrong", "é", "\udcff", "a\0b", "x" * 100_000])
def test_wrong_secret(world: World, secret: str, wrong: str) -> None:
    assert identify(world, wrong) is None
    assert identify(world, secret + wrong + "x") is None


def test_the_write_lock_is_free_while_a_password_is_hashed(world: World) -> None:
    world.user("alice", password=PASSWORD)
    with world.components.database.writing() as held:
        find_user(held, "alice")
        assert enter(world, password="another password") is None
