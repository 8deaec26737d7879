"""Lists of projects in the JSON API, and projects as it shows them."""

from typing import Any

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.tree import CALLERS, GROUPS, PROJECTS, headers_of
from tests.factories.world import World, basic
from tests.functional.support import send_json, sentence_of, statements, without_limits

ADDRESS = "/api/v4/projects"
OF_GROUPS = "/api/v4/groups"


def listed(
    world: World, address: str, headers: dict[str, str], query: str = "per_page=100"
) -> list[str]:
    """The full paths on the first page of a list, in its order."""
    found = world.app.get(f"{address}?{query}", headers=headers).json
    return [project["path_with_namespace"] for project in found]


def status_of(world: World, address: str, headers: dict[str, str]) -> int:
    """The status of what may be refused."""
    status: int = world.app.get(address, headers=headers, status="*").status_int
    return status


@pytest.mark.parametrize("who", CALLERS)
def test_each_caller_is_shown_what_they_may_see(
    world: World, grown: dict[str, int], who: str
) -> None:
    ids, headers = grown, headers_of(world, who)
    seen = [
        path
        for path in sorted(PROJECTS)
        if status_of(world, f"{ADDRESS}/{ids[path]}", headers) == 200
    ]
    assert sorted(listed(world, ADDRESS, headers)) == seen
    for path in GROUPS:
        address = f"{OF_GROUPS}/{ids[path]}/projects"
        if status_of(world, f"{OF_GROUPS}/{ids[path]}", headers) != 200:
            world.app.get(address, headers=headers, status=401 if who == "nobody" else 404)
            continue
        inside = [project for project in seen if project.startswith(f"{path}/")]
        direct = [project for project in inside if project.rpartition("/")[0] == path]
        assert sorted(listed(world, address, headers)) == direct
        assert sorted(listed(world, address, headers, "include_subgroups=true")) == inside


def test_the_callers_see_different_projects(world: World, grown: dict[str, int]) -> None:
    seen = {who: listed(world, ADDRESS, headers_of(world, who)) for who in CALLERS}
    assert seen["nobody"] == seen["external stranger"] == ["open/lib"]
    assert sorted(seen["internal stranger"]) == ["house/app", "open/inside/lib", "open/lib"]
    assert len(seen["administrator"]) == len(PROJECTS)
    assert sorted(seen["reporter in the room"]) == ["house/room/app", "open/lib"]
    assert sorted(seen["a bot of the team"]) == ["open/lib", "secret/team/app"]


def test_what_anyone_can_pull_from_is_not_shown_to_anyone(world: World) -> None:
    world.group("acme")
    world.project("acme/core", anyone_can_pull=True)
    assert listed(world, ADDRESS, {}) == []
    assert listed(world, ADDRESS, world.as_("stranger")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("membership=true", ["house/room/app", "open/closed/deep/lib"]),
        ("membership=false&search=app", ["house/room/app"]),
        ("owned=true", ["open/closed/deep/lib"]),
        ("min_access_level=20", ["house/room/app", "open/closed/deep/lib"]),
        ("min_access_level=30", ["open/closed/deep/lib"]),
        ("membership=true&visibility=public", []),
        ("visibility=public", ["open/lib"]),
        ("visibility=private", ["house/room/app", "open/closed/deep/lib"]),
        ("search=LIB", ["open/closed/deep/lib", "open/lib"]),
        ("search=lovely", ["house/room/app"]),
        ("search=of+all", ["house/room/app"]),
        ("search=all+lovely+kinds", ["house/room/app"]),
        ("search=all+ugly", []),
        ("search=room", []),
        ("search=room&search_namespaces=true", ["house/room/app"]),
        ("search=open/closed&search_namespaces=true", ["open/closed/deep/lib"]),
        ("search=%25&search_namespaces=true", []),
        ("archived=true&starred=x&nonsense=1&search=lovely", ["house/room/app"]),
    ],
)
def test_filters(world: World, grown: dict[str, int], query: str, found: list[str]) -> None:
    ids = grown
    headers = headers_of(world, "owner of closed")
    world.member("house/room/app", "owner-of-closed", Role.REPORTER)
    root = headers_of(world, "administrator")
    about = {"name": "Lovely App", "description": "Of all kinds"}
    send_json(world, "PUT", f"{ADDRESS}/{ids['house/room/app']}", root, 200, **about)
    assert sorted(listed(world, ADDRESS, headers, query)) == found


