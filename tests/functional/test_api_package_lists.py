"""Packages of projects and of groups, as GitLab's clients list them."""

from collections.abc import Callable
from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Release
from pyregistry.protection.levels import Level
from tests.factories.distributions import sdist, wheel
from tests.factories.protection import protect
from tests.factories.switches import turn
from tests.factories.world import World, basic
from tests.functional.images import Make
from tests.functional.support import links_of, sentence_of, statements

pytestmark = pytest.mark.thorough

CORE, TEAM, OTHER = "acme/core", "acme/team/tools", "other/thing"
PROJECT = "/api/v4/projects/acme%2Fcore/packages"
GROUP = "/api/v4/groups/acme/packages"
PUBLISHED = [
    (CORE, "demo-package", "1.10"),
    (TEAM, "beta", "2.0"),
    (CORE, "Alpha.Tools", "1.9"),
    (CORE, "demo-package", "1.9"),
    (OTHER, "elsewhere", "1.0"),
    (TEAM, "demo-package", "1.9.0"),
]


def fill(world: World) -> None:
    """Three private projects, two of them in one group, with releases a minute apart."""
    world.user("root", is_admin=True)
    for path in (CORE, TEAM, OTHER):
        world.project(path)
    headers = world.as_("root")
    for path, name, version in PUBLISHED:
        world.clock.advance(minutes=1)
        world.upload(path, sdist(name, version), headers)


@pytest.fixture
def filled(world: World, made_once: Callable[[Make], Any]) -> World:
    """A registry with these releases."""
    made_once(fill)
    return world


def listed(world: World, address: str, username: str = "root", **query: Any) -> list[Any]:
    """The packages of a list."""
    found: list[Any] = world.app.get(address, query, headers=world.as_(username)).json
    return found


def shown(packages: list[Any]) -> list[str]:
    """Names and versions."""
    return [f"{package['name']} {package['version']}" for package in packages]


OLDEST_FIRST = ["demo-package 1.10", "alpha-tools 1.9", "demo-package 1.9"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, OLDEST_FIRST),
        ({"order_by": "created_at", "sort": "asc"}, OLDEST_FIRST),
        ({"sort": "desc"}, OLDEST_FIRST[::-1]),
        ({"order_by": "type"}, OLDEST_FIRST),
        ({"order_by": "name"}, ["alpha-tools 1.9", "demo-package 1.10", "demo-package 1.9"]),
        (
            {"order_by": "name", "sort": "desc"},
            ["demo-package 1.9", "demo-package 1.10", "alpha-tools 1.9"],
        ),
        # 1.10 comes after 1.9, which no order of texts says.
        ({"order_by": "version"}, ["alpha-tools 1.9", "demo-package 1.9", "demo-package 1.10"]),
        (
            {"order_by": "version", "sort": "desc"},
            ["demo-package 1.10", "demo-package 1.9", "alpha-tools 1.9"],
        ),
        ({"package_name": "demo"}, ["demo-package 1.10", "demo-package 1.9"]),
        ({"package_name": "O_PACK"}, ["demo-package 1.10", "demo-package 1.9"]),
        ({"package_name": "alpha.tools"}, ["alpha-tools 1.9"]),
        ({"package_name": ""}, OLDEST_FIRST),
        ({"package_name": "%"}, []),
        ({"package_name": "demo?package"}, []),
        ({"package_name": "x" * 255}, []),
        ({"package_version": "v1.9.0"}, ["alpha-tools 1.9", "demo-package 1.9"]),
        ({"package_version": "1.9", "package_name": "demo"}, ["demo-package 1.9"]),
        ({"package_version": "1.9.1"}, []),
        ({"package_type": "pypi"}, OLDEST_FIRST),
        ({"package_type": "npm"}, []),
        ({"package_type": "anything"}, []),
        ({"status": "default"}, OLDEST_FIRST),
        ({"status": "hidden"}, []),
        ({"status": "processing"}, []),
        ({"status": "error"}, []),
        ({"status": "pending_destruction"}, []),
        ({"include_versionless": "true"}, OLDEST_FIRST),
        ({"include_versionless": "perhaps", "nonsense": "1"}, OLDEST_FIRST),
    ],
)
def test_of_a_project(filled: World, query: dict[str, str], expected: list[str]) -> None:
    assert shown(listed(filled, PROJECT, **query)) == expected
    by_key = listed(filled, PROJECT, **query, pagination="keyset")
    assert shown(by_key) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 2, 3, 5]),
        ({"sort": "desc"}, [5, 3, 2, 1, 0]),
        ({"order_by": "name"}, [2, 1, 0, 3, 5]),
        ({"order_by": "version"}, [2, 3, 5, 0, 1]),
        ({"order_by": "project_path"}, [0, 2, 3, 1, 5]),
        ({"order_by": "project_path", "sort": "desc"}, [5, 1, 3, 2, 0]),
        ({"order_by": "type"}, [0, 1, 2, 3, 5]),
        ({"exclude_subgroups": "true"}, [0, 2, 3]),
        ({"exclude_subgroups": "false"}, [0, 1, 2, 3, 5]),
        ({"package_name": "demo"}, [0, 3, 5]),
        ({"package_version": "1.9"}, [2, 3, 5]),
        ({"package_version": "1.9", "order_by": "project_path", "sort": "desc"}, [5, 3, 2]),
        ({"package_type": "maven"}, []),
        ({"status": "error"}, []),
    ],
)
def test_of_a_group(filled: World, query: dict[str, str], expected: list[int]) -> None:
    packages = listed(filled, GROUP, **query)
    found = [(each["project_path"], each["name"], each["version"]) for each in packages]
    published = [
        (path, name.lower().replace(".", "-"), version) for path, name, version in PUBLISHED
    ]
    assert found == [published[place] for place in expected]
    assert listed(filled, GROUP, **query, pagination="keyset") == packages


