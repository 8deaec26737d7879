"""Reserved prefixes in the JSON API."""

from typing import Any

import pytest
from sqlalchemy import update

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Namespace
from pyregistry.protection.models import ReservedPrefix, ReservedPrefixProject
from tests.factories.distributions import sdist
from tests.factories.members import changes
from tests.factories.protection import reserve
from tests.factories.world import World
from tests.functional.support import contents, send_json

PREFIXES = "/api/v4/groups/acme/reserved_prefixes"
NOT_FOUND = "Not found: the group has no such reserved prefix."


@pytest.fixture(autouse=True)
def projects(world: World) -> dict[str, int]:
    """The ids of a private group, of private projects in and below it, and of one elsewhere."""
    found = {"acme": world.group("acme")}
    world.group("acme/team")
    for path in ("acme/core", "acme/other", "acme/team/core", "elsewhere/core"):
        found[path] = world.project(path)
    world.member("acme", "mia", Role.MAINTAINER)
    return found


def act(world: World, method: str, end: str, status: int, /, **parameters: Any) -> Any:
    return send_json(world, method, PREFIXES + end, world.as_("mia"), status, **parameters)


def shown(projects: dict[str, int], *paths: str) -> list[dict[str, Any]]:
    return [{"id": projects[path], "path_with_namespace": path} for path in paths]


def test_a_prefix_comes_changes_and_goes(world: World, projects: dict[str, int]) -> None:
    core = projects["acme/core"]
    made = act(world, "POST", "", 201, prefix="Acme_Core", project_ids=[core])
    assert made == {
        "id": made["id"],
        "group_id": projects["acme"],
        "prefix": "acme-core",
        "projects": shown(projects, "acme/core"),
        "created_at": "2026-11-23T12:00:00.000Z",
    }
    end = f"/{made['id']}"
    assert act(world, "GET", end, 200) == made
    assert act(world, "GET", "", 200) == [made]
    both = ["ACME/Team/Core", "acme/core"]
    more = act(world, "PUT", end, 200, project_paths=both)
    assert more == {**made, "projects": shown(projects, "acme/core", "acme/team/core")}
    renamed = act(world, "PUT", end, 200, prefix="acme")
    assert renamed == {**more, "prefix": "acme"}
    assert act(world, "PUT", end, 200, prefix="ACME", project_paths=both) == renamed
    assert act(world, "PUT", end, 200) == renamed
    act(world, "DELETE", end, 204)
    assert act(world, "GET", "", 200) == []
    assert world.count(ReservedPrefixProject) == 0
    one = {"prefix": "acme-core", "projects": ["acme/core"]}
    two = {"prefix": "acme-core", "projects": ["acme/core", "acme/team/core"]}
    three = {**two, "prefix": "acme"}
    assert changes(world) == [
        (
            f"prefix.{action}",
            "mia",
            "acme",
            {"prefix_id": made["id"], "before": before, "after": after},
        )
        for action, before, after in (
            ("reserved", None, one),
            ("changed", one, two),
            ("changed", two, three),
            ("released", three, None),
        )
    ]


def test_parameters_may_be_a_form(world: World, projects: dict[str, int]) -> None:
    form = {"prefix": "acme", "project_ids": f"{projects['acme/core']}, {projects['acme/other']}"}
    made = world.app.post(PREFIXES, form, headers=world.as_("mia"), status=201).json
    assert made["projects"] == shown(projects, "acme/core", "acme/other")
    form = {"project_paths": "acme/team/core,acme/core", "project_ids": ""}
    address = f"{PREFIXES}/{made['id']}"
    made = world.app.put(address, form, headers=world.as_("mia"), status=200).json
    assert made["projects"] == shown(projects, "acme/core", "acme/team/core")


def test_ids_and_paths_together(world: World, projects: dict[str, int]) -> None:
    core, other = projects["acme/core"], projects["acme/other"]
    made = act(
        world,
        "POST",
        "",
        201,
        prefix="acme",
        project_ids=[core, str(other)],
        project_paths=["acme/core"],
    )
    assert made["projects"] == shown(projects, "acme/core", "acme/other")


