"""Tokens that were found somewhere, in the JSON API."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.secrets import generate
from tests.factories.tokens import token_id, token_row
from tests.factories.world import World, basic
from tests.functional.support import send_json

ADDRESS = "/api/v4/admin/token"
KINDS: dict[str, tuple[Callable[[World], str], dict[str, Any]]] = {
    "personal_access_token": (
        lambda world: world.token("dora"),
        {"username": "dora", "namespace_path": None, "name": "token of dora", "scopes": ["api"]},
    ),
    "project_access_token": (
        lambda world: world.access_token("acme/core", Role.DEVELOPER),
        {"namespace_path": "acme/core", "access_level": 30},
    ),
    "group_access_token": (
        lambda world: world.access_token("acme", Role.GUEST),
        {"namespace_path": "acme", "access_level": 10},
    ),
    "deploy_token": (
        lambda world: world.deploy_token("acme"),
        {"username": "deployer", "namespace_path": "acme", "scopes": ["read_package_registry"]},
    ),
    "job_token": (
        lambda world: world.job_token("acme/core", job_id="17"),
        {"namespace_path": "acme/core", "name": "job 17"},
    ),
}


@pytest.fixture(autouse=True)
def _project(world: World) -> None:
    world.project("acme/core")
    world.user("root", is_admin=True)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_is_and_stopping_it(world: World, kind: str) -> None:
    make, expected = KINDS[kind]
    secret, headers = make(world), world.as_("root")
    found = send_json(world, "POST", ADDRESS, headers, 200, token=secret)
    assert (
        found.items()
        >= {
            **expected,
            "id": token_id(world, secret),
            "kind": kind,
            "state": "valid",
            "revoked": False,
        }.items()
    )
    assert secret not in str(found)
    assert send_json(world, "DELETE", ADDRESS, headers, 204, token=secret) is None
    found = send_json(world, "POST", ADDRESS, headers, 200, token=secret)
    assert (found["state"], found["revoked"]) == ("revoked", True)
    send_json(world, "DELETE", ADDRESS, headers, 204, token=secret)
    (event,) = world.events()
    assert (event.action, event.actor_name) == ("token.revoked", "root")
    assert secret not in str(event.details)


def test_as_a_form(world: World) -> None:
    secret, headers = world.token("dora"), world.as_("root")
    answer = world.app.post(ADDRESS, {"token": secret}, headers=headers)
    assert answer.json["username"] == "dora"
    assert answer.headers["Cache-Control"] == "no-store"
    world.app.delete(ADDRESS, {"token": secret}, headers=headers, status=204)
    assert token_row(world, secret).revoked_at is not None


@pytest.mark.parametrize(("address", "name"), [(ADDRESS, "token"), ("/api/v4/users", "password")])
def test_no_secret_is_read_from_an_address(world: World, address: str, name: str) -> None:
    query = {"username": "new", "name": "New", "email": "new@x.example", name: "correct horse"}
    response = world.app.post(
        f"{address}?{urlencode(query)}", headers=world.as_("root"), status=400
    )
    assert f"the parameter {name} in the body" in response.json["message"]


def test_what_is_no_token_of_this_registry(world: World) -> None:
    headers, secret = world.as_("root"), world.token("dora")
    unknown = generate(CredentialKind.PERSONAL_ACCESS_TOKEN)
    for method in ("POST", "DELETE"):
        assert "The parameter token is missing" in send_json(world, method, ADDRESS, headers, 400)
        said = send_json(world, method, ADDRESS, headers, 400, token=1)
        assert said == "The parameter token must be a text."
        for wrong in ("secret", secret[:-1], "pyrpat_" + "x" * 49):
            said = send_json(world, method, ADDRESS, headers, 422, token=wrong)
            assert said.startswith("It has not the form of a token")
        said = send_json(world, method, ADDRESS, headers, 404, token=unknown)
        assert said == "Not found: there is no such token here."
    # Addresses are written into logs: nothing is taken from there.
    world.app.post(f"{ADDRESS}?token={secret}", headers=headers, status=400)


def test_only_administrators(world: World) -> None:
    secret = world.token("dora")
    for headers in (
        basic(secret),
        world.as_("root", Scope.READ_API),
        basic(world.access_token("acme", Role.OWNER)),
        basic(world.deploy_token("acme")),
    ):
        for method in ("POST", "DELETE"):
            send_json(world, method, ADDRESS, headers, 403, token=secret)
    send_json(world, "POST", ADDRESS, {}, 401, token=secret)
    world.app.get("/api/v4/admin", headers=world.as_("root"), status=404)
    world.app.get(ADDRESS, headers=world.as_("root"), status=405)
