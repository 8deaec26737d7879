"""The pages of groups and projects."""

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status
from tests.factories.distributions import wheel
from tests.factories.switches import turn
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import (
    hrefs,
    main_text,
    signed_in,
    visit,
)


def crumbs(page: object) -> list[tuple[str, str]]:
    """The breadcrumbs: text and address."""
    links = page.html.find("nav", attrs={"aria-label": "Breadcrumbs"}).find_all("a")
    return [(link.get_text(), link["href"]) for link in links]


def test_a_group_shows_what_one_may_see(world: World) -> None:
    world.project("Acme/inner/deep", "public")
    world.project("Acme/core", "public")
    world.project("Acme/secret")
    with world.components.database.writing() as session:
        find(session, "acme").description = "All that we build."
    page = visit(world, "/Acme/")
    text = main_text(page)
    assert "All that we build." in text
    assert "http://localhost/Acme/-/simple/" in text
    assert {"/Acme/inner/", "/Acme/core/"} <= hrefs(page)
    assert "secret" not in page.text
    assert crumbs(visit(world, "/Acme/inner/")) == [
        ("Home", "/"),
        ("Acme", "/Acme/"),
        ("inner", "/Acme/inner/"),
    ]


def test_an_empty_group(world: World) -> None:
    world.group("acme", "public")
    assert "nothing in this group that you can see" in main_text(visit(world, "/acme/"))


def test_a_group_pages_by_key(world: World) -> None:
    for number in range(51):
        world.project(f"acme/project-{number:02}", "public")
    page = visit(world, "/acme/")
    assert "/acme/project-49/" in hrefs(page)
    assert "/acme/project-50/" not in hrefs(page)
    last = page.click("Next page")
    assert "/acme/project-50/" in hrefs(last)
    assert "/acme/project-49/" not in hrefs(last)


def test_a_private_group_is_hidden(world: World) -> None:
    world.group("acme")
    assert visit(world, "/acme/", status=303).location.endswith("return_to=%2Facme%2F")
    signed_in(world, "ada")
    hidden = visit(world, "/acme/", status=404)
    assert main_text(hidden) == main_text(visit(world, "/no-such/", status=404))


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/ACME/Core?after=x", "/acme/core/?after=x"),
        ("/Acme", "/acme/"),
        ("/acme//core", "/acme/core/"),
    ],
)
def test_other_spellings_redirect(world: World, asked: str, answered: str) -> None:
    world.project("acme/core", "public")
    assert visit(world, asked, status=301).location == f"http://localhost{answered}"


def test_the_last_slash_may_be_missing(world: World) -> None:
    world.project("acme/core", "public")
    visit(world, "/acme/core")


def test_an_empty_project_says_how_to_publish(world: World) -> None:
    world.project("acme/core", "public")
    text = main_text(visit(world, "/acme/core/"))
    assert (
        "twine upload --repository-url http://localhost/acme/core/-/legacy/"
        " --username __token__ dist/*" in text
    )
    assert "uv publish --publish-url http://localhost/acme/core/-/legacy/" in text


def test_a_project_lists_its_packages(world: World) -> None:
    world.project("acme/core", "public")
    headers = world.publisher("acme/core")
    alpha = wheel("Alpha.One", "1.0")
    world.upload("acme/core", alpha, headers)
    world.clock.advance(days=3)
    beta = wheel("beta", "2.0", metadata={"Summary": "The second"})
    world.upload("acme/core", beta, headers)
    world.clock.advance(hours=5)
    page = visit(world, "/acme/core/")
    rows = [" ".join(row.get_text(" ").split()) for row in page.html.find("tbody").find_all("tr")]
    assert rows == [
        f"Alpha.One 1.0 3 days ago {len(alpha.content)} bytes 0 pulls",
        f"beta The second 2.0 5 hours ago {len(beta.content)} bytes 0 pulls",
    ]
    assert {"/acme/core/alpha-one/", "/acme/core/beta/"} <= hrefs(page)
    assert "2 packages 2 files" in main_text(page)
    assert all(cell.get("scope") for cell in page.html.find_all("th"))


def test_published_tells_of_the_latest_release(world: World) -> None:
    world.project("acme/core", "public")
    headers = world.publisher("acme/core")
    world.upload("acme/core", wheel("alpha", "1.0"), headers)
    world.clock.advance(days=30)
    world.upload("acme/core", wheel("alpha", "2.0"), headers)
    world.clock.advance(days=2)
    row = visit(world, "/acme/core/").html.find("tbody").find("tr")
    assert row.find("time").get_text() == "2 days ago"


