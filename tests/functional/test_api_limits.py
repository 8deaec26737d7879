"""Limits of stored bytes in the JSON API: who sets which, up to what, and who sees them."""

from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from tests.factories.distributions import sdist
from tests.factories.limits import BOUND
from tests.factories.members import changes
from tests.factories.world import World
from tests.functional.support import send_json, sentence_of

GROUP = "/api/v4/groups/acme"
PROJECT = "/api/v4/projects/acme%2Fcore"
INSTANCE = "/api/v4/application/settings"
OWN = ("pypi_max_file_size", "storage_size_limit")
BY_ADMIN = ("admin_pypi_max_file_size", "admin_storage_size_limit")
NONE = dict.fromkeys((*OWN, *BY_ADMIN))


@pytest.fixture
def owner(world: World) -> dict[str, str]:
    """Headers of the Owner of a public group with a project."""
    world.project("acme/core", "public")
    world.member("acme", "olga", Role.OWNER)
    return world.as_("olga")


@pytest.fixture
def root(world: World) -> dict[str, str]:
    """Headers of an administrator."""
    world.user("root", is_admin=True)
    return world.as_("root")


def put(world: World, address: str, headers: dict[str, str], status: int, **limits: Any) -> Any:
    return send_json(world, "PUT", address, headers, status, **limits)


def effective(world: World, address: str, headers: dict[str, str]) -> tuple[int, int | None]:
    shown = world.app.get(address, headers=headers).json["effective_limits"]
    return shown["pypi_max_file_size"], shown["storage_size_limit"]


@pytest.mark.parametrize("address", [GROUP, PROJECT])
def test_owners_set_limits(world: World, owner: dict[str, str], address: str) -> None:
    shown = put(world, address, owner, 200, pypi_max_file_size=300, storage_size_limit=5000)
    expected = {**NONE, "pypi_max_file_size": 300, "storage_size_limit": 5000}
    assert {name: shown[name] for name in NONE} == expected
    assert shown["effective_limits"] == {
        "pypi_max_file_size": 300,
        "storage_size_limit": 5000,
        "storage_size_left": 5000,
    }
    # What is not sent stays, what is null goes; a form says the same with nothing.
    put(world, address, owner, 200, pypi_max_file_size=None)
    assert effective(world, address, owner) == (BOUND, 5000)
    world.app.put(address, {"storage_size_limit": ""}, headers=owner)
    assert effective(world, address, owner) == (BOUND, None)


def test_a_change_is_an_event(world: World, owner: dict[str, str], root: dict[str, str]) -> None:
    put(world, PROJECT, owner, 200, pypi_max_file_size=300)
    put(world, PROJECT, owner, 200, pypi_max_file_size=300)
    put(world, GROUP, root, 200, admin_storage_size_limit=9)
    put(world, INSTANCE, root, 200, storage_size_limit=10)
    told = [change for change in changes(world) if change[0] == Action.LIMITS_CHANGED]
    assert told == [
        (
            Action.LIMITS_CHANGED,
            "olga",
            "acme/core",
            {"before": {"max_file_size": None}, "after": {"max_file_size": 300}},
        ),
        (
            Action.LIMITS_CHANGED,
            "root",
            "acme",
            {"before": {"admin_storage_limit": None}, "after": {"admin_storage_limit": 9}},
        ),
        (
            Action.LIMITS_CHANGED,
            "root",
            None,
            {"before": {"storage_limit": None}, "after": {"storage_limit": 10}},
        ),
    ]


@pytest.mark.parametrize("limit", OWN)
def test_owners_go_no_higher_than_what_applies_from_above(
    world: World, owner: dict[str, str], root: dict[str, str], limit: str
) -> None:
    world.member("acme/core", "pia", Role.OWNER)
    pia = world.as_("pia")
    put(world, INSTANCE, root, 200, **{limit: 1000})
    said = put(world, GROUP, owner, 400, **{limit: 1001})
    assert said == "It can be 1000 B at most: that is the limit from above."
    put(world, GROUP, owner, 200, **{limit: 1000})
    put(world, GROUP, owner, 200, **{limit: 900})
    assert "900 B at most" in put(world, PROJECT, pia, 400, **{limit: 901})
    put(world, PROJECT, pia, 200, **{limit: 900})
    # Lowered above, the smaller one applies; the other stays as it is written.
    put(world, GROUP, owner, 200, **{limit: 800})
    shown = world.app.get(PROJECT, headers=pia).json
    assert (shown[limit], shown["effective_limits"][limit]) == (900, 800)
    # Above it again it cannot be set, and what was refused has changed nothing.
    put(world, PROJECT, pia, 400, **{limit: 850})
    assert world.app.get(PROJECT, headers=pia).json[limit] == 900


