"""Methods, Accept headers and slashes of the JSON API that nobody means, or few."""

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import PROJECT, lasting_headers, sentence_of

pytestmark = pytest.mark.thorough

BY_PATH = PROJECT.replace("/", "%2F")
PROJECT_API = f"/api/v4/projects/{BY_PATH}"
PACKAGES = f"{PROJECT_API}/packages"
READ = [
    "/api/v4/user",
    "/api/v4/version",
    PROJECT_API,
    PACKAGES,
    f"{PROJECT_API}/members",
    f"{PROJECT_API}/access_tokens",
    f"{PROJECT_API}/audit_events",
    "/api/v4/personal_access_tokens",
]


@pytest.fixture
def owner(world: World) -> dict[str, str]:
    """Headers of the owner of a private project with a release."""
    world.project(PROJECT)
    world.member(PROJECT, "ola", Role.OWNER)
    headers = world.as_("ola")
    world.upload(PROJECT, sdist(), headers)
    return headers


@pytest.mark.parametrize("address", READ)
def test_head_is_get_without_a_body(world: World, owner: dict[str, str], address: str) -> None:
    got = world.app.get(address, headers=owner, status=200)
    head = world.app.head(address, headers=owner, status=200)
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(got.body))
    assert lasting_headers(head) == lasting_headers(got)


def test_head_of_what_is_hidden(world: World, owner: dict[str, str]) -> None:
    assert world.app.head(PROJECT_API, status=401).body == b""
    assert world.app.head(PROJECT_API, headers=world.as_("eve"), status=404).body == b""


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("/api/v4/user", {"GET"}),
        (PACKAGES, {"GET"}),
        (f"{PROJECT_API}/members", {"GET", "POST"}),
        (f"{PROJECT_API}/members/1", {"GET", "PUT", "DELETE"}),
        (f"{PROJECT_API}/job_tokens", {"POST"}),
    ],
)
def test_options_tells_the_methods(
    world: World, owner: dict[str, str], address: str, methods: set[str]
) -> None:
    response = world.app.options(address, headers=owner, status=204)
    assert response.body == b""
    told = set(response.headers["Allow"].split(", "))
    assert told == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def test_options_tells_nobody_what_is_hidden(world: World, owner: dict[str, str]) -> None:
    stranger = world.as_("eve")
    for headers, status in (({}, 401), (stranger, 404)):
        hidden = world.app.options(PACKAGES, headers=headers, status=status)
        missing = world.app.options("/api/v4/projects/77", headers=headers, status=status)
        assert hidden.body == missing.body
        assert "Allow" not in hidden.headers


def test_options_of_nothing(world: World, owner: dict[str, str]) -> None:
    world.app.options("/api/v4/nothing", headers=owner, status=404)


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "X", "A" * 99])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_another_method_is_told_which_there_are(
    world: World, owner: dict[str, str], method: str, accept: str
) -> None:
    headers = {**owner, "Accept": accept}
    response = world.app.request(PACKAGES, method=method, headers=headers, status=405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert sentence_of(response) == f"{method} is not possible here."


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/xml",
        "application/json;q=0",
        "*/*;q=0",
        "",
        "nonsense",
        "text/html, application/xhtml+xml, */*;q=0.1",
    ],
)
@pytest.mark.parametrize(("address", "status"), [(PACKAGES, 200), ("/api/v4/projects/77", 404)])
def test_the_api_answers_in_json_whatever_is_accepted(
    world: World, owner: dict[str, str], accept: str, address: str, status: int
) -> None:
    response = world.app.get(address, headers={**owner, "Accept": accept}, status=status)
    assert response.content_type == "application/json"


@pytest.mark.parametrize("address", READ)
def test_a_last_slash_makes_no_difference(
    world: World, owner: dict[str, str], address: str
) -> None:
    plain = world.app.get(address, headers=owner, status=200)
    assert world.app.get(f"{address}/", headers=owner, status=200).json == plain.json


def test_a_last_slash_makes_no_difference_to_changes(world: World, owner: dict[str, str]) -> None:
    world.user("newcomer")
    member = {"username": "newcomer", "access_level": 30}
    made = world.app.post_json(f"{PROJECT_API}/members/", member, headers=owner, status=201)
    address = f"{PROJECT_API}/members/{made.json['id']}/"
    world.app.put_json(address, {"access_level": 20}, headers=owner, status=200)
    world.app.delete(address, headers=owner, status=204)


@pytest.mark.parametrize(
    "address",
    ["//api/v4/user", "///api/v4/user/", "/api/v4//user", f"/api/v4///projects/{BY_PATH}/packages"],
)
def test_slashes_of_joined_addresses_do_no_harm(
    world: World, owner: dict[str, str], address: str
) -> None:
    assert world.app.get(address, headers=owner).status_int == 200


@pytest.mark.parametrize(
    "address",
    [
        "/api/v4/projects//packages",
        "/api/v4/projects/acme//core/packages",
        "/api/v4/projects/acme%2F%2Fcore/packages",
        f"{PROJECT_API}//packages",
        f"{PROJECT_API}//",
        f"{PACKAGES}//",
        f"{PACKAGES}//package_files",
        f"{PROJECT_API}/members//",
        f"{PROJECT_API}/access_tokens//rotate",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_empty_segment_names_nothing(
    world: World, owner: dict[str, str], address: str, method: str
) -> None:
    response = world.app.request(address, method=method, headers=owner, status=(404, 405))
    assert "message" in response.json


@pytest.mark.parametrize(
    "address",
    [
        f"{PACKAGES}//pypi",
        f"{PACKAGES}/pypi///",
        f"/{PROJECT}/-//legacy/",
        f"/{PROJECT}//-/legacy",
        f"//{PROJECT}/-/legacy//",
    ],
)
def test_an_upload_with_slashes_is_an_upload(
    world: World, owner: dict[str, str], address: str
) -> None:
    world.upload(PROJECT, sdist(version="2.0"), owner, address=address)
    world.app.get(f"{PACKAGES}?package_version=2.0", headers=owner, status=200)
