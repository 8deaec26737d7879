"""Visibility in the JSON API, and what indexes show once it has changed."""

import json
from itertools import product
from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.members import changes
from tests.factories.world import World
from tests.functional.support import PROJECT, names_in, sentence_of

GROUP_ADDRESS = "/api/v4/groups/acme"
PROJECT_ADDRESS = "/api/v4/projects/acme%2Fcore"
ROLES = {role.label: role for role in Role}


@pytest.fixture
def owner(world: World) -> dict[str, str]:
    """Headers of the Owner of a public group with a private project that has a package."""
    world.project(PROJECT)
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")
    world.upload(PROJECT, sdist(), headers)
    return headers


def put(
    world: World, address: str, headers: dict[str, str], parameters: Any, status: int = 200
) -> Any:
    """Send parameters as JSON."""
    return world.app.put(
        address,
        json.dumps(parameters),
        headers={**headers, "Content-Type": "application/json"},
        status=status,
    )


def test_a_project(world: World, owner: dict[str, str]) -> None:
    before = world.app.get(PROJECT_ADDRESS, headers=owner).json
    assert put(world, PROJECT_ADDRESS, owner, {"visibility": "internal"}).json == {
        **before,
        "visibility": "internal",
        "package_registry_access_level": "enabled",
    }
    assert [(action, actor) for action, actor, *_ in changes(world)] == [
        ("visibility.changed", "olga")
    ]


def test_a_group(world: World, owner: dict[str, str]) -> None:
    before = world.app.get(GROUP_ADDRESS, headers=owner).json
    changed = world.app.put(GROUP_ADDRESS, {"visibility": "private"}, headers=owner).json
    assert changed == {**before, "visibility": "private"}
    refused = put(world, PROJECT_ADDRESS, owner, {"visibility": "public"}, 400)
    assert sentence_of(refused) == "The group acme is private: what is in it cannot be public."


def test_a_group_that_holds_something_more_visible(world: World, owner: dict[str, str]) -> None:
    put(world, PROJECT_ADDRESS, owner, {"visibility": "public"})
    refused = put(world, GROUP_ADDRESS, owner, {"visibility": "internal"}, 400)
    assert sentence_of(refused) == (
        "acme cannot be internal: change first what is more visible in it, acme/core."
    )


@pytest.mark.parametrize(
    "parameters", [{}, {"visibility": None}, {"visibility": ["public"]}, {"visibility": "secret"}]
)
@pytest.mark.parametrize("address", [GROUP_ADDRESS, PROJECT_ADDRESS])
def test_nonsense(
    world: World, owner: dict[str, str], address: str, parameters: dict[str, Any]
) -> None:
    assert "visibility" in sentence_of(put(world, address, owner, parameters, 400))


@pytest.mark.parametrize(
    ("visibility", "who"),
    list(product(["private", "internal", "public"], ["nobody", "stranger", *ROLES, "root"])),
)
def test_who_may_change_a_group(world: World, visibility: str, who: str) -> None:
    world.group("acme", visibility)
    if who in ROLES:
        world.member("acme", who, ROLES[who])
    else:
        world.user(who, is_admin=who == "root")
    headers = {} if who == "nobody" else world.as_(who)
    if who in ("Owner", "root"):
        status = 200
    elif who == "nobody":
        status = 401
    else:
        status = 404 if (who, visibility) == ("stranger", "private") else 403
    put(world, GROUP_ADDRESS, headers, {"visibility": visibility}, status)


def test_a_reading_token_changes_nothing(world: World, owner: dict[str, str]) -> None:
    headers = world.as_("olga", Scope.READ_API)
    put(world, PROJECT_ADDRESS, headers, {"visibility": "public"}, 403)


@pytest.mark.parametrize("index", [f"/{PROJECT}/-/simple/", "/acme/-/simple/", "/-/simple/"])
def test_no_index_outlives_its_visibility(world: World, owner: dict[str, str], index: str) -> None:
    """Neither a page in the cache nor a validator that somebody has kept shows it again."""
    world.user("stranger")
    stranger = world.as_("stranger")
    of_project = index.startswith(f"/{PROJECT}/")
    page = f"{index}demo-package/"
    for _ in range(2):
        put(world, PROJECT_ADDRESS, owner, {"visibility": "public"})
        assert names_in(world, index, stranger) == ["demo-package"]
        seen = [world.app.get(address, headers=stranger) for address in (index, page)]
        put(world, PROJECT_ADDRESS, owner, {"visibility": "private"})
        world.app.get(page, headers=stranger, status=404)
        if of_project:
            world.app.get(index, headers=stranger, status=404)
        else:
            assert names_in(world, index, stranger) == []
        for address, response in zip((index, page), seen, strict=True):
            headers = {**stranger, "If-None-Match": response.headers["ETag"]}
            answer = world.app.get(address, headers=headers, expect_errors=True)
            hidden = of_project or address == page
            assert answer.status_int == (404 if hidden else 200)
        assert names_in(world, index, owner) == ["demo-package"]
