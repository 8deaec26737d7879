"""Rotating and revoking tokens of every kind."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.errors import Invalid
from pyregistry.members.errors import RoleTooLow
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.errors import TokenNotActive, TokenNotFound
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.change import Renewal, rotate_token
from pyregistry.tokens.services.jobs import create_job_token
from pyregistry.tokens.services.selection import Selection
from tests.factories.members import changes, granter, roles_in
from tests.factories.tokens import token_id, token_row
from tests.factories.world import World
from tests.unit.tokens.conftest import DEPLOY_TOKENS, Tokens

MACHINE = Granter(Actor(credential_kind="command_line"), is_admin=True)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
KINDS = ["access", "deploy", "personal"]


def made(tokens: Tokens, kind: str, expires_at: datetime | None = None) -> str:
    """A token that olga may change."""
    if kind == "access":
        return tokens.access("acme/core", "olga", expires_at=expires_at)
    if kind == "deploy":
        return tokens.deploy("acme/core", "olga", expires_at=expires_at)
    return tokens.world.token("olga", expires_at=expires_at)


def job_token(tokens: Tokens, minter: str) -> str:
    """A job token that an access token created."""
    world = tokens.world
    with world.components.database.writing() as session:
        build = record_build(
            session, find(session, "acme/core").id, BuildFacts(), now=world.clock()
        )
        _, secret = create_job_token(
            session,
            build,
            lifetime=timedelta(hours=1),
            minted_by_id=token_id(world, minter),
            now=world.clock(),
        )
        return secret


def bot_username(world: World, secret: str) -> str:
    with world.components.database.reading() as session:
        return session.get_one(User, token_row(world, secret).user_id).username


@pytest.mark.parametrize("kind", KINDS)
def test_rotating(tokens: Tokens, world: World, kind: str) -> None:
    old = made(tokens, kind)
    new = tokens.rotate(old, "olga")
    assert (tokens.works(old), tokens.works(new)) == (False, True)
    before, after = token_row(world, old), token_row(world, new)
    for column in ("kind", "name", "scopes", "user_id", "namespace_id", "username", "creator_id"):
        assert getattr(after, column) == getattr(before, column), column
    assert (before.revoked_at, after.created_at) == (world.clock(), world.clock())
    assert (after.revoked_at, after.last_used_at) == (None, None)
    action, actor, path, details = changes(world)[-1]
    assert (action, actor) == ("token.rotated", "olga")
    assert path == (None if kind == "personal" else "acme/core")
    assert details["before"] == {"token_id": before.id, "expires_at": None}
    assert details["after"] == {"token_id": after.id, "expires_at": None}
    assert details.get("access_level") == (40 if kind == "access" else None)
    assert new not in repr(changes(world))


@pytest.mark.parametrize("kind", KINDS)
def test_revoking(tokens: Tokens, world: World, kind: str) -> None:
    end = world.clock() + timedelta(days=3)
    secret = made(tokens, kind, end)
    assert tokens.revoke(secret, "olga")
    assert not tokens.works(secret)
    assert token_row(world, secret).revoked_at == world.clock()
    action, actor, _, details = changes(world)[-1]
    assert (action, actor) == ("token.revoked", "olga")
    assert details["before"] == {
        "token_id": token_id(world, secret),
        "expires_at": end.isoformat(),
    }
    assert details["after"] is None
    count = len(changes(world))
    world.clock.advance(hours=1)
    assert not tokens.revoke(secret, "olga")
    assert token_row(world, secret).revoked_at == world.clock() - timedelta(hours=1)
    assert len(changes(world)) == count


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_over_cannot_be_rotated(tokens: Tokens, world: World, kind: str) -> None:
    revoked, expired = made(tokens, kind), made(tokens, kind, world.clock() + timedelta(days=1))
    tokens.revoke(revoked, "olga")
    with pytest.raises(TokenNotActive, match="was revoked and cannot be rotated"):
        tokens.rotate(revoked, "olga")
    world.clock.advance(days=1)
    with pytest.raises(TokenNotActive, match="has expired and cannot be rotated"):
        tokens.rotate(expired, "olga")
    assert tokens.revoke(expired, "olga")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [datetime(9999, 12, 31, hour, tzinfo=UTC) for hour in (0, 23)])
def test_rotating_near_the_end_of_time(
    tokens: Tokens, world: World, kind: str, end: datetime
) -> None:
    old = made(tokens, kind, end)
    world.clock.advance(days=2)
    assert token_row(world, tokens.rotate(old, "olga")).expires_at == end


def test_an_access_token_keeps_its_bot(tokens: Tokens, world: World) -> None:
    old = tokens.access("acme/core", "olga", Role.REPORTER, expires_at=MIDNIGHT)
    username = bot_username(world, old)
    new = tokens.rotate(old, "olga", MIDNIGHT + timedelta(days=30))
    assert roles_in(world, "acme/core")[username] == Role.REPORTER
    world.clock.moment = MIDNIGHT + timedelta(days=29)
    assert roles_in(world, "acme/core")[username] == Role.REPORTER
    tokens.revoke(new, "olga")
    assert username not in roles_in(world, "acme/core")


def test_revoking_what_was_rotated_leaves_the_bot_alone(tokens: Tokens, world: World) -> None:
    old = tokens.access("acme/core", "olga")
    new = tokens.rotate(old, "olga")
    assert not tokens.revoke(old, "olga")
    identity = tokens.identify(new)
    assert identity is not None
    assert identity.principals


def test_job_tokens_outlive_a_rotation_and_no_revocation(tokens: Tokens, world: World) -> None:
    first, other = tokens.access("acme/core", "olga"), tokens.access("acme/core", "olga")
    jobs = [job_token(tokens, first)]
    second = tokens.rotate(first, "olga")
    jobs.append(job_token(tokens, second))
    foreign = job_token(tokens, other)
    assert all(map(tokens.works, jobs))
    tokens.revoke(second, "olga")
    assert not any(map(tokens.works, jobs))
    assert tokens.works(foreign)
    assert changes(world)[-1][3]["job_tokens_revoked"] == 2


def test_job_tokens_that_are_over_are_not_counted(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme/core", "olga")
    job_token(tokens, secret)
    world.clock.advance(hours=1)
    tokens.revoke(secret, "olga")
    assert changes(world)[-1][3]["job_tokens_revoked"] == 0


def test_a_job_token_alone_is_revoked(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme/core", "olga")
    job = job_token(tokens, secret)
    tokens.revoke(job, MACHINE)
    assert (tokens.works(job), tokens.works(secret)) == (False, True)


@pytest.mark.parametrize("change", ["rotate", "revoke"])
def test_a_role_above_ones_own(tokens: Tokens, world: World, change: str) -> None:
    act = getattr(tokens, change)
    owner, maintainer = (
        tokens.access("acme/core", "olga", role) for role in (Role.OWNER, Role.MAINTAINER)
    )
    with pytest.raises(RoleTooLow, match="The token has the role Owner here: only who has that"):
        act(owner, "mia")
    assert tokens.works(owner)
    assert act(maintainer, "mia")
    assert act(owner, "olga")


@pytest.mark.parametrize("change", ["rotate", "revoke"])
@pytest.mark.parametrize("kind", ["access", "deploy"])
def test_only_who_manages_changes(tokens: Tokens, world: World, kind: str, change: str) -> None:
    secret = made(tokens, kind)
    for who in ("dora", Granter(Actor(), is_admin=False)):
        with pytest.raises(RoleTooLow, match="Only a Maintainer or an Owner manages tokens"):
            getattr(tokens, change)(secret, who)
    assert tokens.works(secret)
    assert getattr(tokens, change)(secret, MACHINE)


@pytest.mark.parametrize("change", ["rotate", "revoke"])
def test_personal_tokens_are_ones_own(tokens: Tokens, world: World, change: str) -> None:
    secret = world.token("dora")
    with pytest.raises(TokenNotFound):
        getattr(tokens, change)(secret, "olga")
    assert getattr(tokens, change)(secret, MACHINE)


@pytest.mark.parametrize("change", ["rotate", "revoke"])
def test_tokens_of_elsewhere_are_not_there(tokens: Tokens, world: World, change: str) -> None:
    act = getattr(tokens, change)
    secret = tokens.access("acme/core", "olga")
    with pytest.raises(TokenNotFound):
        act(secret, "olga", path="acme")
    with pytest.raises(TokenNotFound):
        act(secret, "olga", path="acme/core", kinds=DEPLOY_TOKENS)
    assert act(secret, "olga", path="acme/core", kinds=frozenset(CredentialKind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("end", "later", "expected"),
    [
        # Days stay days: eight of them, whatever the hour.
        (MIDNIGHT, timedelta(hours=1), MIDNIGHT),
        (MIDNIGHT, timedelta(days=2, hours=11), MIDNIGHT + timedelta(days=2)),
        (MIDNIGHT, timedelta(days=2, hours=13), MIDNIGHT + timedelta(days=3)),
        # The same time to the second.
        (
            datetime(2026, 11, 25, 13, 30, tzinfo=UTC),
            timedelta(hours=7),
            datetime(2026, 11, 25, 20, 30, tzinfo=UTC),
        ),
        (None, timedelta(days=1), None),
    ],
)
def test_as_long_as_it_was_granted(
    tokens: Tokens,
    world: World,
    kind: str,
    end: datetime | None,
    later: timedelta,
    expected: datetime | None,
) -> None:
    old = made(tokens, kind, end)
    world.clock.moment += later
    new = tokens.rotate(old, "olga")
    assert token_row(world, new).expires_at == expected


def test_an_end_that_is_asked_for(tokens: Tokens, world: World) -> None:
    end = world.clock() + timedelta(days=400)
    new = tokens.rotate(made(tokens, "deploy", MIDNIGHT), "olga", end)
    assert token_row(world, new).expires_at == end
    with pytest.raises(Invalid, match="expired already"):
        tokens.rotate(new, "olga", world.clock())
    assert tokens.works(new)


@pytest.mark.parametrize("end", [None, MIDNIGHT])
def test_the_settings_may_permit_less_than_before(
    tokens: Tokens, world: World, end: datetime | None
) -> None:
    old = made(tokens, "access", end)
    tokens.longest = timedelta(days=2)
    with pytest.raises(Invalid, match="valid for 2 days here"):
        tokens.rotate(old, "olga", world.clock() + timedelta(days=3))
    new = tokens.rotate(old, "olga")
    assert token_row(world, new).expires_at == world.clock() + timedelta(days=2)


def test_a_bot_gives_itself_no_more_time(tokens: Tokens, world: World) -> None:
    secret = tokens.access("acme/core", "olga", Role.GUEST, expires_at=MIDNIGHT)
    row = token_row(world, secret)
    bot = Granter(Actor(user_id=row.user_id, username="bot"), is_admin=False)
    with pytest.raises(Invalid, match=r"valid no longer than it was: .* choose 2026-12-01 or an"):
        tokens.rotate(secret, bot, MIDNIGHT + timedelta(days=1))
    shorter = tokens.rotate(secret, bot, MIDNIGHT - timedelta(days=1))
    assert token_row(world, shorter).expires_at == MIDNIGHT - timedelta(days=1)
    # Nor in two steps.
    again = tokens.rotate(shorter, bot)
    assert token_row(world, again).expires_at == MIDNIGHT - timedelta(days=1)
    endless = tokens.access("acme/core", "olga", Role.GUEST)
    row = token_row(world, endless)
    bot = Granter(Actor(user_id=row.user_id, username="bot"), is_admin=False)
    assert tokens.works(tokens.rotate(endless, bot, MIDNIGHT))


def test_scopes_stay(tokens: Tokens, world: World) -> None:
    old = tokens.access("acme/core", "olga", scope=Scope.READ_API)
    assert token_row(world, tokens.rotate(old, "olga")).scopes == ["read_api"]


def test_two_who_rotate_at_once(tokens: Tokens, world: World) -> None:
    old = tokens.access("acme/core", "olga")
    number, olga = token_id(world, old), granter(world, "olga")
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            everything = Selection(frozenset(CredentialKind))
            rotate_token(session, everything, number, Renewal(), olga, world.clock())
            other = pool.submit(tokens.rotate, old, "olga")
            time.sleep(0.3)  # it waits for the lock, or else it has rotated it by now
        with pytest.raises(TokenNotActive):
            other.result()
    assert world.count(Token) == 2
