"""Settings of projects, groups and the instance in the JSON API."""

from itertools import product
from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.limits import BOUND
from tests.factories.members import changes
from tests.factories.switches import INSTANCE, allow_anyone_to_pull, let_anyone_pull, turn
from tests.factories.world import World
from tests.functional.support import PROJECT, names_in, project_row, sentence_of
from tests.functional.test_api_visibility import put

GROUP_ADDRESS = "/api/v4/groups/acme"
PROJECT_ADDRESS = "/api/v4/projects/acme%2Fcore"
INSTANCE_ADDRESS = "/api/v4/application/settings"
LEVEL = "package_registry_access_level"
OPTION = "package_registry_allow_anyone_to_pull_option"
GROUPS = "can_create_group"
INDEX = f"/{PROJECT}/-/simple/"
ROLES = {role.label: role for role in Role}


@pytest.fixture
def owner(world: World) -> dict[str, str]:
    """Headers of the Owner of a public group with a private project that has a package."""
    world.project(PROJECT)
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")
    world.upload(PROJECT, sdist(), headers)
    return headers


@pytest.fixture
def root(world: World) -> dict[str, str]:
    """Headers of an administrator."""
    world.user("root", is_admin=True)
    return world.as_("root")


def switches(world: World, headers: dict[str, str]) -> tuple[bool, str]:
    """What a project says of its package registry."""
    project = world.app.get(PROJECT_ADDRESS, headers=headers).json
    return project["packages_enabled"], project[LEVEL]


def test_read_a_project(world: World, owner: dict[str, str]) -> None:
    response = world.app.get(PROJECT_ADDRESS, headers=owner)
    assert response.json == {
        "id": 2,
        "name": "core",
        "path": "core",
        "name_with_namespace": "acme / core",
        "path_with_namespace": "acme/core",
        "description": "",
        "namespace": {
            "id": 1,
            "name": "acme",
            "path": "acme",
            "kind": "group",
            "full_path": "acme",
            "parent_id": None,
            "avatar_url": None,
            "web_url": "http://localhost/acme",
        },
        "visibility": "private",
        "web_url": "http://localhost/acme/core",
        "avatar_url": None,
        "archived": False,
        "creator_id": None,
        "packages_enabled": True,
        "package_registry_access_level": "private",
        "created_at": "2026-11-23T12:00:00.000Z",
        "_links": {
            "self": "http://localhost/api/v4/projects/2",
            "members": "http://localhost/api/v4/projects/2/members",
        },
        "permissions": {"project_access": None, "group_access": {"access_level": 50}},
        "pypi_max_file_size": None,
        "storage_size_limit": None,
        "admin_pypi_max_file_size": None,
        "admin_storage_size_limit": None,
        "effective_limits": {
            "pypi_max_file_size": BOUND,
            "storage_size_limit": None,
            "storage_size_left": None,
        },
    }
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert world.app.get("/api/v4/projects/2", headers=owner).json == response.json


def test_read_a_group(world: World, owner: dict[str, str]) -> None:
    response = world.app.get(GROUP_ADDRESS)
    assert response.json == {
        "id": 1,
        "name": "acme",
        "path": "acme",
        "full_name": "acme",
        "full_path": "acme",
        "parent_id": None,
        "description": "",
        "visibility": "public",
        "web_url": "http://localhost/acme",
        "avatar_url": None,
        "packages_enabled": True,
        "created_at": "2026-11-23T12:00:00.000Z",
    }
    assert response.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    ("visibility", "who"),
    list(product(["private", "internal", "public"], ["nobody", "external", "internal", "Guest"])),
)
def test_who_reads_a_group(world: World, visibility: str, who: str) -> None:
    world.group("acme", visibility)
    if who == "Guest":
        world.member("acme", who, Role.GUEST)
    else:
        world.user(who, is_external=who == "external")
    sees = who == "Guest" or visibility == "public" or (visibility, who) == ("internal", "internal")
    headers = {} if who == "nobody" else world.as_(who)
    refusal = 401 if who == "nobody" else 404
    world.app.get(GROUP_ADDRESS, headers=headers, status=200 if sees else refusal)


