"""What crawlers and browsers look for at the top."""

from urllib.parse import urlsplit

import pytest

from tests.factories.world import World
from tests.functional.support import statements
from tests.functional.ui.browsing import BROWSER


def test_crawlers_are_asked_to_stay_away(world: World) -> None:
    with statements(world) as executed:
        answer = world.app.get("/robots.txt")
    assert answer.text == "User-agent: *\nDisallow: /\n"
    assert answer.content_type == "text/plain"
    assert executed == []


def test_browsers_find_the_picture(world: World) -> None:
    answer = world.app.get("/favicon.ico", status=302)
    picture = world.app.get(urlsplit(answer.location).path)
    assert picture.content_type == "image/svg+xml"


def test_behind_a_prefix_it_is_there_as_well(world: World) -> None:
    world.app.extra_environ["SCRIPT_NAME"] = "/registry"
    location = world.app.get("/favicon.ico", status=302).location
    assert location.startswith("http://localhost/registry/static/favicon.svg?")


@pytest.mark.parametrize("address", ["/robots.txt/x", "/favicon.ico/core/", "/robots.txt/-/"])
def test_nothing_is_below_them(world: World, address: str) -> None:
    world.app.get(address, status=401)
    world.app.get(address, headers=BROWSER, status=303)