def test_prefixes_are_paged(world: World) -> None:
    for number in range(3):
        reserve(world, "acme", f"name-{number}", "acme/core")
    found = act(world, "GET", "?per_page=2&page=2", 200)
    assert [each["prefix"] for each in found] == ["name-2"]
    act(world, "GET", "?per_page=0", 400)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({}, "prefix"),
        ({"project_paths": ["acme/core"]}, "prefix"),
        ({"prefix": "a"}, "project_ids"),
        ({"prefix": "a", "project_ids": None}, "project_ids"),
        ({"prefix": "a", "project_ids": []}, "1 to 100 projects"),
        ({"prefix": "a", "project_ids": 1}, "project_ids"),
        ({"prefix": "a", "project_ids": {}}, "project_ids"),
        ({"prefix": "a", "project_ids": [[]]}, "project_ids"),
        ({"prefix": "a", "project_ids": [True]}, "project_ids"),
        ({"prefix": "a", "project_ids": [1.5]}, "project_ids"),
        ({"prefix": "a", "project_ids": [-1]}, "project_ids"),
        ({"prefix": "a", "project_ids": [10**18]}, "project_ids"),
        ({"prefix": "a", "project_ids": ["acme/core"]}, "project_ids"),
        ({"prefix": "a", "project_ids": ["٣"]}, "project_ids"),
        ({"prefix": "a", "project_paths": ["acme\x00"]}, "project_paths"),
        ({"prefix": "a", "project_paths": ["acme/core"] * 101}, "1 to 100 projects"),
        ({"prefix": 1, "project_paths": ["acme/core"]}, "prefix"),
        ({"prefix": "", "project_paths": ["acme/core"]}, "is no prefix"),
        ({"prefix": "acme-", "project_paths": ["acme/core"]}, "is no prefix"),
        ({"prefix": "acme-*", "project_paths": ["acme/core"]}, "is no prefix"),
        ({"prefix": "a" * 256, "project_paths": ["acme/core"]}, "is no prefix"),
    ],
)
def test_wrong_parameters_are_named(world: World, parameters: dict[str, Any], named: str) -> None:
    assert named in act(world, "POST", "", 400, **parameters)
    assert world.count(ReservedPrefix) == 0
    assert changes(world) == []


def test_projects_that_are_not_in_the_group(world: World, projects: dict[str, int]) -> None:
    """One that is hidden is answered in the same words as one that is not there."""
    elsewhere, group = projects["elsewhere/core"], projects["acme"]
    for unknown, named in (
        ({"project_ids": [elsewhere]}, str(elsewhere)),
        ({"project_ids": [999999]}, "999999"),
        ({"project_ids": [group]}, str(group)),
        ({"project_paths": ["elsewhere/core"]}, "'elsewhere/core'"),
        ({"project_paths": ["acme/nothing"]}, "'acme/nothing'"),
        ({"project_paths": ["acme/team"]}, "'acme/team'"),
        ({"project_paths": ["acme/core", "é", "a", "b", "c"]}, r"'\xe9', 'a', 'b', 1 more"),
    ):
        assert act(world, "POST", "", 422, prefix="a", **unknown) == (
            f"A prefix of 'acme' belongs to projects in it, and there is no such project: {named}."
        )
    assert world.count(ReservedPrefix) == 0
    prefix = reserve(world, "acme", "a", "acme/core")
    act(world, "PUT", f"/{prefix}", 422, project_ids=[elsewhere])
    assert act(world, "GET", f"/{prefix}", 200)["projects"] == shown(projects, "acme/core")


def test_a_prefix_is_reserved_once_in_a_group(world: World) -> None:
    prefix = reserve(world, "acme", "acme", "acme/core")
    other = reserve(world, "acme", "acme-core", "acme/core")
    said = "The prefix 'acme' is reserved in this group already: change that one."
    wanted = {"prefix": "Acme", "project_paths": ["acme/core"]}
    assert act(world, "POST", "", 409, **wanted) == said
    assert act(world, "PUT", f"/{other}", 409, **wanted) == said
    act(world, "PUT", f"/{prefix}", 200, **wanted)
    reserve(world, "acme/team", "acme", "acme/team/core")


def test_no_more_than_a_hundred(world: World, projects: dict[str, int]) -> None:
    with world.components.database.writing() as session:
        session.add_all(
            ReservedPrefix(
                group_id=projects["acme"], prefix=f"name-{number}", created_at=world.clock()
            )
            for number in range(100)
        )
    wanted = {"prefix": "one-more", "project_paths": ["acme/core"]}
    assert "100 prefixes" in act(world, "POST", "", 409, **wanted)


@pytest.mark.parametrize("end", ["/999", "/a", "/" + "9" * 30, "/%D9%A3", "/-1"])
def test_a_prefix_that_is_not_there(world: World, end: str) -> None:
    assert act(world, "GET", end, 404) == NOT_FOUND
    assert act(world, "PUT", end, 404, prefix="a") == NOT_FOUND
    assert act(world, "DELETE", end, 404) == NOT_FOUND


def test_the_prefix_of_another_group_is_not_there(world: World) -> None:
    prefix = reserve(world, "acme/team", "a", "acme/team/core")
    test_a_prefix_that_is_not_there(world, f"/{prefix}")
    assert act(world, "GET", "", 200) == []
    assert world.count(ReservedPrefix) == 1