def test_packages_enabled_of_a_project(world: World, owner: dict[str, str]) -> None:
    for sent in (False, "false", "0"):
        assert put(world, PROJECT_ADDRESS, owner, {"packages_enabled": sent}).json[LEVEL] == (
            "disabled"
        )
    world.app.get(INDEX, headers=owner, status=404)
    assert put(world, PROJECT_ADDRESS, owner, {"packages_enabled": True}).json[LEVEL] == "private"
    world.app.get(INDEX, headers=owner, status=200)
    assert [(action, actor, path) for action, actor, path, _ in changes(world)] == [
        ("settings.changed", "olga", "acme/core")
    ] * 2


def test_packages_enabled_of_a_group(world: World, owner: dict[str, str]) -> None:
    changed = world.app.put(GROUP_ADDRESS, {"packages_enabled": "false"}, headers=owner)
    assert changed.json["packages_enabled"] is False
    world.app.get(INDEX, headers=owner, status=404)
    assert switches(world, owner) == (True, "private")  # the project's own choice stays
    # The project cannot be turned on where its group is off.
    put(world, PROJECT_ADDRESS, owner, {"packages_enabled": True})
    world.app.get(INDEX, headers=owner, status=404)
    world.app.put(GROUP_ADDRESS, {"packages_enabled": "true"}, headers=owner)
    world.app.get(INDEX, headers=owner, status=200)


@pytest.mark.parametrize(
    ("level", "visibility", "shown"),
    [
        ("disabled", "private", "disabled"),
        ("private", "private", "private"),
        ("enabled", "private", "private"),
        ("public", "private", "public"),
        ("private", "internal", "enabled"),
        ("enabled", "public", "enabled"),
        ("public", "public", "public"),
    ],
)
def test_the_access_level(
    world: World, owner: dict[str, str], level: str, visibility: str, shown: str
) -> None:
    for before in ("disabled", "public", "enabled"):
        put(world, PROJECT_ADDRESS, owner, {LEVEL: before})
        changed = put(world, PROJECT_ADDRESS, owner, {LEVEL: level, "visibility": visibility})
        assert changed.json["visibility"] == visibility
        assert switches(world, owner) == (level != "disabled", shown)
        expected = 200 if level == "public" or (visibility, level) == ("public", "enabled") else 401
        if (visibility, level) == ("public", "disabled"):
            expected = 404
        world.app.get(INDEX, status=expected)


def test_off_does_not_forget_that_anyone_may_pull(world: World, owner: dict[str, str]) -> None:
    put(world, PROJECT_ADDRESS, owner, {LEVEL: "public"})
    put(world, PROJECT_ADDRESS, owner, {LEVEL: "disabled"})
    world.app.get(INDEX, status=401)
    put(world, PROJECT_ADDRESS, owner, {"packages_enabled": True})
    assert switches(world, owner) == (True, "public")
    assert names_in(world, INDEX) == ["demo-package"]


@pytest.mark.parametrize(
    ("enabled", "level", "agree"),
    [
        (enabled, level, enabled is (level != "disabled"))
        for enabled in (True, False)
        for level in ("disabled", "private", "enabled", "public")
    ],
)
def test_contradictions(
    world: World, owner: dict[str, str], enabled: bool, level: str, agree: bool
) -> None:
    parameters = {"packages_enabled": enabled, LEVEL: level}
    response = put(world, PROJECT_ADDRESS, owner, parameters, 200 if agree else 400)
    if not agree:
        assert "contradict each other" in sentence_of(response)
        assert changes(world) == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"packages_enabled": None},
        {"packages_enabled": "perhaps"},
        {"packages_enabled": 1},
        {LEVEL: None},
        {LEVEL: ""},
        {LEVEL: "everybody"},
        {LEVEL: ["public"]},
        {LEVEL: "disabled", "visibility": "secret"},
        {},
        {"topics": ["x"]},
        {"name": ""},
        {"name": None},
        {"name": "x" * 256},
        {"name": "two\nlines"},
        {"name": "\u202eeroc"},
        {"name": ["core"]},
        {"description": "x" * 2001},
        {"description": 5},
    ],
)
def test_nonsense(world: World, owner: dict[str, str], parameters: dict[str, Any]) -> None:
    sentence_of(put(world, PROJECT_ADDRESS, owner, parameters, 400))
    if not set(parameters) & {LEVEL}:
        sentence_of(put(world, GROUP_ADDRESS, owner, parameters, 400))
    assert changes(world) == []


