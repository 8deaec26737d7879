"""The pages for administrators: the registry at a glance, its lists, storage and settings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pyramid.registry import Registry
from webtest import TestResponse

from pyregistry.health.checks import Health
from pyregistry.namespaces.models import Namespace
from pyregistry.settings import SETTINGS, Rate
from pyregistry.ui.limits import limits_in_force, shown_duration
from pyregistry.version import __version__
from tests.factories.distributions import sdist
from tests.factories.switches import INSTANCE, turn
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

OVERVIEW = "/-/admin"
PAGES = (
    OVERVIEW,
    "/-/admin/users",
    "/-/admin/users/add",
    "/-/admin/groups",
    "/-/admin/projects",
    "/-/admin/storage",
    "/-/admin/usage",
    "/-/admin/activity",
    "/-/admin/settings",
    "/-/admin/limits",
    "/-/admin/health",
)


@pytest.fixture(autouse=True)
def _administrator(world: World) -> None:
    """An administrator who is signed in."""
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "root")


def lines(page: TestResponse, number: int = 0) -> list[str]:
    """The rows of a table of the page."""
    table = page.html.find_all("table")[number]
    return [" ".join(row.get_text(" ").split()) for row in table.tbody.find_all("tr")]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_what_pages_have(world: World, address: str) -> None:
    page = visit(world, address)
    assert page.html.title.get_text().endswith("Administration · pyregistry") or address == OVERVIEW
    assert len(page.html.find_all("h1")) == 1
    crumbs = page.html.find("nav", attrs={"aria-label": "Breadcrumbs"})
    assert OVERVIEW in [link["href"] for link in crumbs.find_all("a")]
    for field in page.html.main.find_all(["input", "select", "textarea"]):
        if field.get("type") != "hidden":
            assert page.html.find("label", attrs={"for": field["id"]}), field
    assert "style=" not in page.text
    tabs = page.html.find("nav", class_="tabs")
    assert len(tabs.find_all("a", attrs={"aria-current": "page"})) == 1


@pytest.mark.parametrize("address", PAGES)
def test_nobody_else_may_open_them(world: World, address: str) -> None:
    world.app.reset()
    assert "/-/login" in visit(world, address, status=303).headers["Location"]
    world.user("eve", password=PASSWORD)
    signed_in(world, "eve")
    visit(world, address, status=403)
    assert OVERVIEW not in hrefs(visit(world, "/"))


def test_the_registry_at_a_glance(world: World) -> None:
    world.project("acme/core")
    world.upload("acme/core", sdist("demo"))
    text = main_text(visit(world, OVERVIEW))
    assert "1 group " in text
    assert "1 project " in text
    assert "1 file " in text
    assert "Everything works" in text
    assert __version__ in text
    assert "turned off" not in text
    turn(world, INSTANCE, on=False)
    assert "turned off for everybody" in main_text(visit(world, OVERVIEW))


def test_health_says_what_does_not_work(world: World, application: tuple[object, Registry]) -> None:
    text = main_text(visit(world, "/-/admin/health"))
    assert "Database Works" in text
    assert "Storage Works" in text
    broken = Health({"database": lambda: None, "storage": lambda: "The disk is full."})
    world.components = replace(world.components, health=broken)
    application[1]["pyregistry.components"] = world.components
    assert "Storage Does not work The disk is full." in main_text(visit(world, "/-/admin/health"))
    page = visit(world, OVERVIEW)
    assert "The storage does not work: The disk is full." in main_text(page)


def test_groups_and_projects_are_listed_with_what_they_hold(world: World) -> None:
    world.project("acme/core", "public")
    world.project("acme/inner/more")
    empty = world.group("empty")
    with world.components.database.writing() as session:
        session.get_one(Namespace, empty).name = "Nothing yet"
    world.upload("acme/core", sdist("demo"))
    world.upload("acme/inner/more", sdist("demo", "2.0"))
    page = visit(world, "/-/admin/groups")
    found = lines(page)
    assert [line.split()[0] for line in found] == ["acme", "acme/inner", "empty"]
    assert "Settings Members 2 2 2 " in found[0]
    assert "Settings Members 1 1 1 " in found[1]
    assert "Settings Members 0 0 0 0 bytes" in found[2]
    assert found[2].startswith("empty Nothing yet ")
    assert {"/acme/", "/acme/-/settings", "/acme/-/members"} <= hrefs(page)
    found = lines(visit(world, "/-/admin/projects"))
    assert [line.split()[0] for line in found] == ["acme/core", "acme/inner/more"]
    assert "Public" in found[0]


def test_groups_and_projects_are_searched(world: World) -> None:
    world.project("acme/core")
    world.project("other/core")
    form = visit(world, "/-/admin/projects").forms["admin-search"]
    form["q"] = "ACME core"
    page = form.submit()
    assert [line.split()[0] for line in lines(page)] == ["acme/core"]
    assert page.forms["admin-search"]["q"].value == "ACME core"
    assert "No project has that" in main_text(visit(world, "/-/admin/projects?q=nothing"))
    assert visit(world, f"/-/admin/projects?q={'x' * 300}", status=400).html.find(role="alert")
    wrong = visit(world, "/-/admin/projects?q=acme&after=nonsense", status=400)
    again = wrong.click("Go to the first page of the list")
    assert [line.split()[0] for line in lines(again)] == ["acme/core"]


def test_lists_page_by_key(world: World) -> None:
    for number in range(52):
        world.group(f"group-{number:02}")
    with statements(world) as many:
        first = visit(world, "/-/admin/groups?q=group-")
    assert len(lines(first)) == 50
    last = first.click("Next page")
    assert [line.split()[0] for line in lines(last)] == ["group-50", "group-51"]
    with statements(world) as few:
        visit(world, "/-/admin/groups?q=group-01")
    assert len(many) == len(few)


def test_how_much_is_where(world: World) -> None:
    assert "Nothing is stored yet" in main_text(visit(world, "/-/admin/storage"))
    world.project("acme/core")
    world.project("acme/empty")
    first, second = sdist("demo"), sdist("demo", "2.0")
    world.upload("acme/core", first)
    world.upload("acme/core", second)
    page = visit(world, "/-/admin/storage")
    assert lines(page)[0].startswith("local New files go here 2 ")
    assert [line.split()[:3] for line in lines(page, 1)] == [["acme", "1", "2"]]
    assert [line.split()[:3] for line in lines(page, 2)] == [["acme/core", "1", "2"]]
    assert "migrat" not in main_text(page).lower()


def test_settings_are_changed(world: World) -> None:
    form = visit(world, "/-/admin/settings").forms["instance-settings"]
    assert form["packages_enabled"].value == "true"
    form["packages_enabled"], form["users_create_groups"] = "false", "true"
    page = form.submit().follow()
    assert "The settings were saved." in main_text(page)
    form = page.forms["instance-settings"]
    assert form["packages_enabled"].value == "false"
    assert form["anyone_can_pull_allowed"].value == "true"
    event = world.events()[-1]
    assert event.action == "settings.changed"
    assert event.details["after"] == {"packages_enabled": False, "users_create_groups": True}


def test_settings_that_are_refused(world: World) -> None:
    token = visit(world, "/-/admin/settings").forms["instance-settings"]["csrf_token"].value
    address = "/-/admin/settings/change"
    for fields in ({}, {"packages_enabled": "maybe", "users_create_groups": "false"}):
        page = world.app.post(address, {"csrf_token": token, **fields}, status=400)
        assert page.html.find(role="alert")
    assert page.forms["instance-settings"]["users_create_groups"].value == "false"
    world.app.post(address, {"packages_enabled": "false"}, status=400)
    assert all(event.action != "settings.changed" for event in world.events())


def test_limits_show_no_secret(world: World) -> None:
    text = main_text(visit(world, "/-/admin/limits"))
    assert "pyregistry.upload.max_file_size 2.0 GiB" in text
    assert "pyregistry.throttle.sign_in_per_account 10 in 10 minutes" in text
    assert "pyregistry.throttle.api_per_identity no limit" in text
    for row in SETTINGS:
        if row.secret:
            assert row.key not in text


def test_limits_read_as_people_do(world: World) -> None:
    settings = replace(
        world.components.settings,
        tokens_max_lifetime=timedelta(days=365),
        throttle_api_per_address=Rate(5000, timedelta(seconds=90)),
        passwords_basic=True,
    )
    shown = {row.key: row.value for _, rows in limits_in_force(settings) for row in rows}
    assert shown["pyregistry.tokens.max_lifetime"] == "365 days"
    assert shown["pyregistry.throttle.api_per_address"] == "5,000 in 90 seconds"
    assert shown["pyregistry.passwords.basic"] == "yes"
    assert shown["pyregistry.archive.max_members"] == "100,000"
    assert shown_duration(timedelta(0)) == "0 seconds"