class TestPackagesInTheWay:
    """A reservation is always true: other projects hold nothing that falls under it."""

    @pytest.fixture(autouse=True)
    def _packages(self, world: World, projects: dict[str, int]) -> None:
        for path, *names in (
            ("acme/core", "acme-core", "acme-core-x", "acmecore"),
            ("acme/other", "acme", "acmes"),
            ("acme/team/core", "acme-z", "zeta"),
            ("elsewhere/core", "acme-core"),
        ):
            headers = world.publisher(path)
            for name in names:
                world.upload(path, sdist(name), headers)

    def refused(self, world: World, method: str, end: str, **wanted: Any) -> str:
        before = contents(world)
        said: str = act(world, method, end, 409, **wanted)
        assert contents(world) == before
        return said

    def test_reserving(self, world: World) -> None:
        wanted = {"prefix": "acme", "project_paths": ["acme/core"]}
        assert self.refused(world, "POST", "", **wanted) == (
            "The prefix 'acme' cannot belong to these projects alone while others in the group "
            "hold 'acme' in 'acme/other' and 'acme-z' in 'acme/team/core'."
        )
        act(world, "POST", "", 201, prefix="acme-core", project_paths=["acme/core"])
        all_three = ["acme/core", "acme/other", "acme/team/core"]
        act(world, "POST", "", 201, prefix="acme", project_paths=all_three)

    def test_three_are_named(self, world: World) -> None:
        wanted = {"prefix": "acme", "project_paths": ["acme/team/core"]}
        world.upload("acme/other", sdist("acme-y"))
        assert self.refused(world, "POST", "", **wanted) == (
            "The prefix 'acme' cannot belong to these projects alone while others in the group "
            "hold 'acme-core' in 'acme/core', 'acme-core-x' in 'acme/core', 'acme' in "
            "'acme/other' and 1 more."
        )

    def test_what_the_caller_may_not_see_is_counted(self, world: World) -> None:
        with world.components.database.writing() as session:
            session.execute(
                update(Namespace)
                .where(Namespace.full_path != "acme/other")
                .values(packages_available=False)
            )
        wanted = {"prefix": "acme", "project_paths": ["acme/core"]}
        assert self.refused(world, "POST", "", **wanted).endswith(
            "hold 'acme' in 'acme/other' and 1 more."
        )
        wanted = {"prefix": "acme", "project_paths": ["acme/core", "acme/other"]}
        assert self.refused(world, "POST", "", **wanted).endswith("hold 1 package.")

    def test_taking_a_project_away(self, world: World) -> None:
        prefix = reserve(world, "acme", "acme", "acme/core", "acme/other", "acme/team/core")
        wanted = {"project_paths": ["acme/core", "acme/other"]}
        assert "'acme-z'" in self.refused(world, "PUT", f"/{prefix}", **wanted)

    def test_renaming(self, world: World) -> None:
        prefix = reserve(world, "acme", "zeta", "acme/team/core")
        wanted = {"prefix": "acme-core"}
        assert "'acme-core-x'" in self.refused(world, "PUT", f"/{prefix}", **wanted)
        act(world, "PUT", f"/{prefix}", 200, prefix="acme-z")

    def test_a_longer_prefix_has_its_own_projects(self, world: World) -> None:
        core = reserve(world, "acme", "acme-core", "acme/core")
        reserve(world, "acme", "acme", "acme/other", "acme/team/core")
        for method, wanted in (("DELETE", {}), ("PUT", {"prefix": "zeta-core"})):
            assert self.refused(world, method, f"/{core}", **wanted) == (
                "The prefix 'acme' cannot belong to these projects alone while others in the "
                "group hold 'acme-core' in 'acme/core' and 'acme-core-x' in 'acme/core'."
            )
        world.upload("acme/core", sdist("acme-core-y"))
        world.upload("acme/core", sdist("acme-y"), status=403)
        world.upload("acme/other", sdist("acme-core-y"), status=403)

    def test_only_names_of_the_subtree_count(self, world: World) -> None:
        reserve(world, "acme/team", "acme", "acme/team/core")


@pytest.mark.parametrize("role", [Role.GUEST, Role.REPORTER, Role.DEVELOPER])
def test_only_maintainers_of_the_group_see_and_reserve(world: World, role: Role) -> None:
    prefix = reserve(world, "acme", "a", "acme/core")
    world.member("acme", "dora", role)
    world.member("acme/team", "dora", Role.OWNER)
    for who, status in (("dora", 403), ("stranger", 404)):
        headers = world.as_(who)
        for end in (f"/{prefix}", "/999"):
            send_json(world, "GET", PREFIXES + end, headers, status)
            send_json(world, "PUT", PREFIXES + end, headers, status, prefix="b")
            send_json(world, "DELETE", PREFIXES + end, headers, status)
        send_json(world, "GET", PREFIXES, headers, status)
        wanted = {"prefix": "b", "project_paths": ["acme/core"]}
        send_json(world, "POST", PREFIXES, headers, status, **wanted)
    world.app.get(PREFIXES, status=401)
    assert world.count(ReservedPrefix) == 1


def test_a_reading_token_reserves_nothing(world: World) -> None:
    headers = world.as_("mia", Scope.READ_API)
    wanted = {"prefix": "b", "project_paths": ["acme/core"]}
    assert "read_api" in send_json(world, "POST", PREFIXES, headers, 403, **wanted)


def test_nothing_else_is_there(world: World) -> None:
    prefix = reserve(world, "acme", "a", "acme/core")
    act(world, "GET", f"/{prefix}/x", 404)
    act(world, "PATCH", f"/{prefix}", 405)
    headers = world.as_("mia")
    address = "/api/v4/projects/acme%2Fcore/reserved_prefixes"
    world.app.get(address, headers=headers, status=404)