def test_roles_are_asked_for_of_those_who_have_none(world: World, grown: dict[str, int]) -> None:
    for who in ("nobody", "administrator"):
        headers = headers_of(world, who)
        for query in ("membership=true", "owned=true", "min_access_level=10"):
            assert listed(world, ADDRESS, headers, query) == []


def test_filters_in_a_group(world: World, grown: dict[str, int]) -> None:
    headers = headers_of(world, "administrator")
    address = f"{OF_GROUPS}/open/projects"
    for query, found in (
        ("", ["open/tool", "open/lib"]),
        ("include_subgroups=false&sort=asc", ["open/lib", "open/tool"]),
        ("visibility=private", ["open/tool"]),
        (
            "include_subgroups=1&search=lib&order_by=id&sort=asc",
            ["open/lib", "open/inside/lib", "open/closed/deep/lib"],
        ),
        ("owned=true&include_subgroups=1", []),
    ):
        assert listed(world, address, headers, query) == found, query


def test_between_ids(world: World) -> None:
    world.group("acme", "public")
    ids = [world.project(f"acme/p{number}", "public") for number in range(5)]
    query = f"order_by=id&sort=asc&id_after={ids[0]}&id_before={ids[3]}"
    assert listed(world, ADDRESS, {}, query) == ["acme/p1", "acme/p2"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", "acb"),
        ("sort=asc", "bca"),
        ("order_by=created_at&sort=asc", "bca"),
        ("order_by=last_activity_at", "acb"),
        ("order_by=updated_at&sort=asc", "bca"),
        ("order_by=id&sort=asc", "bca"),
        ("order_by=id", "acb"),
        ("order_by=name&sort=asc", "cab"),
        ("order_by=name", "bac"),
        ("order_by=path&sort=asc", "abc"),
        ("order_by=path", "cba"),
    ],
)
def test_order(world: World, order: str, expected: str) -> None:
    world.group("acme", "public")
    world.user("root", is_admin=True)
    headers = world.as_("root")
    for path, name in (("b", "Zoo"), ("c", "Apple"), ("a", "mouse")):
        project = world.project(f"acme/{path}", "public")
        send_json(world, "PUT", f"{ADDRESS}/{project}", headers, 200, name=name)
        world.clock.advance(seconds=1)
    for address in (ADDRESS, f"{OF_GROUPS}/acme/projects"):
        paths = [path.removeprefix("acme/") for path in listed(world, address, {}, order)]
        assert "".join(paths) == expected
        assert by_key(world, f"{address}?pagination=keyset&per_page=1&{order}") == expected


def by_key(world: World, address: str) -> str:
    """What all pages of a list hold together, by their links."""
    found = ""
    while address:
        response = world.app.get(address)
        found += "".join(project["path"] for project in response.json)
        address = response.headers.get("Link", "").partition(">")[0].removeprefix("<")
    return found


def test_pages(world: World) -> None:
    world.group("acme", "public")
    for number in range(5):
        world.project(f"acme/p{number}", "public")
    response = world.app.get(f"{ADDRESS}?per_page=2&page=2&order_by=id&sort=asc&simple=true")
    assert [project["path"] for project in response.json] == ["p2", "p3"]
    names = ("X-Total", "X-Total-Pages", "X-Page", "X-Per-Page", "X-Next-Page", "X-Prev-Page")
    assert [response.headers[name] for name in names] == ["5", "3", "2", "2", "3", "1"]
    assert "simple=true" in response.headers["Link"]
    assert response.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "query",
    [
        "order_by=similarity",
        "order_by=star_count",
        "sort=up",
        "visibility=secret",
        "owned=perhaps",
        "membership=",
        "simple=2",
        "search_namespaces=x",
        "min_access_level=35",
        "id_after=x",
        "id_before=-1",
        "id_before=99999999999999999999",
        f"search={'x' * 256}",
        "page=0",
        "per_page=0",
        "pagination=magic",
        "pagination=keyset&cursor=nonsense",
    ],
)
def test_nonsense(world: World, query: str) -> None:
    world.group("acme", "public")
    name = query.rpartition("&")[2].partition("=")[0]
    for address in (ADDRESS, f"{OF_GROUPS}/acme/projects"):
        assert name in sentence_of(world.app.get(f"{address}?{query}", status=400))
    response = world.app.get(f"{OF_GROUPS}/acme/projects?include_subgroups=x", status=400)
    assert "include_subgroups" in sentence_of(response)


