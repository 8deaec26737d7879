"""Whose a secret is."""

from datetime import timedelta

import pytest

from pyregistry.accounts.services.users import block, find_user, find_user_by_id
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.tokens.secrets import PREFIXES, generate
from pyregistry.tokens.services.check import KnownToken, TokenState, check_token
from tests.factories.tokens import token_row
from tests.factories.world import FOUNDER, World
from tests.unit.tokens.conftest import Tokens


def check(world: World, secret: str) -> KnownToken | None:
    with world.components.database.reading() as session:
        return check_token(session, secret, world.clock())


def state(world: World, secret: str) -> TokenState:
    known = check(world, secret)
    assert known is not None
    return known.state


@pytest.mark.parametrize("kind", PREFIXES)
def test_whose(tokens: Tokens, world: World, kind: CredentialKind) -> None:
    made = {
        CredentialKind.PERSONAL_ACCESS_TOKEN: lambda: world.token("dora"),
        CredentialKind.PROJECT_ACCESS_TOKEN: lambda: world.access_token("acme/core", Role.GUEST),
        CredentialKind.GROUP_ACCESS_TOKEN: lambda: world.access_token("acme", Role.GUEST),
        CredentialKind.DEPLOY_TOKEN: lambda: world.deploy_token("acme", username="shipper"),
        CredentialKind.JOB_TOKEN: lambda: world.job_token("acme/core", started_by="ada"),
    }
    secret = made[kind]()
    row = token_row(world, secret)
    bot = None
    if row.user_id is not None:
        with world.components.database.reading() as session:
            bot = find_user_by_id(session, row.user_id).username
    owners = {
        CredentialKind.PERSONAL_ACCESS_TOKEN: ("dora", None),
        CredentialKind.PROJECT_ACCESS_TOKEN: (bot, "acme/core"),
        CredentialKind.GROUP_ACCESS_TOKEN: (bot, "acme"),
        CredentialKind.DEPLOY_TOKEN: ("shipper", "acme"),
        # Who asks for a job token may name anybody.
        CredentialKind.JOB_TOKEN: (None, "acme/core"),
    }
    assert check(world, secret) == KnownToken(
        row.id, kind, row.name, *owners[kind], row.scopes, TokenState.VALID
    )


def test_states(tokens: Tokens, world: World) -> None:
    end = world.clock() + timedelta(days=1)
    personal, access = world.token("dora", expires_at=end), tokens.access("acme", "olga")
    deploy = tokens.deploy("acme", "olga")
    tokens.revoke(deploy, "olga")
    assert state(world, deploy) is TokenState.REVOKED
    with world.components.database.writing() as session:
        block(session, find_user(session, "dora"), FOUNDER, world.clock())
        bot = token_row(world, access).user_id
        assert bot is not None
        block(session, find_user_by_id(session, bot), FOUNDER, world.clock())
    assert state(world, personal) is TokenState.OWNER_BLOCKED
    assert state(world, access) is TokenState.OWNER_BLOCKED
    world.clock.advance(days=1)
    assert state(world, personal) is TokenState.EXPIRED


@pytest.mark.parametrize("kind", [CredentialKind.PERSONAL_ACCESS_TOKEN, CredentialKind.JOB_TOKEN])
def test_unknown(world: World, kind: CredentialKind) -> None:
    assert check(world, generate(kind)) is None