@pytest.mark.parametrize("limit", OWN)
def test_owners_do_not_undo_what_administrators_set(
    world: World, owner: dict[str, str], root: dict[str, str], limit: str
) -> None:
    by_admin = f"admin_{limit}"
    put(world, GROUP, root, 200, **{by_admin: 500})
    for size in (500, 100, None):
        put(world, GROUP, owner, 200, **{limit: size})
        shown = world.app.get(GROUP, headers=owner).json
        assert (shown[by_admin], shown["effective_limits"][limit]) == (500, size or 500)
    assert "500 B at most" in put(world, GROUP, owner, 400, **{limit: 501})
    said = put(world, GROUP, owner, 403, **{by_admin: None})
    assert said == "Only an administrator sets limits that Owners may not exceed."
    assert world.app.get(GROUP, headers=owner).json[by_admin] == 500


@pytest.mark.parametrize("limit", OWN)
def test_administrators_go_up_to_the_limit_of_the_registry(
    world: World, owner: dict[str, str], root: dict[str, str], limit: str
) -> None:
    by_admin = f"admin_{limit}"
    put(world, INSTANCE, root, 200, **{limit: 1000})
    put(world, GROUP, root, 200, **{by_admin: 10})
    # Of the project more than of its group: what applies is the smaller one.
    put(world, PROJECT, root, 200, **{by_admin: 1000})
    said = put(world, PROJECT, root, 400, **{by_admin: 1001})
    assert said == "It can be 1000 B at most: that is the limit for the whole registry."
    assert world.app.get(PROJECT, headers=root).json["effective_limits"][limit] == 10


def test_the_registry_goes_up_to_what_it_was_started_with(
    world: World, root: dict[str, str]
) -> None:
    put(world, INSTANCE, root, 200, pypi_max_file_size=BOUND)
    assert put(world, INSTANCE, root, 400, pypi_max_file_size=BOUND + 1) == (
        "The largest file can be 2 GiB at most: with that the registry was started."
    )
    shown = put(world, INSTANCE, root, 200, pypi_max_file_size=None, storage_size_limit=5)
    assert {name: shown[name] for name in (*OWN, "storage_size")} == {
        "pypi_max_file_size": None,
        "storage_size_limit": 5,
        "storage_size": 0,
    }
    assert world.app.get(INSTANCE, headers=root).json == shown


@pytest.mark.parametrize("size", [0, 2**59 + 1, -1, 1.5, True, "many", "5 GiB", [], 10**30])
def test_what_is_no_size(
    world: World, owner: dict[str, str], root: dict[str, str], size: Any
) -> None:
    for address, headers in ((PROJECT, owner), (GROUP, owner), (INSTANCE, root)):
        put(world, address, headers, 400, storage_size_limit=size)
        put(world, address, headers, 400, pypi_max_file_size=size)


def test_who_may_not(world: World, owner: dict[str, str]) -> None:
    world.member("acme", "mia", Role.MAINTAINER)
    for headers in (world.as_("mia"), world.as_("olga", Scope.READ_API)):
        put(world, PROJECT, headers, 403, storage_size_limit=5)
        put(world, GROUP, headers, 403, storage_size_limit=5)
        put(world, INSTANCE, headers, 403, storage_size_limit=5)


def test_all_or_nothing(world: World, owner: dict[str, str]) -> None:
    put(world, PROJECT, owner, 400, name="Another", pypi_max_file_size=BOUND + 1)
    shown = world.app.get(PROJECT, headers=owner).json
    assert (shown["name"], shown["pypi_max_file_size"]) == ("core", None)


def limits_shown(response: TestResponse) -> set[str]:
    return set(response.json) & {*NONE, "effective_limits", "statistics"}


def test_who_sees_them(world: World, owner: dict[str, str]) -> None:
    """Whoever publishes, of the project; Owners of both. Others see the rest."""
    limits = {*NONE, "effective_limits"}
    world.member("acme", "dora", Role.DEVELOPER)
    world.member("acme", "rita", Role.REPORTER)
    for headers, of_project, of_group in (
        (owner, limits, limits),
        (world.as_("olga", Scope.READ_API), limits, limits),
        (world.as_("dora"), limits, set()),
        (world.as_("rita"), set(), set()),
        ({}, set(), set()),
    ):
        assert limits_shown(world.app.get(PROJECT, headers=headers)) == of_project
        assert limits_shown(world.app.get(GROUP, headers=headers)) == of_group
        with_statistics = {"statistics"} if of_group else set()
        response = world.app.get(f"{GROUP}?statistics=true", headers=headers)
        assert limits_shown(response) == of_group | with_statistics


def test_statistics(world: World, owner: dict[str, str]) -> None:
    world.upload("acme/core", sdist())
    size = len(sdist().content)
    put(world, GROUP, owner, 200, storage_size_limit=size + 10)
    for address in (GROUP, PROJECT):
        shown = world.app.get(f"{address}?statistics=1", headers=owner).json
        assert shown["statistics"] == {"storage_size": size, "packages_size": size}
        assert shown["effective_limits"]["storage_size_left"] == 10
    sentence = sentence_of(world.app.get(f"{GROUP}?statistics=x", headers=owner, status=400))
    assert "statistics" in sentence
    # A limit below what is stored deletes nothing.
    shown = put(world, GROUP, owner, 200, storage_size_limit=1)
    assert shown["effective_limits"]["storage_size_left"] == 0