@pytest.mark.parametrize(
    ("address", "path"), [(GROUP_ADDRESS, "acme"), (PROJECT_ADDRESS, "acme/core")]
)
def test_the_name_and_the_description(
    world: World, owner: dict[str, str], address: str, path: str
) -> None:
    sent = {"name": "  Gr\u00fc\u00df & Co  ", "description": "For <b>all</b>\nof us"}
    changed = put(world, address, owner, sent).json
    assert (changed["name"], changed["description"]) == ("Gr\u00fc\u00df & Co", sent["description"])
    assert changed["path"] == path.rpartition("/")[2]
    assert put(world, address, owner, {"name": "Gr\u00fc\u00df & Co"}).json == changed
    assert put(world, address, owner, {"description": None}).json["description"] == ""
    assert [(action, where, details["after"]) for action, _, where, details in changes(world)] == [
        ("settings.changed", path, {**sent, "name": "Gr\u00fc\u00df & Co"}),
        ("settings.changed", path, {"description": ""}),
    ]


def test_all_or_nothing(world: World, owner: dict[str, str]) -> None:
    world.group("hidden")
    world.project("hidden/core")
    world.member("hidden", "olga", Role.OWNER)
    parameters = {"visibility": "public", LEVEL: "public"}
    put(world, "/api/v4/projects/hidden%2Fcore", owner, parameters, 400)
    row = project_row(world, "hidden/core")
    assert (row.visibility, row.anyone_can_pull, row.pulls_open) == ("private", False, False)
    put(world, PROJECT_ADDRESS, owner, {"visibility": "public"})
    parameters = {"visibility": "private", "packages_enabled": False}
    put(world, GROUP_ADDRESS, owner, parameters, 400)
    assert names_in(world, INDEX) == ["demo-package"]


@pytest.mark.parametrize("who", ["nobody", "stranger", *ROLES, "root"])
@pytest.mark.parametrize("address", [GROUP_ADDRESS, PROJECT_ADDRESS])
@pytest.mark.parametrize("off", [None, PROJECT, "acme", INSTANCE])
def test_who_turns_it_off_and_on(world: World, address: str, who: str, off: str | None) -> None:
    world.project(PROJECT, "public")
    if who in ROLES:
        world.member("acme", who, ROLES[who])
    else:
        world.user(who, is_admin=who == "root")
    headers = {} if who == "nobody" else world.as_(who)
    if off is not None:
        turn(world, off, on=False)
    status = {"nobody": 401, "Owner": 200, "root": 200}.get(who, 403)
    for enabled in (False, True):
        put(world, address, headers, {"packages_enabled": enabled}, status)


def test_the_owner_of_a_project_is_no_owner_of_its_group(world: World) -> None:
    world.project(PROJECT)
    world.member(PROJECT, "olga", Role.OWNER)
    headers = world.as_("olga")
    put(world, PROJECT_ADDRESS, headers, {"packages_enabled": False})
    put(world, GROUP_ADDRESS, headers, {"packages_enabled": False}, 403)


def test_a_reading_token_turns_nothing_off(world: World, owner: dict[str, str]) -> None:
    headers = world.as_("olga", Scope.READ_API)
    for address in (GROUP_ADDRESS, PROJECT_ADDRESS):
        put(world, address, headers, {"packages_enabled": False}, 403)


