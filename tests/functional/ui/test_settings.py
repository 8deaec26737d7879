"""The pages of the settings of groups and projects."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from tests.factories.switches import INSTANCE, allow_anyone_to_pull, let_anyone_pull, turn
from tests.factories.world import PASSWORD, World
from tests.functional.support import project_row
from tests.functional.ui.browsing import main_text, signed_in, visit
from tests.functional.ui.sending import changed, instead, posted, sent

PROJECT, GROUP = "/acme/core/-/settings", "/acme/-/settings"


@pytest.fixture
def acme(world: World) -> World:
    """An internal group with a private project; the Owner of both is signed in."""
    world.group("acme", "internal")
    world.project("acme/core")
    signed_in(world, "olga")
    world.member("acme", "olga", Role.OWNER)
    return world


def disabled(world: World, address: str) -> list[str]:
    """What a page offers and does not let one choose."""
    boxes = visit(world, address).html.find_all("input", type="radio")
    return [box["value"] for box in boxes if box.has_attr("disabled")]


def test_what_is_set_is_shown(acme: World) -> None:
    page = visit(acme, PROJECT)
    assert page.html.title.get_text() == "Settings of acme/core · pyregistry"
    assert [h1.get_text() for h1 in page.html.find_all("h1")] == ["Settings"]
    assert page.forms["naming"]["name"].value == "core"
    assert page.forms["path"]["path"].value == "core"
    assert page.forms["visibility"]["visibility"].value == "private"
    assert page.forms["registry"]["pulls"].value == "readers"
    group = visit(acme, GROUP)
    assert group.forms["visibility"]["visibility"].value == "internal"
    assert [choice for choice, *_ in group.forms["registry"]["pulls"].options] == ["readers", "off"]


def test_each_setting_has_an_address_that_only_takes_forms(acme: World) -> None:
    for card in ("naming", "path", "visibility", "registry"):
        visit(acme, f"{PROJECT}/{card}", status=405)
    visit(acme, f"{PROJECT}/other", status=404)


# Name and description


def test_name_and_description(acme: World) -> None:
    answer = sent(
        acme, PROJECT, "naming", 303, name="The Core", description="What all use.\r\nReally."
    )
    assert answer.location == f"http://localhost{PROJECT}"
    assert "The name and the description are saved." in main_text(visit(acme, PROJECT))
    row = project_row(acme, "acme/core")
    assert (row.name, row.description) == ("The Core", "What all use.\nReally.")
    [(action, who, path, _)] = changed(acme)
    assert (action, who, path) == (Action.SETTINGS_CHANGED, "olga", "acme/core")


def test_a_wrong_name_is_shown_again(acme: World) -> None:
    page = sent(acme, PROJECT, "naming", 400, name="  ", description="kept")
    assert "is not a valid name" in page.html.find(role="alert").get_text()
    assert page.forms["naming"]["description"].value == "kept"
    page = sent(acme, PROJECT, "naming", 400, name="x", description="x" * 2001)
    assert "The description has 2001 characters" in page.html.find(role="alert").get_text()
    assert project_row(acme, "acme/core").name == "core"
    assert changed(acme) == []


# Path


def test_a_new_path(acme: World) -> None:
    answer = sent(acme, GROUP, "path", 303, path="apex")
    assert answer.location == "http://localhost/apex/-/settings"
    assert visit(acme, "/acme/core/", status=301).location == "http://localhost/apex/core/"
    assert changed(acme)[0][0] == Action.GROUP_RENAMED


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [("", 400, "is not a valid path"), ("members", 400, "is a reserved word"), ("b", 409, "taken")],
)
def test_a_path_that_cannot_be(acme: World, path: str, status: int, sentence: str) -> None:
    acme.project("acme/b")
    page = sent(acme, PROJECT, "path", status, path=path)
    [alert] = page.html.find_all(role="alert")
    assert sentence in alert.get_text()
    assert alert.find_parent("form")["id"] == "path"
    assert alert.parent.input.has_attr("autofocus"), "the browser goes to where it went wrong"
    assert page.forms["path"]["path"].value == path
    # The card that was sent says what was typed, the others what is.
    assert page.forms["naming"]["name"].value == "core"
    assert project_row(acme, "acme/core").path == "core"


# Visibility


def test_visibility(acme: World) -> None:
    assert disabled(acme, PROJECT) == ["public"]
    assert disabled(acme, GROUP) == []
    sent(acme, PROJECT, "visibility", 303, visibility="internal")
    assert "It is internal now." in main_text(visit(acme, PROJECT))
    assert project_row(acme, "acme/core").visibility.value == "internal"


def test_a_group_goes_below_nothing_that_it_holds(acme: World) -> None:
    sent(acme, PROJECT, "visibility", 303, visibility="internal")
    page = sent(acme, GROUP, "visibility", 400, visibility="private")
    alert = page.html.find(role="alert").get_text()
    assert "change first what is more visible in it, acme/core." in alert
    assert project_row(acme, "acme").visibility.value == "internal"


def test_a_visibility_that_cannot_be(acme: World) -> None:
    for fields in ({"visibility": "public"}, {"visibility": "secret"}, {}):
        posted(acme, f"{PROJECT}/visibility", fields, 400)
    assert project_row(acme, "acme/core").visibility.value == "private"


# Package registry


def test_the_package_registry_is_turned_off_and_on(acme: World) -> None:
    sent(acme, GROUP, "registry", 303, pulls="off")
    assert "The package registry is turned off." in main_text(visit(acme, GROUP))
    assert not project_row(acme, "acme/core").packages_available
    assert "turned off in a group above" in main_text(visit(acme, PROJECT))
    assert "turned off in a group above" not in main_text(visit(acme, GROUP))
    sent(acme, GROUP, "registry", 303, pulls="readers")
    assert project_row(acme, "acme/core").packages_available


def test_it_is_said_where_the_instance_is_turned_off(acme: World) -> None:
    turn(acme, INSTANCE, on=False)
    assert "or for the whole registry" in main_text(visit(acme, PROJECT))


def test_anyone_can_pull(acme: World) -> None:
    sent(acme, PROJECT, "registry", 303, pulls="anyone")
    assert "Anyone can pull now." in main_text(visit(acme, PROJECT))
    assert project_row(acme, "acme/core").pulls_open
    # It is not forgotten while the package registry is turned off.
    sent(acme, PROJECT, "registry", 303, pulls="off")
    assert project_row(acme, "acme/core").anyone_can_pull
    sent(acme, PROJECT, "registry", 303, pulls="readers")
    assert "for those who may see the packages" in main_text(visit(acme, PROJECT))
    assert not project_row(acme, "acme/core").anyone_can_pull


def test_anyone_can_pull_only_where_an_administrator_permits_it(acme: World) -> None:
    allow_anyone_to_pull(acme, allowed=False)
    assert "anyone" in disabled(acme, PROJECT)
    page = posted(acme, f"{PROJECT}/registry", {"pulls": "anyone"}, 403)
    assert "ask an administrator to permit it" in page.html.find(role="alert").get_text()
    assert not project_row(acme, "acme/core").anyone_can_pull


def test_what_was_chosen_before_it_was_forbidden_is_told(acme: World) -> None:
    let_anyone_pull(acme, "acme/core")
    allow_anyone_to_pull(acme, allowed=False)
    page = visit(acme, PROJECT)
    assert "once let anyone pull" in main_text(page)
    assert page.forms["registry"]["pulls"].value == "readers"
    sent(acme, PROJECT, "registry", 303, pulls="readers")
    assert not project_row(acme, "acme/core").anyone_can_pull


@pytest.mark.parametrize(
    ("address", "pulls"), [(GROUP, "anyone"), (GROUP, ""), (PROJECT, "on"), (PROJECT, "")]
)
def test_what_is_no_choice(acme: World, address: str, pulls: str) -> None:
    page = posted(acme, f"{address}/registry", {"pulls": pulls}, 400)
    assert "Choose whether it has a package registry." in main_text(page)
    assert changed(acme) == []


# Who


def test_only_owners_see_and_change_settings(acme: World) -> None:
    instead(acme, "mia")
    acme.member("acme", "mia", Role.MAINTAINER)
    visit(acme, PROJECT, status=403)
    posted(acme, f"{PROJECT}/naming", {"name": "x", "description": ""}, 403)
    acme.user("eve", password=PASSWORD, is_external=True)
    instead(acme, "eve")
    hidden = visit(acme, PROJECT, status=404)
    assert main_text(hidden) == main_text(visit(acme, "/acme/nothing/-/settings", status=404))
    acme.app.reset()
    visit(acme, PROJECT, status=303)
    assert changed(acme) == []


def test_a_form_without_its_proof_changes_nothing(acme: World) -> None:
    acme.app.post(f"{PROJECT}/naming", {"name": "x", "description": ""}, status=400)
    assert changed(acme) == []


def test_an_owner_who_was_one_when_the_page_was_opened(acme: World) -> None:
    form = visit(acme, PROJECT).forms["naming"]
    acme.member("acme", "olga", Role.MAINTAINER)
    form["name"] = "x"
    form.submit(headers={"Accept": "text/html"}, status=403)
    assert changed(acme) == []


def test_texts_are_shown_harmlessly(acme: World) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    sent(acme, PROJECT, "naming", 303, name=hostile, description=hostile)
    page = visit(acme, PROJECT)
    assert page.forms["naming"]["description"].value == hostile
    assert "<script>alert" not in page.text