def test_a_package_with_a_status_is_marked(world: World) -> None:
    project = world.project("acme/core", "public")
    world.upload("acme/core", wheel("alpha"))
    with world.components.database.writing() as session:
        status = PackageStatus.ARCHIVED
        set_status(session, project, "alpha", status, None, Actor(), world.clock())
    assert "Archived" in main_text(visit(world, "/acme/core/"))


def test_a_project_pages_by_key_at_the_same_cost(world: World) -> None:
    world.project("acme/core", "public")
    headers = world.publisher("acme/core")
    world.upload("acme/core", wheel("package-00"), headers)
    with statements(world) as few:
        visit(world, "/acme/core/")
    for number in range(1, 51):
        world.upload("acme/core", wheel(f"package-{number:02}"), headers)
    with statements(world) as many:
        page = visit(world, "/acme/core/")
    assert len(many) == len(few) <= 4
    assert "/acme/core/package-49/" in hrefs(page)
    assert "/acme/core/package-50/" not in hrefs(page)
    last = page.click("Next page")
    assert "/acme/core/package-50/" in hrefs(last)
    assert "/acme/core/package-49/" not in hrefs(last)
    assert "/acme/core/package-00/" in hrefs(last.click("First page"))


def test_a_guest_sees_a_private_project_and_no_packages(world: World) -> None:
    world.project("acme/core")
    world.upload("acme/core", wheel("alpha"))
    world.user("gus", password=PASSWORD)
    world.member("acme/core", "gus", Role.GUEST)
    signed_in(world, "gus")
    page = visit(world, "/acme/core/")
    assert "Its packages are not shown to you" in main_text(page)
    assert "alpha" not in page.text
    assert "1 package" not in page.text


def test_who_may_only_pull_sees_no_page(world: World) -> None:
    world.project("acme/core", anyone_can_pull=True)
    visit(world, "/acme/core/", status=303)


def test_what_is_no_key_is_refused(world: World) -> None:
    world.project("acme/core", "public")
    for address in ("/acme/", "/acme/core/"):
        visit(world, f"{address}?after=%00", status=400)
        visit(world, f"{address}?after=%FF", status=400)


def test_who_may_create_in_a_group_is_led_to_it(world: World) -> None:
    world.group("acme", "public")
    roles = {"dan": Role.DEVELOPER, "max": Role.MAINTAINER}
    for username, role in roles.items():
        world.user(username, password=PASSWORD)
        world.member("acme", username, role)
    creating = {"/acme/-/groups/new", "/acme/-/projects/new"}
    assert not creating & hrefs(visit(world, "/acme/"))
    signed_in(world, "dan")
    assert not creating & hrefs(visit(world, "/acme/"))
    world.app.reset()
    signed_in(world, "max")
    page = visit(world, "/acme/")
    assert creating <= hrefs(page)
    assert "Create its first project" in main_text(page)
    for address in creating:
        visit(world, address)


def test_a_group_leads_to_its_packages_and_sets_up_tools(world: World) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", wheel("alpha"))
    page = visit(world, "/acme/")
    assert "/acme/-/packages" in hrefs(page)
    form = page.forms["search"]
    form["q"] = "alpha"
    assert "/acme/core/alpha/" in hrefs(form.submit())
    index = page.html.find("section", attrs={"aria-labelledby": "page-index"})
    assert {"pip", "uv", "poetry", "pdm"} <= {label.text for label in index.find_all("label")}
    assert 'url = "http://localhost/acme/-/simple/"' in index.text
    assert index.fieldset["data-copied"] == "command.setup_copied"
    assert index.fieldset["data-copied-at"] == "/acme/-/copied"
    # A public group may hold private projects, whose packages the commands alone do not find.
    assert "Without a token this index has only what anyone may pull" in index.text


def test_the_mark_of_a_visibility_says_who_sees_it(world: World) -> None:
    world.project("acme/core", "internal")
    signed_in(world, "ann")
    mark = visit(world, "/acme/core/").html.find(class_="internal")
    assert mark["title"] == "Everyone who is signed in can see this, except external users."


def test_a_project_counts_copies_of_what_sets_tools_up(world: World) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", wheel("alpha"))
    tools = visit(world, "/acme/core/").html.find("fieldset", class_="tools")
    assert tools["data-copied"] == "command.setup_copied"
    assert tools["data-copied-at"] == "/acme/core/-/copied"


def test_a_group_that_is_turned_off_shows_no_packages(world: World) -> None:
    world.project("acme/core", "public")
    turn(world, "acme", on=False)
    page = visit(world, "/acme/")
    assert "/acme/-/packages" not in hrefs(page)
    assert "index-url" not in page.text
