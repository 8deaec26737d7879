"""The pages that move groups and projects elsewhere, and delete them."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Namespace
from tests.factories.distributions import wheel
from tests.factories.world import PASSWORD, World
from tests.functional.support import database_dump, followed, project_row, statements
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit
from tests.functional.ui.sending import changed, instead, posted, sent
from tests.functional.ui.test_creating import let_people_create_groups, paths

MOVE, DELETE = "/acme/core/-/settings/move", "/acme/core/-/settings/delete"
GROUP_MOVE, GROUP_DELETE = "/acme/team/-/settings/move", "/acme/team/-/settings/delete"


@pytest.fixture
def acme(world: World) -> World:
    """A private group with a group and projects; its Owner is signed in."""
    world.group("acme")
    world.group("acme/team")
    world.project("acme/core")
    world.project("acme/team/tool")
    signed_in(world, "olga")
    world.member("acme", "olga", Role.OWNER)
    return world


def places(world: World, address: str) -> list[str]:
    """Where a page offers to move something."""
    labels = visit(world, address).html.select("#move .box label")
    return [label.get_text() for label in labels]


def test_the_settings_lead_there(acme: World) -> None:
    assert {MOVE, DELETE} <= hrefs(visit(acme, "/acme/core/-/settings"))


# Moving


def test_moving_a_project(acme: World) -> None:
    acme.group("other")
    acme.member("other", "olga", Role.MAINTAINER)
    assert places(acme, MOVE) == ["acme/team", "other"]
    # Said before, for it cannot be seen afterwards: docs/moving.md.
    lost = main_text(visit(acme, MOVE))
    assert "Prefixes that the groups above have reserved for it do not come along" in lost
    assert "Jobs that access tokens of those groups have let in end" in lost
    team = project_row(acme, "acme/team").id
    answer = sent(acme, MOVE, "move", 303, group=str(team))
    assert answer.location == "http://localhost/acme/team/core/"
    text = main_text(visit(acme, "/acme/team/core/"))
    assert "The project is at acme/team/core now." in text
    assert changed(acme)[0][0] == "project.transferred"
    visit(acme, "/acme/core/", status=301)


def test_moving_a_group_to_the_top(acme: World) -> None:
    acme.group("other")
    acme.member("other", "olga", Role.MAINTAINER)
    assert places(acme, GROUP_MOVE) == ["other"]
    assert "cannot have groups at the top" in main_text(
        posted(acme, GROUP_MOVE, {"group": "/"}, 403)
    )
    let_people_create_groups(acme)
    acme.member("acme/team", "olga", Role.OWNER)
    assert places(acme, GROUP_MOVE) == ["The top, in no group", "other"]
    assert sent(acme, GROUP_MOVE, "move", 303, group="/").location == "http://localhost/team/"
    assert "team/tool" in paths(acme)
    assert places(acme, "/team/-/settings/move") == ["acme", "other"], "it is at the top already"


def test_a_project_is_never_at_the_top(acme: World) -> None:
    let_people_create_groups(acme)
    assert places(acme, MOVE) == ["acme/team"]
    page = posted(acme, MOVE, {"group": "/"}, 400)
    assert "A project lives in a group" in page.html.find(role="alert").get_text()


def test_nowhere_to_go(acme: World) -> None:
    assert "There is no place for it" in main_text(visit(acme, GROUP_MOVE))


def test_places_are_found_by_a_part_of_their_path(acme: World) -> None:
    for number in range(51):
        acme.group(f"acme/group-{number:02}")
    page = visit(acme, MOVE)
    assert "There are more groups" in main_text(page)
    assert "acme/group-50" not in [label.get_text() for label in page.html.select(".box label")]
    form = page.forms["find-place"]
    form["q"] = "UP-50"
    found = form.submit(headers=BROWSER)
    assert [label.get_text() for label in found.html.select(".box label")] == ["acme/group-50"]
    form["q"] = "no such"
    assert "no group with “ no such ”" in main_text(form.submit(headers=BROWSER))
    visit(acme, f"{MOVE}?q={'x' * 256}", status=400)


def test_the_list_of_places_costs_the_same(acme: World) -> None:
    with statements(acme) as few:
        visit(acme, MOVE)
    for number in range(51):
        acme.group(f"acme/group-{number:02}")
    with statements(acme) as many:
        visit(acme, MOVE)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("group", "status", "sentence"),
    [
        ("", 400, "Choose where it goes."),
        ("999999999", 404, "or you may not see it"),
        ("other", 404, "or you may not see it"),
        ("x y", 404, "or you may not see it"),
        ("acme", 400, "is there already"),
        ("open", 403, "Only a Maintainer or an Owner manages the group open."),
    ],
)
def test_places_where_it_cannot_go(acme: World, group: str, status: int, sentence: str) -> None:
    acme.group("other")
    acme.group("open", "public")
    before = database_dump(acme)
    page = posted(acme, MOVE, {"group": group}, status)
    assert sentence in page.html.find(role="alert").get_text()
    assert database_dump(acme) == before


def test_the_hidden_path_of_a_group_is_not_told(acme: World) -> None:
    other = acme.group("other")
    page = posted(acme, MOVE, {"group": str(other)}, 404)
    assert "group other" not in main_text(page)


# Deleting


def test_what_goes_with_a_group(acme: World) -> None:
    acme.upload("acme/team/tool", wheel("alpha", "1.0"))
    acme.upload("acme/team/tool", wheel("beta", "1.0"))
    text = main_text(visit(acme, GROUP_DELETE))
    assert "0 subgroups and 1 project 2 packages with 2 files" in text
    assert "pulled" not in text
    assert "0 packages with 0 files, 0 bytes" in main_text(visit(acme, DELETE))
    assert "subgroup" not in main_text(visit(acme, DELETE))


def test_how_often_it_was_pulled_lately(acme: World) -> None:
    acme.upload("acme/team/tool", wheel("alpha", "1.0"))
    reader = acme.publisher("acme/team/tool")
    page = acme.app.get("/acme/team/tool/-/simple/alpha/", headers=reader)
    link = followed(page, page.html.find("a")["href"])
    for _ in range(2):
        acme.app.get(link, headers=reader)
    acme.components.recorder.flush()
    for address in (GROUP_DELETE, "/acme/team/tool/-/settings/delete"):
        assert "pulled 2 times in the last 30 days" in main_text(visit(acme, address))
    acme.clock.advance(days=31)
    signed_in(acme, "olga")
    assert "pulled" not in main_text(visit(acme, GROUP_DELETE))


def test_deleting_a_project(acme: World) -> None:
    answer = sent(acme, DELETE, "delete", 303, confirm=" acme/core ")
    assert answer.location == "http://localhost/acme/"
    assert "The project acme/core was deleted." in main_text(visit(acme, "/acme/"))
    assert paths(acme) == {"acme", "acme/team", "acme/team/tool"}
    assert changed(acme)[0][:3] == ("project.deleted", "olga", "acme/core")


def test_deleting_a_group_with_everything_in_it(acme: World) -> None:
    acme.upload("acme/team/tool", wheel())
    answer = sent(acme, "/acme/-/settings/delete", "delete", 303, confirm="acme")
    assert answer.location == "http://localhost/"
    assert "The group acme was deleted." in main_text(visit(acme, "/"))
    assert acme.count(Namespace) == 0


def test_who_sees_nothing_of_the_group_any_more_goes_home(acme: World) -> None:
    acme.user("eve", password=PASSWORD, is_external=True)
    acme.member("acme/core", "eve", Role.OWNER)
    instead(acme, "eve")
    visit(acme, "/acme/")
    answer = sent(acme, DELETE, "delete", 303, confirm="acme/core")
    assert answer.location == "http://localhost/"
    visit(acme, "/acme/", status=404)


@pytest.mark.parametrize("typed", ["", "core", "acme/team", "ACME/CORE", "acme/core/"])
def test_nothing_is_deleted_without_its_path(acme: World, typed: str) -> None:
    before = database_dump(acme)
    page = sent(acme, DELETE, "delete", 400, confirm=typed)
    assert "Type “acme/core” to confirm." in page.html.find(role="alert").get_text()
    assert page.forms["delete"]["confirm"].value == typed
    assert database_dump(acme) == before


def test_only_owners_move_and_delete(acme: World) -> None:
    instead(acme, "mia")
    acme.member("acme", "mia", Role.MAINTAINER)
    for address, fields in ((MOVE, {"group": "acme/team"}), (DELETE, {"confirm": "acme/core"})):
        visit(acme, address, status=403)
        posted(acme, address, fields, 403)
    assert "acme/core" in paths(acme)
