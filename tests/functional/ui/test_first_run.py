"""A registry that was just set up says how to begin."""

import pytest

from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import main_text, sign_in, visit

COMMAND = "pyregistry --config production.ini setup"


@pytest.mark.parametrize("address", ["/", "/-/login"])
def test_without_an_administrator_it_says_how_to_create_one(world: World, address: str) -> None:
    page = visit(world, address)
    assert COMMAND in main_text(page)
    assert page.html.find(id="first-run")
    world.user("root", is_admin=True, password=PASSWORD)
    assert COMMAND not in visit(world, address).text


def test_where_something_is_public_the_first_page_shows_that(world: World) -> None:
    world.project("acme/core", "public")
    assert COMMAND not in visit(world, "/").text


def test_one_query_asks_for_it(world: World) -> None:
    with statements(world) as executed:
        visit(world, "/-/login")
    assert len(executed) == 1


def test_the_first_administrator_signs_in(world: World) -> None:
    world.user("admin", is_admin=True, password=PASSWORD)
    assert sign_in(world, "admin").status_int == 303
    assert "Administration" in visit(world, "/").html.header.get_text()
