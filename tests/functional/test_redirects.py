"""Old addresses of groups and projects that were renamed or moved."""

from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.rename import rename
from tests.factories.distributions import wheel
from tests.factories.world import FOUNDER, PASSWORD, World, basic
from tests.functional.support import browser, sentence_of, statements

pytestmark = pytest.mark.thorough

API = "/api/v4"
FILE = f"{wheel().sha256}/{wheel().filename}"
NOTHING_HERE = "There is nothing here, or you may not see it."

OLD_AND_NEW = {
    "group": ("/acme/", "/zeta/"),
    "group without a slash": ("/acme", "/zeta"),
    "subgroup": ("/ACME/Team/", "/zeta/Team/"),
    "project": ("/acme/team/core/", "/zeta/team/core/"),
    "package": ("/acme/team/core/demo-package/1.0/", "/zeta/team/core/demo-package/1.0/"),
    "index": ("/acme/team/core/-/simple/", "/zeta/team/core/-/simple/"),
    "page": (
        "/acme/team/core/-/simple/demo-package/?format=x%2By",
        "/zeta/team/core/-/simple/demo-package/?format=x%2By",
    ),
    "index of the group": ("/acme/-/simple/demo-package/", "/zeta/-/simple/demo-package/"),
    "file": (f"/acme/team/core/-/files/{FILE}", f"/zeta/team/core/-/files/{FILE}"),
    "metadata": (f"/acme/-/files/{FILE}.metadata", f"/zeta/-/files/{FILE}.metadata"),
    "PyPI's JSON": ("/acme/-/pypi/demo-package/json", "/zeta/-/pypi/demo-package/json"),
    "API project": (
        f"{API}/projects/acme%2Fteam%2Fcore?statistics=true",
        f"{API}/projects/zeta%2Fteam%2Fcore?statistics=true",
    ),
    "API project in segments": (
        f"{API}/projects/acme/team/core/packages",
        f"{API}/projects/zeta%2Fteam%2Fcore/packages",
    ),
    "API index": (
        f"{API}/projects/acme%2Fteam%2Fcore/packages/pypi/simple/",
        f"{API}/projects/zeta%2Fteam%2Fcore/packages/pypi/simple/",
    ),
    "API file": (
        f"{API}/projects/acme%2Fteam%2Fcore/packages/pypi/files/{FILE}",
        f"{API}/projects/zeta%2Fteam%2Fcore/packages/pypi/files/{FILE}",
    ),
    "API group": (f"{API}/groups/acme%2Fteam", f"{API}/groups/zeta%2Fteam"),
    "API group's index": (
        f"{API}/groups/acme/-/packages/pypi/simple/",
        f"{API}/groups/zeta/-/packages/pypi/simple/",
    ),
    "what is not there in it": ("/acme/nothing/", "/zeta/nothing/"),
}


def rename_to(world: World, path: str, name: str) -> None:
    with world.components.database.writing() as session:
        rename(session, find(session, path).id, name, FOUNDER, world.clock())


def make(world: World, visibility: str, *, anyone_can_pull: bool = False) -> None:
    """A group that was renamed, with a project in a group in it, all of that visibility."""
    world.group("acme", visibility)
    world.group("acme/team", visibility)
    world.project("acme/team/core", visibility, anyone_can_pull=anyone_can_pull)
    world.upload("acme/team/core", wheel())
    rename_to(world, "acme", "zeta")


def get(
    world: World, address: str, headers: dict[str, str] | None = None, **options: Any
) -> TestResponse:
    return world.app.get(address, headers=headers, expect_errors=True, **options)


def location(response: TestResponse) -> str:
    assert response.status_int == 301
    return str(response.headers["Location"]).removeprefix("http://localhost")


@pytest.mark.parametrize("name", OLD_AND_NEW)
def test_everything_is_read_at_the_new_address(world: World, name: str) -> None:
    make(world, "public")
    old, new = OLD_AND_NEW[name]
    response = get(world, old)
    assert location(response) == new
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert "Authorization" in response.headers["Vary"]
    assert location(world.app.head(old, expect_errors=True)) == new
    if name not in ("page", "what is not there in it") and "API" not in name:
        assert response.maybe_follow().status_int == 200


def test_the_api_leads_on_in_json(world: World) -> None:
    make(world, "public")
    response = get(world, f"{API}/projects/acme%2Fteam%2Fcore")
    assert response.status_int == 301
    assert response.json == {"message": "It has moved: the header Location says where it is now."}


@pytest.mark.parametrize("name", OLD_AND_NEW)
def test_what_is_hidden_leads_nowhere(world: World, name: str) -> None:
    make(world, "private")
    old, _ = OLD_AND_NEW[name]
    nothing = old.lower().replace("acme", "nope")
    world.group("elsewhere")
    for headers in ({}, world.as_("stranger"), basic(world.deploy_token("elsewhere"))):
        with statements(world) as costs:
            refused = get(world, old, headers)
        with statements(world) as costs_of_nothing:
            missing = get(world, nothing, headers)
        assert refused.status == missing.status
        assert refused.status_int == (404 if headers else 401)
        assert refused.body == missing.body
        assert costs == costs_of_nothing


@pytest.mark.parametrize("name", ["project", "index", "file", "API project", "API index"])
def test_members_are_led_on(world: World, name: str) -> None:
    make(world, "private")
    world.member("zeta/team/core", "rita", Role.REPORTER)
    old, new = OLD_AND_NEW[name]
    assert location(get(world, old, world.as_("rita"))) == new


