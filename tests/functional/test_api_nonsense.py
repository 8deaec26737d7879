"""The JSON API and requests that make no sense: a sentence, no change, no mistake of ours."""

import json

import pytest
from sqlalchemy import select

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Release
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import PROJECT, contents

API = "/api/v4/projects/acme%2Fcore/packages"
STATUS = f"{API}/pypi/status/demo-package"


@pytest.fixture
def maintainer(world: World) -> dict[str, str]:
    """Headers of a maintainer of a private project with one release."""
    world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    headers = world.as_("mia")
    world.upload(PROJECT, sdist(), headers)
    return headers


def release_address(world: World) -> str:
    """The address of the first release."""
    with world.components.database.reading() as session:
        return f"{API}/{session.scalars(select(Release.id).order_by(Release.id)).first()}"


JSON_TYPE = "application/json"
FORM = "application/x-www-form-urlencoded"
NONSENSE: dict[str, tuple[str, bytes, int]] = {
    "no JSON": (JSON_TYPE, b"{", 400),
    "empty JSON": (JSON_TYPE, b"", 400),
    "no UTF-8": (JSON_TYPE, b'{"yanked": "\xff"}', 400),
    "a list": (JSON_TYPE, b"[]", 400),
    "a number": (JSON_TYPE, b"1", 400),
    "null": (JSON_TYPE, b"null", 400),
    "a long number": (JSON_TYPE, b'{"yanked": ' + b"1" * 9999 + b"}", 400),
    "deep": (JSON_TYPE, b"[" * 60_000, 400),
    "nothing": (JSON_TYPE, b"{}", 400),
    "yanked is text": (JSON_TYPE, b'{"yanked": "perhaps", "status": 1}', 400),
    "yanked is a list": (JSON_TYPE, b'{"yanked": [true], "status": ["archived"]}', 400),
    "yanked is null": (JSON_TYPE, b'{"yanked": null, "status": null}', 400),
    "reason is a number": (
        JSON_TYPE,
        b'{"yanked": true, "yanked_reason": 1, "status": "archived", "reason": 1}',
        400,
    ),
    "reason is an object": (
        JSON_TYPE,
        b'{"yanked": true, "yanked_reason": {}, "status": "archived", "reason": {}}',
        400,
    ),
    "NUL": (
        JSON_TYPE,
        rb'{"yanked": true, "yanked_reason": "a\u0000", "status": "archived", "reason": "\u0000"}',
        400,
    ),
    "half a surrogate": (
        JSON_TYPE,
        rb'{"yanked": true, "yanked_reason": "\ud800", "status": "archived", "reason": "\ud800"}',
        400,
    ),
    "half a surrogate as a name": (JSON_TYPE, rb'{"\ud800": "a\u0000"}', 400),
    "long reason": (
        JSON_TYPE,
        json.dumps(
            {
                "yanked": True,
                "yanked_reason": "x" * 1001,
                "status": "archived",
                "reason": "x" * 1001,
            }
        ).encode(),
        400,
    ),
    "reason without a yank": (
        JSON_TYPE,
        b'{"yanked": false, "yanked_reason": "x", "status": "active", "reason": "x"}',
        400,
    ),
    "another type": ("text/plain", b"yanked=true&status=archived", 400),
    "JSON that is called a form": (FORM, b' {"yanked": true, "status": "archived"}', 400),
    "NUL in a form": (FORM, b"yanked=true&yanked_reason=%00&status=archived&reason=%00", 400),
    "broken multipart": ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 400),
    "multipart without a boundary": ("multipart/form-data", b"nonsense", 400),
    "huge": (JSON_TYPE, b" " * 70_000 + b'{"yanked": true, "status": "archived"}', 413),
    "huge form": (FORM, b"yanked=true&status=archived&a=" + b"x" * 70_000, 413),
}


@pytest.mark.parametrize("case", NONSENSE)
@pytest.mark.parametrize("target", ["release", "status"])
def test_nonsense(world: World, maintainer: dict[str, str], case: str, target: str) -> None:
    content_type, body, status = NONSENSE[case]
    address = release_address(world) if target == "release" else STATUS
    before = contents(world)
    response = world.app.put(
        address, body, headers={**maintainer, "Content-Type": content_type}, status=status
    )
    assert response.content_type == "application/json"
    assert response.json["message"]
    assert contents(world) == before


def test_json_that_curl_calls_a_form_is_told_so(world: World, maintainer: dict[str, str]) -> None:
    headers = {**maintainer, "Content-Type": FORM}
    response = world.app.put(STATUS, b'{"status": "archived"}', headers=headers, status=400)
    assert "Content-Type: application/json" in response.json["message"]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=-1",
        "per_page=0",
        "page=%00",
        "page=%FF",
        "page=9" + "9" * 99,
        "package_name=%00",
        "package_name=%FF",
        "page=%D9%A1",
    ],
)
def test_a_query_of_nonsense(world: World, maintainer: dict[str, str], query: str) -> None:
    world.app.get(f"{API}?{query}", headers=maintainer, status=400)


@pytest.mark.parametrize(
    ("name", "bounds"), [("per_page", "from 1 on"), ("page", "from 1 to 100000")]
)
def test_a_number_out_of_bounds_is_told_them(
    world: World, maintainer: dict[str, str], name: str, bounds: str
) -> None:
    response = world.app.get(f"{API}?{name}=0", headers=maintainer, status=400)
    assert response.json["message"] == f"The parameter {name} must be a whole number {bounds}."


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v4/groups", "search"),
        ("/api/v4/users", "search"),
        ("/api/v4/personal_access_tokens", "search"),
        ("/api/v4/projects/acme%2Fcore/members", "query"),
        ("/api/v4/projects/acme%2Fcore/members/all", "query"),
        ("/api/v4/projects/acme%2Fcore/access_tokens", "search"),
        ("/api/v4/projects/acme%2Fcore/deploy_tokens", "search"),
        (API, "package_name"),
        ("/api/v4/groups/acme/packages", "package_name"),
    ],
)
def test_searching_for_what_is_too_long(
    world: World, maintainer: dict[str, str], address: str, name: str
) -> None:
    """SQLite refuses to look for texts of more than 50,000 bytes."""
    world.app.get(f"{address}?{name}={'x' * 255}", headers=maintainer)
    for wrong in ("x" * 256, "x" * 60_000):
        refusal = world.app.get(f"{address}?{name}={wrong}", headers=maintainer, status=400)
        assert name in refusal.json["message"]
