"""Deploy tokens."""

from datetime import timedelta

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.errors import Invalid
from tests.factories.members import changes
from tests.factories.tokens import token_row
from tests.factories.world import World
from tests.unit.tokens.conftest import Tokens


def test_it_belongs_to_no_user(tokens: Tokens, world: World) -> None:
    end = world.clock() + timedelta(hours=1)
    secret = tokens.deploy("acme/core", "mia", expires_at=end)
    token = token_row(world, secret)
    assert (token.kind, token.user_id, token.name) == ("deploy_token", None, "shipping")
    assert token.username == f"pyregistry+deploy-token-{token.id}"
    assert token.creator_id == world.users["mia"]
    assert changes(world) == [
        (
            "token.created",
            "mia",
            "acme/core",
            {
                "kind": "deploy_token",
                "name": "shipping",
                "scopes": [Scope.READ_PACKAGE_REGISTRY],
                "username": token.username,
                "before": None,
                "after": {"token_id": token.id, "expires_at": end.isoformat()},
            },
        )
    ]


def test_a_user_name_of_its_own(tokens: Tokens, world: World) -> None:
    assert token_row(world, tokens.deploy("acme", "olga", username="a+B.c_d-1")).username == (
        "a+B.c_d-1"
    )
    assert token_row(world, tokens.deploy("acme", "olga", username="")).username


@pytest.mark.parametrize(
    "username", [" ", "a:b", "a b", "é", "x" * 256, "a\n", "__token__", "gitlab-ci-token"]
)
def test_no_user_name(tokens: Tokens, world: World, username: str) -> None:
    with pytest.raises(Invalid, match="The user name of a deploy token has 1 to 255"):
        tokens.deploy("acme", "olga", username=username)
    assert changes(world) == []


def test_the_settings_hold(tokens: Tokens, world: World) -> None:
    tokens.longest = timedelta(days=2)
    with pytest.raises(Invalid, match="valid for 2 days here"):
        tokens.deploy("acme", "olga")