@pytest.mark.parametrize("name", ["index", "page", "file", "API index", "API file"])
def test_tokens_of_the_project_are_led_on(world: World, name: str) -> None:
    make(world, "private")
    deploy = world.deploy_token("zeta/team/core", Scope.READ_PACKAGE_REGISTRY)
    old, new = OLD_AND_NEW[name]
    for headers in (basic(deploy), basic(world.job_token("zeta/team/core"))):
        assert location(get(world, old, headers)) == new


@pytest.mark.parametrize("name", ["index", "file", "API index"])
def test_who_may_pull_need_not_see_the_group(world: World, name: str) -> None:
    make(world, "private", anyone_can_pull=True)
    old, new = OLD_AND_NEW[name]
    assert location(get(world, old)) == new
    assert get(world, "/acme/").status_int == 401
    assert get(world, "/acme/team/other/-/simple/").status_int == 401


def test_a_missing_and_a_hidden_project_of_a_group_that_moved(world: World) -> None:
    world.group("acme", "public")
    world.project("acme/secret")
    rename_to(world, "acme", "zeta")
    for name in ("secret", "nothing"):
        assert location(get(world, f"/acme/{name}/")) == f"/zeta/{name}/"
        assert get(world, f"/zeta/{name}/").status_int == 401
        assert get(world, f"{API}/projects/acme%2F{name}").status_int == 401


def test_a_page_leads_to_the_sign_in_and_then_on(world: World) -> None:
    make(world, "private")
    pages = {"Accept": "text/html"}
    assert "return_to=%2Facme%2F" in get(world, "/acme/", pages).headers["Location"]
    world.user("rita", password=PASSWORD)
    world.member("zeta", "rita", Role.REPORTER)
    response = browser(world, "rita").get("/acme/", headers=pages)
    assert location(response) == "/zeta/"


def test_the_address_of_a_mount(world: World) -> None:
    make(world, "public")
    response = get(world, "/acme/", extra_environ={"SCRIPT_NAME": "/registry"})
    assert response.headers["Location"] == "http://localhost/registry/zeta/"


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/acme/team/core/-/legacy/"),
        ("POST", f"{API}/projects/acme%2Fteam%2Fcore/packages/pypi"),
        ("PUT", f"{API}/projects/acme%2Fteam%2Fcore"),
        ("DELETE", f"{API}/projects/acme%2Fteam%2Fcore"),
        ("POST", f"{API}/projects/acme%2Fteam%2Fcore/members"),
    ],
)
def test_nothing_is_changed_by_an_old_address(world: World, method: str, address: str) -> None:
    make(world, "private")
    world.member("zeta", "olga", Role.OWNER)
    response = world.app.request(
        address, method=method, headers=world.as_("olga"), expect_errors=True
    )
    assert response.status_int == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert sentence_of(response).endswith(
        "it is at zeta/team/core now." if "/api/" in address else "it is at zeta now."
    )
    assert sentence_of(response).startswith("Non GET methods are not allowed for moved projects")
    for headers, status in ((world.as_("stranger"), 404), ({}, 401)):
        refused = world.app.request(address, method=method, headers=headers, expect_errors=True)
        assert refused.status_int == status


def test_a_project_that_moved_out_of_a_hidden_group(world: World) -> None:
    world.group("hidden", "public")
    world.project("hidden/core", "public")
    world.group("zeta", "public")
    world.member("hidden", "olga", Role.OWNER)
    world.member("zeta", "olga", Role.OWNER)
    headers = world.as_("olga")
    world.app.put_json(
        f"{API}/projects/hidden%2Fcore/transfer", {"namespace": "zeta"}, headers=headers
    )
    world.app.put_json(f"{API}/groups/hidden", {"visibility": "private"}, headers=headers)
    assert location(get(world, "/hidden/core/")) == "/zeta/core/"
    assert get(world, "/hidden/other/").status_int == 401


def test_what_takes_the_path_ends_it(world: World) -> None:
    make(world, "public")
    world.group("acme", "public")
    assert get(world, "/acme/").status_int == 200
    assert get(world, "/acme/team/core/").status_int == 401


def test_what_is_deleted_leads_nowhere(world: World) -> None:
    make(world, "public")
    world.member("zeta", "olga", Role.OWNER)
    world.app.delete(f"{API}/groups/zeta", headers=world.as_("olga"))
    assert get(world, "/acme/").status_int == 401


def test_a_project_that_takes_no_part_in_the_package_registry(world: World) -> None:
    make(world, "private", anyone_can_pull=True)
    world.member("zeta", "olga", Role.OWNER)
    world.app.put_json(f"{API}/groups/zeta", {"packages_enabled": False}, headers=world.as_("olga"))
    assert get(world, "/acme/team/core/-/simple/").status_int == 401


def test_the_kind_must_be_right(world: World) -> None:
    make(world, "public")
    for address in (f"{API}/projects/acme%2Fteam", f"{API}/groups/acme%2Fteam%2Fcore"):
        assert get(world, address).status_int == 401


def test_a_refusal_costs_one_query_more_at_most(world: World) -> None:
    make(world, "public")
    for address, most in (("/nothing/at/all/", 2), ("/acme/", 2), ("/-/nothing", 0)):
        with statements(world) as executed:
            get(world, address)
        assert len(executed) <= most, executed
