"""Protection rules in the JSON API."""

from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule
from tests.factories.members import changes
from tests.factories.protection import protect
from tests.factories.world import World, basic
from tests.functional.support import send_json

PROJECT = "acme/core"
RULES = "/api/v4/projects/acme%2Fcore/packages/protection/rules"
PUSH = "minimum_access_level_for_push"
DELETE = "minimum_access_level_for_delete"
REGISTRY = (Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY)
NOT_FOUND = "Not found: the project has no such protection rule."


@pytest.fixture(autouse=True)
def project(world: World) -> int:
    """The id of a private project with a Maintainer and an Owner."""
    project_id = world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    world.member("acme", "olga", Role.OWNER)
    world.user("ada", is_admin=True)
    return project_id


def act(world: World, who: str, method: str, end: str, status: int, **parameters: Any) -> Any:
    return send_json(world, method, RULES + end, world.as_(who), status, **parameters)


def test_a_rule_comes_changes_and_goes(world: World, project: int) -> None:
    rule = act(
        world,
        "mia",
        "POST",
        "",
        201,
        package_name_pattern="Acme_*",
        package_type="pypi",
        **{PUSH: "maintainer", DELETE: None},
    )
    assert rule == {
        "id": rule["id"],
        "project_id": project,
        "package_name_pattern": "acme-*",
        "package_type": "pypi",
        PUSH: "maintainer",
        DELETE: None,
    }
    assert act(world, "mia", "GET", "", 200) == [rule]
    end = f"/{rule['id']}"
    changed = act(world, "mia", "PATCH", end, 200, **{DELETE: "maintainer", PUSH: None})
    assert changed == {**rule, PUSH: None, DELETE: "maintainer"}
    renamed = act(world, "mia", "PATCH", end, 200, package_name_pattern="other")
    assert renamed == {**changed, "package_name_pattern": "other"}
    assert act(world, "mia", "PATCH", end, 200, package_name_pattern="Other") == renamed
    assert act(world, "mia", "PATCH", end, 200) == renamed
    act(world, "mia", "DELETE", end, 204)
    assert act(world, "mia", "GET", "", 200) == []
    added = {"package_name_pattern": "acme-*", "push": "maintainer", "delete": None}
    second = {"package_name_pattern": "acme-*", "push": None, "delete": "maintainer"}
    third = {**second, "package_name_pattern": "other"}
    assert changes(world) == [
        (
            f"protection_rule.{action}",
            "mia",
            PROJECT,
            {"rule_id": rule["id"], "before": before, "after": after},
        )
        for action, before, after in (
            ("added", None, added),
            ("changed", added, second),
            ("changed", second, third),
            ("removed", third, None),
        )
    ]


def test_parameters_may_be_a_form(world: World) -> None:
    headers = world.as_("mia")
    form = {"package_name_pattern": "*", PUSH: "owner", DELETE: ""}
    rule = world.app.post(RULES, form, headers=headers, status=201).json
    assert (rule[PUSH], rule[DELETE]) == ("owner", None)
    form = {PUSH: "", DELETE: "maintainer"}
    address = f"{RULES}/{rule['id']}"
    rule = world.app.patch(address, form, headers=world.as_("olga"), status=200).json
    assert (rule[PUSH], rule[DELETE]) == (None, "maintainer")