def test_many_words(world: World) -> None:
    world.project("acme/core", "public")
    query = "+".join(["c"] * 128)
    assert listed(world, ADDRESS, {}, f"search={query}&search_namespaces=1") == ["acme/core"]


def test_a_project_in_lists_is_the_project_itself(world: World) -> None:
    world.project("acme/core", "public")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/core", "olga", Role.REPORTER)
    for headers in ({}, world.as_("olga")):
        shown = without_limits(world.app.get(f"{ADDRESS}/acme%2Fcore", headers=headers).json)
        assert world.app.get(ADDRESS, headers=headers).json == [shown]
        assert world.app.get(f"{OF_GROUPS}/acme/projects", headers=headers).json == [shown]
        assert ("permissions" in shown) is bool(headers)
    assert shown["permissions"] == {
        "project_access": {"access_level": 20},
        "group_access": {"access_level": 50},
    }
    simple = world.app.get(f"{ADDRESS}?simple=true").json[0]
    assert simple == {name: value for name, value in shown.items() if name in simple}
    assert set(shown) - set(simple) == {
        *("visibility", "archived", "creator_id", "packages_enabled", "_links", "permissions"),
        "package_registry_access_level",
    }


def test_the_permissions_of_the_caller(world: World) -> None:
    world.project("acme/team/core", "public")
    world.member("acme", "dora", Role.DEVELOPER)
    world.member("acme/team", "dora", Role.MAINTAINER)
    world.user("root", is_admin=True)
    bot = basic(world.access_token("acme/team/core", Role.GUEST))
    for headers, own, above in (
        (world.as_("dora"), None, 40),
        (world.as_("root"), None, None),
        (bot, 10, None),
    ):
        permissions = world.app.get(f"{ADDRESS}/acme%2Fteam%2Fcore", headers=headers).json[
            "permissions"
        ]
        assert permissions == {
            "project_access": own and {"access_level": own},
            "group_access": above and {"access_level": above},
        }


def test_addresses_behind_a_prefix(world: World) -> None:
    project = world.project("acme/core", "public")
    environment = {"SCRIPT_NAME": "/registry", "HTTP_HOST": "example.org:8443"}
    found = world.app.get(f"{ADDRESS}/{project}", extra_environ=environment).json
    base = "http://example.org:8443/registry"
    assert found["web_url"] == f"{base}/acme/core"
    assert found["namespace"]["web_url"] == f"{base}/acme"
    assert found["_links"]["members"] == f"{base}/api/v4/projects/{project}/members"


@pytest.mark.parametrize("query", ["", "simple=true", "membership=true", "pagination=keyset"])
def test_many_projects_cost_what_one_costs(world: World, query: str) -> None:
    for number in range(30):
        world.project(f"acme/g{number % 4}/p{number}", "internal" if number % 2 else "private")
    world.member("acme", "olga", Role.OWNER)
    headers = world.as_("olga")
    for address in (
        f"{ADDRESS}?{query}",
        f"{OF_GROUPS}/acme/projects?include_subgroups=true&{query}",
    ):
        with statements(world) as executed:
            found: list[Any] = world.app.get(address, headers=headers).json
        assert len(found) == 20
        # Who asks, in which group, the rows, how many there are, and the groups above them.
        assert len(executed) <= 5, executed
