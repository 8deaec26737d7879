"""Pages of what is turned off: those who may turn it on are told, to others nothing is there."""

import pytest
from webtest import TestResponse

from pyregistry.authnz.roles import Role
from tests.factories.distributions import wheel
from tests.factories.switches import INSTANCE, turn
from tests.factories.world import PASSWORD, World
from tests.functional.support import PROJECT
from tests.functional.ui.browsing import main_text, signed_in, visit
from tests.functional.ui.sending import sent

OFF = "is turned off"
NONE = "No package registry There are no packages here to see, pull or publish."
OF_PROJECT = "The package registry of this project is turned off."
OF_GROUP = "The package registry of the group acme is turned off, and with it that of everything"
OF_INSTANCE = "The package registry of the whole instance is turned off."
WHERE = pytest.mark.parametrize("where", [PROJECT, "acme", INSTANCE])

# Who is told what on the page of the project.
TOLD = {
    PROJECT: {"project owner": OF_PROJECT, "group owner": OF_PROJECT, "root": OF_PROJECT},
    "acme": {"group owner": OF_GROUP, "root": OF_GROUP},
    INSTANCE: {"root": OF_INSTANCE},
}
CALLERS = ("nobody", "stranger", "guest", "maintainer", "project owner", "group owner", "root")


@pytest.fixture
def registry(world: World) -> World:
    """A public group, and a public project in it that has a package."""
    world.project(PROJECT, "public")
    world.upload(PROJECT, wheel())
    return world


def become(world: World, caller: str) -> None:
    """Sign in as somebody."""
    if caller == "nobody":
        return
    username = caller.replace(" ", "-")
    world.user(username, password=PASSWORD, is_admin=caller == "root")
    places = {
        "guest": (PROJECT, Role.GUEST),
        "maintainer": ("acme", Role.MAINTAINER),
        "project owner": (PROJECT, Role.OWNER),
        "group owner": ("acme", Role.OWNER),
    }
    if caller in places:
        path, role = places[caller]
        world.member(path, username, role)
    signed_in(world, username)


def leads_to(page: TestResponse) -> list[str]:
    """Where the notices lead."""
    return [link["href"] for link in page.html.select(".notice.off a")]


@WHERE
@pytest.mark.parametrize("caller", CALLERS)
def test_the_page_of_a_project(registry: World, where: str, caller: str) -> None:
    become(registry, caller)
    turn(registry, where, on=False)
    page = visit(registry, f"/{PROJECT}/")
    text = main_text(page)
    told = TOLD[where].get(caller)
    if told is None:
        assert text.startswith(f"Project core Public {NONE}")
        assert leads_to(page) == []
        return
    assert told in text
    assert NONE not in text
    assert text.count(OFF) == 1
    address = {
        PROJECT: f"/{PROJECT}/-/settings",
        "acme": "/acme/-/settings",
        INSTANCE: "/-/admin/settings",
    }[where]
    assert leads_to(page) == [address]


@pytest.mark.parametrize("where", ["acme", INSTANCE])
@pytest.mark.parametrize("caller", CALLERS)
def test_the_page_of_a_group(registry: World, where: str, caller: str) -> None:
    become(registry, caller)
    turn(registry, where, on=False)
    page = visit(registry, "/acme/")
    told = TOLD[where].get(caller)
    text = main_text(page)
    assert (OFF in text) is (told is not None)
    assert told is None or told in text
    assert "core" in text
    assert "Index" not in text
    assert "1 package" not in text
    assert told is not None or "package" not in text


@pytest.mark.parametrize("caller", CALLERS)
def test_the_first_page(registry: World, caller: str) -> None:
    become(registry, caller)
    assert "1 package" in main_text(visit(registry, "/"))
    turn(registry, INSTANCE, on=False)
    text = main_text(visit(registry, "/"))
    assert (OF_INSTANCE in text) is (caller == "root")
    assert "acme/ core" in text
    assert "1 package" not in text


@WHERE
def test_counts_are_gone_from_lists(registry: World, where: str) -> None:
    become(registry, "root")
    for address in ("/", "/acme/"):
        assert "1 package" in main_text(visit(registry, address))
    turn(registry, where, on=False)
    for address in ("/", "/acme/"):
        assert "1 package" not in main_text(visit(registry, address))
    turn(registry, where, on=True)
    assert "1 package" in main_text(visit(registry, "/acme/"))


def test_a_group_says_nothing_of_a_project_in_it(registry: World) -> None:
    become(registry, "root")
    turn(registry, PROJECT, on=False)
    for address in ("/", "/acme/"):
        assert OFF not in main_text(visit(registry, address))


def test_several_places(registry: World) -> None:
    become(registry, "root")
    for path in (PROJECT, "acme", INSTANCE):
        turn(registry, path, on=False)
    text = main_text(visit(registry, f"/{PROJECT}/"))
    assert text.index(OF_PROJECT) < text.index(OF_GROUP) < text.index(OF_INSTANCE)
    assert len(set(leads_to(visit(registry, f"/{PROJECT}/")))) == 3


def test_anyone_can_pull_is_not_shown(world: World) -> None:
    world.project(PROJECT, anyone_can_pull=True)
    become(world, "project owner")
    assert "Anyone can pull" in main_text(visit(world, f"/{PROJECT}/"))
    turn(world, PROJECT, on=False)
    assert "Anyone can pull" not in main_text(visit(world, f"/{PROJECT}/"))


def test_a_guest_of_a_private_project(world: World) -> None:
    world.project(PROJECT)
    become(world, "guest")
    assert "not shown to you" in main_text(visit(world, f"/{PROJECT}/"))
    turn(world, PROJECT, on=False)
    assert main_text(visit(world, f"/{PROJECT}/")).startswith(f"Project core Private {NONE}")


def test_its_settings_turn_it_on(registry: World) -> None:
    become(registry, "group owner")
    turn(registry, "acme", on=False)
    (address,) = leads_to(visit(registry, "/acme/"))
    sent(registry, address, "registry", 303, pulls="readers")
    assert "1 package" in main_text(visit(registry, "/acme/"))