def test_the_settings_of_the_instance(
    world: World, owner: dict[str, str], root: dict[str, str]
) -> None:
    response = world.app.get(INSTANCE_ADDRESS, headers=root)
    limits = {
        "pypi_max_file_size": None,
        "storage_size_limit": None,
        "storage_size": len(sdist().content),
    }
    assert response.json == {"packages_enabled": True, OPTION: True, GROUPS: False, **limits}
    assert response.headers["Cache-Control"] == "private, no-cache"
    changed = world.app.put(INSTANCE_ADDRESS, {"packages_enabled": "false"}, headers=root)
    assert changed.json == {"packages_enabled": False, OPTION: True, GROUPS: False, **limits}
    world.app.get(INDEX, headers=root, status=404)
    parameters = {"packages_enabled": True, OPTION: False, GROUPS: True}
    assert put(world, INSTANCE_ADDRESS, root, parameters).json == {**parameters, **limits}
    changed = put(world, INSTANCE_ADDRESS, root, {GROUPS: False})
    assert changed.json == {**parameters, GROUPS: False, **limits}
    assert world.app.get(INSTANCE_ADDRESS, headers=root).json == changed.json
    assert names_in(world, INDEX, owner) == ["demo-package"]
    all_three = {
        "packages_enabled": False,
        "anyone_can_pull_allowed": True,
        "users_create_groups": False,
    }
    assert changes(world) == [
        (
            "settings.changed",
            "root",
            None,
            {"before": {"packages_enabled": True}, "after": {"packages_enabled": False}},
        ),
        (
            "settings.changed",
            "root",
            None,
            {"before": all_three, "after": {name: not old for name, old in all_three.items()}},
        ),
        (
            "settings.changed",
            "root",
            None,
            {"before": {"users_create_groups": True}, "after": {"users_create_groups": False}},
        ),
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"title": "x"},
        {"packages_enabled": None},
        {OPTION: "maybe"},
        {OPTION: []},
        {GROUPS: "all"},
    ],
)
def test_nonsense_for_the_instance(
    world: World, root: dict[str, str], parameters: dict[str, Any]
) -> None:
    sentence_of(put(world, INSTANCE_ADDRESS, root, parameters, 400))
    assert changes(world) == []


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 401), ("stranger", 403), ("Owner", 403), ("reader", 403)]
)
def test_only_administrators(world: World, who: str, status: int) -> None:
    world.project(PROJECT)
    world.user("root", is_admin=True)
    headers = {}
    if who == "Owner":
        world.member("acme", who, Role.OWNER)
    if who == "reader":
        headers = world.as_("root", Scope.READ_API)
    elif who != "nobody":
        headers = world.as_(who)
    put(world, INSTANCE_ADDRESS, headers, {"packages_enabled": False}, status)
    world.app.get(INSTANCE_ADDRESS, headers=headers, status=status)
    assert changes(world) == []


def test_nothing_else_is_there(world: World, root: dict[str, str]) -> None:
    for address in ("/api/v4/application", "/api/v4/application/nothing", f"{INSTANCE_ADDRESS}/x"):
        world.app.get(address, headers=root, status=404)
    response = world.app.delete(INSTANCE_ADDRESS, headers=root, status=405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"


def test_what_is_forbidden_stops_and_comes_back(
    world: World, owner: dict[str, str], root: dict[str, str]
) -> None:
    put(world, PROJECT_ADDRESS, owner, {LEVEL: "public"})
    indexes = (INDEX, "/acme/-/simple/", "/-/simple/")
    for index in indexes:
        assert names_in(world, index) == ["demo-package"]
    tag = world.app.get(INDEX).headers["ETag"]
    put(world, INSTANCE_ADDRESS, root, {OPTION: False})
    world.app.get(INDEX, headers={"If-None-Match": tag}, status=401)
    assert names_in(world, "/acme/-/simple/") == []
    world.app.get("/-/simple/", status=401)
    assert names_in(world, INDEX, owner) == ["demo-package"]
    for _ in range(2):
        refused = put(world, PROJECT_ADDRESS, owner, {LEVEL: "public"}, 403)
        assert sentence_of(refused) == (
            "Projects of this registry cannot let anyone pull: ask an administrator to permit it."
        )
    put(world, INSTANCE_ADDRESS, root, {OPTION: True})
    for index in indexes:
        assert names_in(world, index) == ["demo-package"]


def test_anyone_pulls_nothing_that_is_turned_off(world: World, owner: dict[str, str]) -> None:
    let_anyone_pull(world, PROJECT)
    turn(world, "acme", on=False)
    world.app.get(INDEX, status=401)
    allow_anyone_to_pull(world, allowed=False)
    turn(world, "acme", on=True)
    world.app.get(INDEX, status=401)
    allow_anyone_to_pull(world, allowed=True)
    world.app.get(INDEX, status=200)