@pytest.mark.parametrize("address", [PROJECT, GROUP])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("order_by=size", "order_by"),
        ("order_by=", "order_by"),
        ("sort=up", "sort"),
        ("sort=", "sort"),
        ("status=broken", "status"),
        ("package_version=latest", "package_version"),
        ("per_page=0", "per_page"),
        ("page=0", "page"),
        ("page=1&per_page=x", "per_page"),
        ("pagination=pages", "pagination"),
        ("pagination=keyset&cursor=x", "cursor"),
        ("pagination=keyset&cursor=" + "W" * 3000, "cursor"),
    ],
)
def test_wrong_values(filled: World, address: str, query: str, parameter: str) -> None:
    answer = filled.app.get(f"{address}?{query}", headers=filled.as_("root"), status=400)
    assert parameter in sentence_of(answer)


def test_what_only_a_group_knows(filled: World) -> None:
    root = filled.as_("root")
    filled.app.get(f"{PROJECT}?order_by=project_path", headers=root, status=400)
    answer = filled.app.get(f"{GROUP}?exclude_subgroups=perhaps", headers=root, status=400)
    assert "exclude_subgroups" in sentence_of(answer)
    assert "project_path" not in listed(filled, PROJECT)[0]


@pytest.mark.parametrize("address", [PROJECT, GROUP])
@pytest.mark.parametrize(
    "query", [{}, {"order_by": "name"}, {"order_by": "version", "sort": "desc"}]
)
def test_page_after_page(filled: World, address: str, query: dict[str, str]) -> None:
    whole = listed(filled, address, **query)
    for first in (f"{address}?per_page=2", f"{address}?per_page=2&pagination=keyset"):
        parameters = "".join(f"&{name}={value}" for name, value in query.items())
        following: str | None = first + parameters
        found: list[Any] = []
        while following:
            page = filled.app.get(following, headers=filled.as_("root"))
            found += page.json
            following = links_of(page).get("next")
        assert found == whole


def test_headers_of_pages(filled: World) -> None:
    root = filled.as_("root")
    page = filled.app.get(f"{GROUP}?per_page=2&page=2&order_by=name", headers=root)
    names = ("X-Total", "X-Total-Pages", "X-Page", "X-Per-Page", "X-Prev-Page", "X-Next-Page")
    assert [page.headers[name] for name in names] == ["5", "3", "2", "2", "1", "3"]
    links = links_of(page)
    assert set(links) == {"prev", "next", "first", "last"}
    assert links["last"].endswith("/api/v4/groups/acme/packages?order_by=name&page=3&per_page=2")
    nothing = filled.app.get(f"{GROUP}?package_type=npm", headers=root)
    assert [nothing.headers[name] for name in names] == ["0", "1", "1", "20", "", ""]
    by_key = filled.app.get(f"{GROUP}?pagination=keyset&per_page=2", headers=root)
    assert not any(name in by_key.headers for name in names)
    assert set(links_of(by_key)) == {"next"}


def test_a_cursor_of_another_list(filled: World) -> None:
    root = filled.as_("root")
    first = filled.app.get(f"{GROUP}?pagination=keyset&per_page=1", headers=root)
    following = links_of(first)["next"]
    filled.app.get(following.replace("keyset", "keyset&order_by=name"), headers=root, status=400)
    cursor = following.split("cursor=")[1].split("&")[0]
    for address in ("/api/v4/groups/acme/members", f"{PROJECT}/protection/rules"):
        filled.app.get(f"{address}?pagination=keyset&cursor={cursor}", headers=root, status=400)


