"""The headers of a 304 replace those that a client has stored with the body."""

import pytest

from tests.factories.distributions import wheel
from tests.factories.world import World
from tests.functional.support import lasting_headers

JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = wheel("demo", "1.0")
FILE = f"/acme/core/-/files/{WHEEL.sha256}/{WHEEL.filename}"


@pytest.fixture
def published(world: World) -> World:
    world.project("acme/core", "public")
    world.upload("acme/core", WHEEL)
    return world


@pytest.mark.parametrize(
    "address", ["/acme/core/-/simple/", "/acme/core/-/simple/demo/", FILE, f"{FILE}.metadata"]
)
def test_stored_headers_stay_true(published: World, address: str) -> None:
    first = published.app.get(address, headers={"Accept": JSON})
    again = published.app.get(
        address, headers={"Accept": JSON, "If-None-Match": first.headers["ETag"]}, status=304
    )
    for name, value in lasting_headers(again).items():
        assert first.headers[name] == value