def test_rules_are_paged(world: World) -> None:
    for number in range(3):
        protect(world, PROJECT, f"name-{number}", push=Level.OWNER)
    rules = act(world, "mia", "GET", "?per_page=2&page=2", 200)
    assert [rule["package_name_pattern"] for rule in rules] == ["name-2"]
    act(world, "mia", "GET", "?page=0", 400)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({PUSH: "owner"}, "package_name_pattern"),
        ({"package_name_pattern": None, PUSH: "owner"}, "package_name_pattern"),
        ({"package_name_pattern": ["a"], PUSH: "owner"}, "package_name_pattern"),
        ({"package_name_pattern": "", PUSH: "owner"}, "is no pattern"),
        ({"package_name_pattern": "a?", PUSH: "owner"}, "is no pattern"),
        ({"package_name_pattern": "-a", PUSH: "owner"}, "is no pattern"),
        ({"package_name_pattern": "a\x00", PUSH: "owner"}, "package_name_pattern"),
        ({"package_name_pattern": "*a" * 11, PUSH: "owner"}, "too many stars"),
        ({"package_name_pattern": "a"}, PUSH),
        ({"package_name_pattern": "a", PUSH: None, DELETE: None}, PUSH),
        ({"package_name_pattern": "a", PUSH: ""}, PUSH),
        ({"package_name_pattern": "a", PUSH: "developer"}, PUSH),
        ({"package_name_pattern": "a", PUSH: "Owner"}, PUSH),
        ({"package_name_pattern": "a", PUSH: 50}, PUSH),
        ({"package_name_pattern": "a", DELETE: "guest"}, DELETE),
        ({"package_name_pattern": "a", DELETE: {}}, DELETE),
        ({"package_name_pattern": "a", PUSH: "owner", "package_type": "npm"}, "package_type"),
        ({"package_name_pattern": "a", PUSH: "owner", "package_type": 1}, "package_type"),
    ],
)
def test_wrong_parameters_are_named(world: World, parameters: dict[str, Any], named: str) -> None:
    assert named in act(world, "olga", "POST", "", 400, **parameters)
    assert world.count(ProtectionRule) == 0
    assert changes(world) == []


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({PUSH: None}, PUSH),
        ({"package_name_pattern": "-"}, "is no pattern"),
        ({DELETE: "nobody"}, DELETE),
        ({"package_type": "conan"}, "package_type"),
    ],
)
def test_a_change_that_makes_no_sense(world: World, parameters: dict[str, Any], named: str) -> None:
    protect(world, PROJECT, "a", push=Level.OWNER)
    (before,) = act(world, "olga", "GET", "", 200)
    assert named in act(world, "olga", "PATCH", f"/{before['id']}", 400, **parameters)
    assert act(world, "olga", "GET", "", 200) == [before]


def test_a_pattern_has_one_rule(world: World) -> None:
    rule = protect(world, PROJECT, "acme-*", push=Level.OWNER)
    other = protect(world, PROJECT, "other", push=Level.OWNER)
    parameters = {"package_name_pattern": "ACME.*", PUSH: "owner"}
    said = "The project has a protection rule for 'acme-*' already."
    assert act(world, "olga", "POST", "", 409, **parameters) == said
    assert act(world, "olga", "PATCH", f"/{other}", 409, **parameters) == said
    act(world, "olga", "PATCH", f"/{rule}", 200, **parameters)
    world.project("acme/other")
    protect(world, "acme/other", "acme-*", push=Level.OWNER)