def test_a_package_object(filled: World) -> None:
    package = listed(filled, GROUP)[0]
    ids = (package["id"], package["project_id"])
    assert package == {
        "id": ids[0],
        "name": "demo-package",
        "version": "1.10",
        "package_type": "pypi",
        "status": "default",
        "project_id": ids[1],
        "project_path": CORE,
        "created_at": "2026-11-23T12:01:00.000Z",
        "last_downloaded_at": None,
        "tags": [],
        "pipeline": None,
        "pipelines": [],
        "yanked": False,
        "yanked_reason": None,
        "project_status": {"status": "active", "reason": None},
        "_links": {
            "web_path": "/acme/core/demo-package/1.10/",
            "delete_api_path": f"http://localhost/api/v4/projects/{ids[1]}/packages/{ids[0]}",
        },
    }
    del package["project_path"]
    assert listed(filled, PROJECT)[0] == package
    single: Any = listed(filled, f"{PROJECT}/{ids[0]}")
    versions = single.pop("versions")
    assert single == package
    (other,) = versions
    assert other["version"] == "1.9"
    assert other["created_at"] == "2026-11-23T12:04:00.000Z"
    assert (other["tags"], other["pipelines"]) == ([], [])
    assert other["id"] == listed(filled, PROJECT)[2]["id"]
    filled.app.get(package["_links"]["web_path"], headers=filled.as_("root"))
    filled.app.delete(package["_links"]["delete_api_path"], headers=filled.as_("root"))
    assert filled.count(Release) == len(PUBLISHED) - 1


def test_other_versions_have_their_pipelines(filled: World) -> None:
    job = basic(filled.job_token(CORE, pipeline_id="7"))
    filled.upload(CORE, sdist("demo-package", "0.9"), job)
    package: Any = listed(filled, f"{PROJECT}/{listed(filled, PROJECT)[0]['id']}")
    pipelines = {
        version["version"]: [pipeline["id"] for pipeline in version["pipelines"]]
        for version in package["versions"]
    }
    assert pipelines == {"1.9": [], "0.9": [7]}
    assert package["pipelines"] == []


def deletable(packages: list[Any]) -> list[str]:
    """The packages that the caller is told how to delete."""
    return shown([package for package in packages if "delete_api_path" in package["_links"]])


def test_who_is_told_how_to_delete(filled: World) -> None:
    filled.member("acme", "dora", Role.DEVELOPER)
    filled.member(TEAM, "dora", Role.MAINTAINER)
    assert deletable(listed(filled, GROUP, "dora")) == ["beta 2.0", "demo-package 1.9.0"]
    assert deletable(listed(filled, PROJECT, "dora")) == []
    filled.member("acme", "mia", Role.MAINTAINER)
    assert len(deletable(listed(filled, GROUP, "mia"))) == 5
    reading = filled.as_("mia", Scope.READ_API)
    assert deletable(filled.app.get(GROUP, headers=reading).json) == []
    deploy = basic(filled.deploy_token("acme"), "deployer")
    found = filled.app.get(GROUP, headers=deploy).json
    assert len(found) == 5
    assert deletable(found) == []
    protect(filled, TEAM, "demo-*", delete=Level.OWNER)
    assert deletable(listed(filled, GROUP, "dora")) == ["beta 2.0"]
    assert len(deletable(listed(filled, GROUP, "mia"))) == 4
    filled.member("acme", "olga", Role.OWNER)
    assert len(deletable(listed(filled, GROUP, "olga"))) == 5
    # What is said is so.
    for username in ("dora", "mia", "olga"):
        for package in listed(filled, GROUP, username):
            address = f"/api/v4/projects/{package['project_id']}/packages/{package['id']}"
            headers = {**filled.as_(username), "If-Unmodified-Since": OLD}
            status = 412 if "delete_api_path" in package["_links"] else 403
            filled.app.delete(address, headers=headers, status=status)


OLD = "Sun, 06 Nov 1994 08:49:37 GMT"


def test_who_sees_what_of_a_group(filled: World) -> None:
    filled.project("acme/open", "public")
    filled.upload("acme/open", wheel("open-package"), filled.as_("root"))
    filled.member(TEAM, "rita", Role.REPORTER)
    filled.member("acme/core", "gus", Role.GUEST)
    filled.user("stranger", is_external=True)
    assert shown(filled.app.get(GROUP).json) == ["open-package 1.0"]
    assert shown(listed(filled, GROUP, "stranger")) == ["open-package 1.0"]
    assert shown(listed(filled, GROUP, "gus")) == ["open-package 1.0"]
    assert shown(listed(filled, GROUP, "rita")) == [
        "beta 2.0",
        "demo-package 1.9.0",
        "open-package 1.0",
    ]
    assert filled.app.get(GROUP).headers["X-Total"] == "1"


