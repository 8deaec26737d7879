"""Addresses that nobody means: refused like any other that names nothing, on every database."""

import pytest

from tests.factories.distributions import wheel
from tests.factories.world import World

DIGEST = "0" * 64
STRANGE = [
    "/acme%00/",
    "/acme/core/a%00/",
    "/acme/core/demo-package/1%00/",
    "/acme/core/-/simple/a%00/",
    "/acme/-/simple/a%00/",
    "/-/simple/a%00/",
    f"/acme/core/-/files/{DIGEST}/a%00",
    f"/packages/{DIGEST}/a%00",
    "/api/v4/projects/acme%2Fcore%00/packages",
    "/api/v4/projects/acme%2Fcore/packages?package_name=a%00",
    "/api/v4/projects/acme%2Fcore/packages/pypi/status/a%00",
    "/api/v4/projects/999999999999999999/packages",
    "/api/v4/projects/acme%2Fcore/packages/999999999999999999",
    "/api/v4/projects/acme%2Fcore/packages?page=99999999999999999999",
    # Digits that are none of ASCII, of two kinds.
    "/api/v4/projects/%D9%A3/packages",
    "/api/v4/projects/%C2%B2/packages",
    "/acme/core/%D9%A3/",
    "/acme/core/demo-package/%D9%A3/",
    # What must not come back in the header of a redirect.
    "/acme/core/-/simple/a%0d%0aX:b/",
    "/acme/core/-/simple/a%0d%0aX:b",
    "/acme/core/-/simple/%EF%BF%BD/",
    "/acme/core/a%0d%0aX:b",
    "/?after=%00",
    "/acme/core/?after=%00",
    "/" + "x/" * 3000,
]


def test_strange_addresses_are_refused(world: World) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", wheel())
    for credentials in ({}, world.as_("alice")):
        for accept in ("*/*", "text/html"):
            headers = {"Accept": accept, **credentials}
            answers = {
                path: world.app.get(path, headers=headers, expect_errors=True).status_int
                for path in STRANGE
            }
            broken = {path: status for path, status in answers.items() if status >= 500}
            assert broken == {}


def test_nul_is_refused_in_one_sentence(world: World) -> None:
    response = world.app.get("/acme%00/", headers={"Accept": "*/*"}, status=400)
    assert "NUL character" in response.text


def test_name_that_can_be_none_is_no_package(world: World) -> None:
    world.project("acme/core", "public")
    world.app.get("/acme/core/-/simple/a%0d%0aX:b", headers={"Accept": "*/*"}, status=404)


def test_an_address_of_the_api_that_is_not_utf_8_is_refused_as_the_api_does(world: World) -> None:
    response = world.app.get("/api/v4/projects/%FF", status=400)
    assert response.json == {"message": "The address is not valid UTF-8."}


@pytest.mark.parametrize("path", ["/%FF", "/%ed%b3%bf", "/acme/%FF/"])
def test_an_address_that_is_not_utf_8_is_refused_to_a_browser_too(world: World, path: str) -> None:
    response = world.app.get(path, headers={"Accept": "text/html"}, expect_errors=True)
    assert response.status_int == 400
    assert "not valid UTF-8" in response.text
