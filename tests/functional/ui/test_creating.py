"""The pages that create groups and projects."""

import pytest
from sqlalchemy import select

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import InstanceSettings, Namespace
from tests.factories.members import roles_in
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import project_row
from tests.functional.ui.browsing import main_text, signed_in, visit
from tests.functional.ui.sending import changed, posted, sent

TOP = "/-/groups/new"
GROUP = "/acme/-/groups/new"
PROJECT = "/acme/-/projects/new"
AT_THE_TOP = "You cannot have groups at the top"


def let_people_create_groups(world: World) -> None:
    """Decide it for the instance."""
    with world.components.database.writing() as session:
        session.scalars(select(InstanceSettings)).one().users_create_groups = True


def paths(world: World) -> set[str]:
    """The full paths of everything there is."""
    with world.components.database.reading() as session:
        return set(session.scalars(select(Namespace.full_path)))


@pytest.fixture
def acme(world: World) -> World:
    """An internal group whose Maintainer is signed in."""
    world.group("acme", "internal")
    signed_in(world, "mia")
    world.member("acme", "mia", Role.MAINTAINER)
    return world


# At the top


def test_an_administrator_creates_a_group_at_the_top(world: World) -> None:
    world.user("root", password=PASSWORD, is_admin=True)
    signed_in(world, "root")
    page = visit(world, TOP)
    assert page.html.title.get_text() == "New group · pyregistry"
    assert "You will be its Owner." in main_text(page)
    answer = sent(
        world,
        TOP,
        "new-group",
        303,
        name="Acme Inc.",
        path="acme",
        description="All of it\r\nand more",
        visibility="public",
    )
    assert answer.location == "http://localhost/acme/"
    assert "The group acme was created." in main_text(visit(world, "/acme/"))
    group = project_row(world, "acme")
    assert (group.name, group.description) == ("Acme Inc.", "All of it\nand more")
    assert group.visibility.value == "public"
    assert roles_in(world, "acme") == {"root": 50}


def test_people_create_groups_where_the_instance_lets_them(world: World) -> None:
    signed_in(world, "paula")
    assert AT_THE_TOP in main_text(visit(world, TOP, status=403))
    fields = {"name": "a", "visibility": "private"}
    assert AT_THE_TOP in main_text(posted(world, TOP, fields, 403))
    assert paths(world) == set()
    let_people_create_groups(world)
    sent(world, TOP, "new-group", 303, name="a")
    assert roles_in(world, "a") == {"paula": 50}


def test_external_users_and_bots_create_none_at_the_top(world: World) -> None:
    world.project("acme/core")
    let_people_create_groups(world)
    bot = basic(world.access_token("acme/core", Role.OWNER))
    deployer = basic(world.deploy_token("acme/core", Scope.READ_PACKAGE_REGISTRY))
    for headers in (bot, deployer):
        world.app.get(TOP, headers=headers, status=403)
    world.user("eve", password=PASSWORD, is_external=True)
    signed_in(world, "eve")
    visit(world, TOP, status=403)


def test_nobody_is_sent_to_the_sign_in_page(world: World) -> None:
    let_people_create_groups(world)
    assert visit(world, TOP, status=303).location.endswith("return_to=%2F-%2Fgroups%2Fnew")


# In a group


def test_a_maintainer_creates_a_project(acme: World) -> None:
    page = visit(acme, PROJECT)
    assert page.html.title.get_text() == "New project in acme · pyregistry"
    answer = sent(acme, PROJECT, "new-project", 303, name="Core Library")
    assert answer.location == "http://localhost/acme/core-library/"
    text = main_text(visit(acme, "/acme/core-library/"))
    assert "The project acme/core-library was created." in text
    project = project_row(acme, "acme/core-library")
    assert (project.name, project.visibility.value) == ("Core Library", "private")
    after = {"before": None, "after": {"visibility": "private"}}
    assert changed(acme) == [("project.created", "mia", "acme/core-library", after)]


def test_a_maintainer_creates_a_group(acme: World) -> None:
    answer = sent(acme, GROUP, "new-group", 303, name="Team", path="team-1", visibility="internal")
    assert answer.location == "http://localhost/acme/team-1/"
    assert "The group acme/team-1 was created." in main_text(visit(acme, "/acme/team-1/"))
    assert project_row(acme, "acme/team-1").visibility.value == "internal"


def test_what_is_more_visible_than_the_group_cannot_be_chosen(acme: World) -> None:
    page = visit(acme, PROJECT)
    boxes = {box["value"]: box for box in page.html.find_all("input", type="radio")}
    assert [value for value, box in boxes.items() if box.has_attr("disabled")] == ["public"]
    assert boxes["private"].has_attr("checked")
    assert "Not possible: the group acme is internal." in main_text(page)
    text = main_text(posted(acme, PROJECT, {"name": "a", "visibility": "public"}, 400))
    assert "The group acme is internal: what is in it cannot be public." in text


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"name": "", "visibility": "private"}, 400, "Give it a name."),
        ({"name": "???", "visibility": "private"}, 400, "gives no path"),
        ({"name": "中文", "visibility": "private"}, 400, "digits: choose a path, too."),
        ({"name": "x", "path": "-", "visibility": "private"}, 400, "is not a valid path"),
        ({"name": "x", "path": "packages", "visibility": "private"}, 400, "is a reserved word"),
        ({"name": "x", "path": "CORE", "visibility": "private"}, 409, "is taken"),
        ({"name": "x" * 256, "path": "x", "visibility": "private"}, 400, "is not a valid name"),
        ({"name": "x", "visibility": "secret"}, 400, "Choose who can see it."),
        ({"name": "x"}, 400, "Choose who can see it."),
        (
            {"name": "x", "visibility": "private", "description": "x" * 2001},
            400,
            "The description has 2001 characters",
        ),
    ],
)
def test_the_form_comes_again_with_what_was_typed(
    acme: World, fields: dict[str, str], status: int, sentence: str
) -> None:
    acme.project("acme/core")
    before = changed(acme)
    page = posted(acme, PROJECT, fields, status)
    assert sentence in page.html.find(role="alert").get_text()
    form = page.forms["new-project"]
    assert form["name"].value == fields["name"]
    assert form["path"].value == fields.get("path", "")
    assert form["description"].value == fields.get("description", "")
    assert paths(acme) == {"acme", "acme/core"}
    assert changed(acme) == before


def test_who_may_not_create_in_a_group(acme: World) -> None:
    for role, status in ((None, 404), (Role.GUEST, 403), (Role.DEVELOPER, 403)):
        acme.app.reset()
        username = f"user-{status}-{role}"
        acme.user(username, password=PASSWORD, is_external=True)
        if role is not None:
            acme.member("acme", username, role)
        signed_in(acme, username)
        for address in (GROUP, PROJECT):
            visit(acme, address, status=status)
            posted(acme, address, {"name": "x", "visibility": "private"}, status)
    assert paths(acme) == {"acme"}


def test_a_project_holds_no_others(acme: World) -> None:
    acme.project("acme/core")
    for kind in ("groups", "projects"):
        visit(acme, f"/acme/core/-/{kind}/new", status=404)
        visit(acme, f"/acme/-/{kind}", status=404)


def test_names_are_shown_harmlessly(acme: World) -> None:
    hostile = '"><script>alert(1)</script>'
    page = posted(acme, PROJECT, {"name": hostile, "path": "/", "visibility": "private"}, 400)
    assert page.forms["new-project"]["name"].value == hostile
    assert "<script>alert" not in page.text