def test_a_group_that_is_hidden(filled: World) -> None:
    group = filled.group("secret")
    hidden = [f"/api/v4/groups/{name}/packages" for name in (group, "secret", "no-such", 999_999)]
    stranger = filled.as_("stranger")
    answers = [filled.app.get(address, headers=stranger, status=404).body for address in hidden]
    assert len(set(answers)) == 1
    for address in hidden:
        filled.app.get(address, status=401)
    assert listed(filled, hidden[0]) == []


def test_a_group_without_a_package_registry(filled: World) -> None:
    turn(filled, TEAM, on=False)
    assert len(listed(filled, GROUP)) == 3
    turn(filled, "acme", on=False)
    filled.app.get(GROUP, headers=filled.as_("root"), status=404)


def test_builds_are_shown_where_pages_are(filled: World) -> None:
    """A project that lets anyone pull says nothing of its branches in the group's list either."""
    filled.project("acme/closed", anyone_can_pull=True)
    job = basic(filled.job_token("acme/closed", ref="secret-branch"))
    filled.upload("acme/closed", wheel(), job)
    (package,) = filled.app.get(GROUP).json
    assert (package["pipeline"], package["pipelines"]) == (None, [])
    assert "secret-branch" in filled.app.get(GROUP, headers=filled.as_("root")).text


def test_files_in_pages(filled: World) -> None:
    root = filled.as_("root")
    for build in ("1", "2", "3"):
        filled.clock.advance(minutes=1)
        filled.upload(CORE, wheel("demo-package", "1.10", build=build), root)
    address = f"{PROJECT}/{listed(filled, PROJECT)[0]['id']}/package_files"

    def builds(query: str) -> list[str]:
        names = [file["file_name"] for file in filled.app.get(address + query, headers=root).json]
        return [name.split("-")[2] if name.endswith("whl") else "" for name in names]

    assert builds("") == ["", "1", "2", "3"]
    assert builds("?sort=desc") == ["3", "2", "1", ""]
    assert builds("?order_by=created_at&sort=desc&per_page=2") == ["3", "2"]
    assert builds("?order_by=file_name") == ["1", "2", "3", ""]
    assert builds("?per_page=3&page=2") == ["3"]
    page = filled.app.get(f"{address}?per_page=3", headers=root)
    assert (page.headers["X-Total"], page.headers["X-Next-Page"]) == ("4", "2")
    following = links_of(filled.app.get(f"{address}?per_page=3&pagination=keyset", headers=root))
    assert len(filled.app.get(following["next"], headers=root).json) == 1
    for nonsense in ("order_by=size", "sort=up"):
        answer = filled.app.get(f"{address}?{nonsense}", headers=root, status=400)
        assert nonsense.partition("=")[0] in sentence_of(answer)


def test_a_page_costs_the_same_for_one_and_for_many(world: World) -> None:
    world.group("acme", "public")
    world.member("acme", "mia", Role.MAINTAINER)
    headers = world.as_("mia")
    addresses = [
        f"{GROUP}?per_page=100",
        f"{GROUP}?per_page=100&order_by=project_path&pagination=keyset",
        f"{PROJECT}?per_page=100",
        f"{PROJECT}/1",
    ]
    counts = []
    for projects, releases in ((1, 1), (25, 4)):
        for number in range(projects):
            path = f"acme/sub-{number}/thing" if number else CORE
            if number or projects == 1:
                world.project(path)
            for version in range(releases):
                world.upload(path, sdist("demo-package", f"1.{version}"), headers)
                world.upload(
                    path,
                    wheel("demo-package", f"1.{version}"),
                    basic(world.job_token(path, ref=f"branch-{number}-{version}")),
                )
        with_pages = []
        for address in addresses:
            with statements(world) as executed:
                found = world.app.get(address, headers=headers).json
            with_pages.append((len(executed), len(found)))
        counts.append(with_pages)
    one, many = counts
    assert [queries for queries, _ in one] == [queries for queries, _ in many]
    assert [found for _, found in many[:3]] == [100, 100, 4]
    assert max(queries for queries, _ in many) <= 8


def test_when_it_was_last_pulled(filled: World) -> None:
    """It is written when pulls are, and not before."""
    root, file = filled.as_("root"), sdist("demo-package", "1.9")
    filled.clock.advance(minutes=1)
    address = f"/{CORE}/-/files/{file.sha256}/{file.filename}"
    filled.app.get(f"{address}.metadata", headers=root)
    filled.app.head(address, headers=root)
    filled.components.recorder.flush()
    assert [each["last_downloaded_at"] for each in listed(filled, PROJECT)] == [None] * 3
    filled.app.get(address, headers=root)
    filled.components.recorder.flush()
    moments = [each["last_downloaded_at"] for each in listed(filled, GROUP)]
    assert moments == [None, None, None, "2026-11-23T12:07:00.000Z", None]