def test_no_more_than_a_hundred(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        session.add_all(
            ProtectionRule(
                project_id=project,
                name_pattern=f"name-{number}",
                push_level=50,
                created_at=world.clock(),
            )
            for number in range(100)
        )
    parameters = {"package_name_pattern": "one-more", PUSH: "owner"}
    assert "100 protection rules" in act(world, "olga", "POST", "", 409, **parameters)
    assert world.count(ProtectionRule) == 100


@pytest.mark.parametrize("end", ["/999", "/a", "/" + "9" * 30, "/%D9%A3", "/-1"])
def test_a_rule_that_is_not_there(world: World, end: str) -> None:
    assert act(world, "mia", "PATCH", end, 404, **{PUSH: "owner"}) == NOT_FOUND
    assert act(world, "mia", "DELETE", end, 404) == NOT_FOUND


def test_the_rule_of_another_project_is_not_there(world: World) -> None:
    world.project("other/core")
    rule = protect(world, "other/core", "a", push=Level.MAINTAINER)
    assert act(world, "mia", "PATCH", f"/{rule}", 404, **{PUSH: "owner"}) == NOT_FOUND
    assert act(world, "mia", "DELETE", f"/{rule}", 404) == NOT_FOUND
    assert world.count(ProtectionRule) == 1


ASKS = {"maintainer": ["mia", "olga", "ada"], "owner": ["olga", "ada"], "admin": ["ada"]}


@pytest.mark.parametrize("who", ["mia", "olga", "ada"])
@pytest.mark.parametrize("level", ASKS)
@pytest.mark.parametrize("side", [PUSH, DELETE])
def test_who_is_held_back_by_a_rule_does_not_lift_it(
    world: World, who: str, level: str, side: str
) -> None:
    levels = {side: Level[level.upper()]}
    rule = protect(
        world, PROJECT, "a", push=levels.get(PUSH), delete=levels.get(DELETE, Level.MAINTAINER)
    )
    allowed = who in ASKS[level]
    for method, parameters in (
        ("PATCH", {"package_name_pattern": "b"}),
        ("PATCH", {PUSH: "maintainer", DELETE: None}),
        ("DELETE", {}),
    ):
        status = (200 if method == "PATCH" else 204) if allowed else 403
        said = act(world, who, method, f"/{rule}", status, **parameters)
        if not allowed:
            assert said.startswith("The rule for 'a' asks for an")
    assert world.count(ProtectionRule) == (0 if allowed else 1)


@pytest.mark.parametrize("side", [PUSH, DELETE])
def test_rules_for_administrators_are_made_by_them(world: World, side: str) -> None:
    parameters = {"package_name_pattern": "a", side: "admin"}
    said = "Only an administrator can make a rule that asks for administrators."
    for who in ("mia", "olga"):
        assert act(world, who, "POST", "", 403, **parameters) == said
    rule = protect(world, PROJECT, "a", push=Level.MAINTAINER)
    assert act(world, "olga", "PATCH", f"/{rule}", 403, **parameters) == said
    assert act(world, "ada", "PATCH", f"/{rule}", 200, **parameters)[side] == "admin"
    assert act(world, "mia", "POST", "", 201, package_name_pattern="b", **{PUSH: "owner"})


@pytest.mark.parametrize("role", [Role.GUEST, Role.REPORTER, Role.DEVELOPER])
def test_only_maintainers_and_above_see_and_make_rules(world: World, role: Role) -> None:
    rule = protect(world, PROJECT, "a", push=Level.MAINTAINER)
    world.member(PROJECT, "dora", role)
    for end in (f"/{rule}", "/999"):
        act(world, "dora", "PATCH", end, 403, **{PUSH: "owner"})
        act(world, "dora", "DELETE", end, 403)
    act(world, "dora", "GET", "", 403)
    act(world, "dora", "POST", "", 403, package_name_pattern="b", **{PUSH: "owner"})
    assert world.count(ProtectionRule) == 1


def test_tokens_that_do_not_manage_rules(world: World) -> None:
    reader = world.as_("olga", Scope.READ_API)
    world.app.get(RULES, headers=reader, status=200)
    world.app.post(RULES, headers=reader, status=403)
    deploy = basic(world.deploy_token(PROJECT, *REGISTRY), "deployer")
    world.app.get(RULES, headers=deploy, status=(401, 403))
    job = basic(world.job_token(PROJECT), "gitlab-ci-token")
    world.app.get(RULES, headers=job, status=(401, 403))


def test_who_may_not_see_the_project_learns_nothing(world: World) -> None:
    rule = protect(world, PROJECT, "a", push=Level.MAINTAINER)
    for end in ("", f"/{rule}", "/999"):
        method = "PATCH" if end else "GET"
        there = world.app.request(
            RULES + end, method=method, headers=world.as_("stranger"), status=404
        )
        missing = (RULES + end).replace("core", "cord")
        not_there = world.app.request(
            missing, method=method, headers=world.as_("stranger"), status=404
        )
        assert there.body == not_there.body
        world.app.request(RULES + end, method=method, status=401)


def test_nothing_else_is_there(world: World) -> None:
    rule = protect(world, PROJECT, "a", push=Level.MAINTAINER)
    act(world, "mia", "GET", f"/{rule}/x", 404)
    act(world, "mia", "GET", f"/{rule}", 405)
    act(world, "mia", "GET", "", 200)
    headers = world.as_("mia")
    world.app.get(RULES.removesuffix("/rules"), headers=headers, status=404)
    world.app.get(RULES.replace("rules", "x"), headers=headers, status=404)
