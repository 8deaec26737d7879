"""What tokens of every kind have in common when they are issued."""

from datetime import timedelta

import pytest

from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest, kind_of
from pyregistry.tokens.services.issue import NewToken, issue_token
from tests.factories.world import World

API = {Scope.API, Scope.READ_API}
REGISTRY = {Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY}
SCOPES = {
    CredentialKind.PERSONAL_ACCESS_TOKEN: API,
    CredentialKind.PROJECT_ACCESS_TOKEN: API,
    CredentialKind.GROUP_ACCESS_TOKEN: API,
    CredentialKind.DEPLOY_TOKEN: REGISTRY,
    CredentialKind.JOB_TOKEN: REGISTRY,
}


def issue(world: World, wanted: NewToken, **options: object) -> tuple[Token, str]:
    namespace_id = world.group("acme")
    with world.components.database.writing() as session:
        return issue_token(session, wanted, namespace_id=namespace_id, now=world.clock(), **options)


@pytest.mark.parametrize("kind", SCOPES)
def test_every_kind(world: World, kind: CredentialKind) -> None:
    end = world.clock() + timedelta(days=1)
    wanted = NewToken(kind, " ci ", SCOPES[kind], end)
    token, secret = issue(world, wanted, longest=timedelta(days=1))
    assert kind_of(secret) is kind
    assert token.digest == digest(secret)
    assert (token.kind, token.name) == (kind, "ci")
    assert token.scopes == sorted(SCOPES[kind])
    assert (token.created_at, token.expires_at) == (world.clock(), end)
    assert (token.revoked_at, token.last_used_at, token.last_used_address) == (None, None, None)
    assert secret not in repr(vars(token))


@pytest.mark.parametrize("kind", SCOPES)
@pytest.mark.parametrize("scope", Scope)
def test_scopes_of_other_kinds(world: World, kind: CredentialKind, scope: Scope) -> None:
    if scope in SCOPES[kind]:
        assert issue(world, NewToken(kind, "ci", {scope}))[0].scopes == [scope]
        return
    possible = ", ".join(sorted(SCOPES[kind]))
    with pytest.raises(Invalid) as caught:
        issue(world, NewToken(kind, "ci", SCOPES[kind] | {scope}))
    label = kind.value.replace("_", " ")
    assert caught.value.sentence == f"A {label} needs scopes out of: {possible}."
    assert world.count(Token) == 0
