"""Parameters of changes that stand in the query, where GitLab's manual puts many of them."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.world import PASSWORD, World

API = "/api/v4"
TOKENS = f"{API}/projects/acme%2Fcore/access_tokens"


@pytest.fixture
def olga(world: World) -> dict[str, str]:
    """Headers of the Owner of two groups, one with a project."""
    world.project("acme/core")
    world.group("zeta", "public")
    for group in ("acme", "zeta"):
        world.member(group, "olga", Role.OWNER)
    return world.as_("olga")


def test_a_group_goes_where_the_query_says(world: World, olga: dict[str, str]) -> None:
    answer = world.app.post(f"{API}/groups/acme/transfer?group_id=zeta", headers=olga, status=201)
    assert answer.json["full_path"] == "zeta/acme"


def test_a_token_ends_when_the_query_says(world: World, olga: dict[str, str]) -> None:
    query = "?expires_at=2030-12-31&access_level=30&scopes[]=api&scopes[]=read_api"
    answer = world.app.post(TOKENS + query, {"name": "ci"}, headers=olga, status=201)
    assert answer.json["expires_at"] == "2030-12-31"
    assert answer.json["access_level"] == Role.DEVELOPER
    assert answer.json["scopes"] == ["api", "read_api"]


@pytest.mark.parametrize("send", ["put", "put_json"])
def test_the_body_counts_first(world: World, olga: dict[str, str], send: str) -> None:
    address = f"{API}/projects/acme%2Fcore?name=Query&description=Query"
    body: dict[str, Any] = {"name": "Body"}
    answer = getattr(world.app, send)(address, body, headers=olga, status=200)
    assert (answer.json["name"], answer.json["description"]) == ("Body", "Query")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_no_body_may_be_called_anything(world: World, olga: dict[str, str], kind: str) -> None:
    headers = {**olga, "Content-Type": kind}
    address = f"{API}/projects/acme%2Fcore?name=Query"
    assert world.app.put(address, b"", headers=headers, status=200).json["name"] == "Query"


def test_nobody_signs_in_by_the_query(world: World) -> None:
    world.user("ada", password=PASSWORD)
    query = urlencode({"username": "ada", "password": PASSWORD})
    form = world.app.get("/-/login").forms["sign-in"]
    for name in ("username", "password"):
        del form.fields[name]
    form.action = f"/-/login?{query}"
    assert form.submit(expect_errors=True).status_int == HTTPStatus.UNPROCESSABLE_ENTITY
