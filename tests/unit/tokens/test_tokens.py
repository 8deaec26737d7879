"""Personal access tokens: created, recognised, over."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from pyregistry.accounts.services.users import block, find_user, unblock
from pyregistry.authnz.credentials import Place, Presented
from pyregistry.authnz.identity import Actor, Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest
from pyregistry.tokens.services.identify import identify_token, remember_use
from pyregistry.tokens.services.personal import create_personal_token
from tests.factories.world import FOUNDER, World


def identify(world: World, secret: str) -> Identity | None:
    with world.components.database.reading() as session:
        return identify_token(session, Presented(secret, Place.BASIC, "x"), world.clock())


def stored(world: World) -> Token:
    with world.components.database.reading() as session:
        return session.scalars(select(Token)).one()


def test_owner_with_credential_and_principals(world: World) -> None:
    user = world.user("alice", is_external=True)
    group = world.group("acme")
    project = world.project("acme/core")
    world.member("acme/core", "alice", Role.DEVELOPER)
    identity = identify(world, world.token("alice", Scope.READ_API))
    assert identity is not None
    assert (identity.user_id, identity.username, identity.is_admin) == (user, "alice", False)
    assert identity.is_external
    assert identity.credential.kind is CredentialKind.PERSONAL_ACCESS_TOKEN
    assert identity.credential.id == stored(world).id
    assert identity.credential.name == "token of alice"
    assert identity.credential.scopes == {Scope.READ_API}
    assert identity.principals == {f"member:{project}:30", f"visitor:{group}"}


def test_membership_that_is_over_is_no_principal(world: World) -> None:
    world.group("acme")
    world.user("alice", is_external=True)
    end = world.clock() + timedelta(seconds=1)
    world.member("acme", "alice", Role.OWNER, expires_at=end)
    secret = world.token("alice")
    assert identify(world, secret).principals != frozenset()
    world.clock.advance(seconds=1)
    assert identify(world, secret).principals == frozenset()


def test_one_query(world: World) -> None:
    world.project("acme/core")
    world.member("acme", "alice", Role.OWNER)
    world.member("acme/core", "alice", Role.GUEST)
    secret = world.token("alice")
    statements = []
    with world.components.database.reading() as session:
        connection = session.connection()

        @event.listens_for(connection, "before_cursor_execute")
        def _count(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        assert (
            identify_token(session, Presented(secret, Place.BASIC, "x"), world.clock()) is not None
        )
    assert len(statements) == 1


def test_only_the_digest_is_stored(world: World) -> None:
    secret = world.token("alice")
    assert stored(world).digest == digest(secret)
    with world.components.database.reading() as session:
        tables = [table.name for table in Token.metadata.sorted_tables]
        rows = [
            tuple(row) for name in tables for row in session.execute(text(f"SELECT * FROM {name}"))
        ]
    assert rows
    assert secret not in repr(rows)
    assert secret.partition("_")[2][:20] not in repr(rows)


def test_unknown_token(world: World) -> None:
    secret = world.token("alice")
    with world.components.database.writing() as session:
        session.delete(session.scalars(select(Token)).one())
    assert identify(world, secret) is None


@pytest.mark.parametrize("secret", ["", "password", "pyrpat_", "a\0b", "\ud800", "x" * 100_000])
def test_what_is_no_token(world: World, secret: str) -> None:
    assert identify(world, secret) is None


def test_expiry_is_exact(world: World) -> None:
    secret = world.token("alice", expires_at=world.clock() + timedelta(seconds=1))
    assert identify(world, secret) is not None
    world.clock.advance(seconds=1)
    assert identify(world, secret) is None


def test_revoked_token(world: World) -> None:
    secret = world.token("alice")
    with world.components.database.writing() as session:
        session.scalars(select(Token)).one().revoked_at = world.clock()
    assert identify(world, secret) is None


def test_token_of_a_blocked_user(world: World) -> None:
    secret = world.token("alice")
    with world.components.database.writing() as session:
        block(session, find_user(session, "alice"), FOUNDER, world.clock())
    assert identify(world, secret) is None
    with world.components.database.writing() as session:
        unblock(session, find_user(session, "alice"), FOUNDER, world.clock())
    assert identify(world, secret) is not None


def use(world: World, address: str | None) -> None:
    with world.components.database.writing() as session:
        remember_use(session, session.scalars(select(Token.id)).one(), address, world.clock())


def test_last_use_is_remembered(world: World) -> None:
    world.token("alice")
    assert stored(world).last_used_at is None
    use(world, "192.0.2.1")
    token = stored(world)
    assert (token.last_used_at, token.last_used_address) == (world.clock(), "192.0.2.1")


def test_last_use_is_written_at_most_once_a_minute(world: World) -> None:
    world.token("alice")
    use(world, "192.0.2.1")
    first = world.clock()
    world.clock.advance(seconds=60)
    use(world, "192.0.2.2")
    assert stored(world).last_used_at == first
    world.clock.advance(seconds=1)
    use(world, "192.0.2.3")
    assert stored(world).last_used_address == "192.0.2.3"


def test_a_later_use_is_not_undone_by_an_earlier_one(world: World) -> None:
    world.token("alice")
    use(world, "192.0.2.1")
    latest = world.clock()
    world.clock.advance(hours=-1)
    use(world, "192.0.2.2")
    assert stored(world).last_used_at == latest


def test_long_address_is_cut(world: World) -> None:
    world.token("alice")
    use(world, "2" * 1000)
    assert stored(world).last_used_address == "2" * 64


def create(world: World, name: str = "ci", scopes=frozenset({Scope.API}), **options) -> Token:
    user = world.users.get("alice") or world.user("alice")
    with world.components.database.writing() as session:
        return create_personal_token(
            session, user, name, scopes, by=Actor(user), now=world.clock(), **options
        )[0]


def test_name_without_the_spaces_around_it(world: World) -> None:
    assert create(world, "  ci  ").name == "ci"


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\nb", "a\0b"])
def test_bad_name(world: World, name: str) -> None:
    with pytest.raises(Invalid, match="a name of 1 to 255 characters"):
        create(world, name)


def test_no_scope(world: World) -> None:
    with pytest.raises(Invalid, match="needs scopes out of: api, read_api"):
        create(world, scopes=frozenset())


def test_end_that_has_passed(world: World) -> None:
    with pytest.raises(Invalid, match="expired already"):
        create(world, expires_at=world.clock())


@pytest.mark.parametrize("days", [None, 31])
def test_longest_lifetime(world: World, days: int | None) -> None:
    end = None if days is None else world.clock() + timedelta(days=days)
    with pytest.raises(Invalid, match="valid for 30 days here"):
        create(world, expires_at=end, longest=timedelta(days=30))


def test_longest_lifetime_itself(world: World) -> None:
    end = world.clock() + timedelta(days=30)
    assert create(world, expires_at=end, longest=timedelta(days=30)).expires_at == end
