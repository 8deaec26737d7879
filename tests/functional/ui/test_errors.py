"""Pages that say what went wrong, and what to do next."""

from dataclasses import replace
from typing import Any

import pytest
from pyramid.registry import Registry
from webtest import TestResponse

from pyregistry.accounts.models import BrowserSession
from pyregistry.authnz.roles import Role
from pyregistry.db import Database
from tests.factories.distributions import sdist
from tests.factories.world import PASSWORD, World
from tests.functional.support import Limited, browser
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit

Application = tuple[object, Registry]


def heading(page: TestResponse) -> str:
    """The one heading of a page."""
    (found,) = page.html.find_all("h1")
    assert page.html.title.get_text().startswith(found.get_text())
    return str(found.get_text())


def ids_on(page: TestResponse) -> list[str]:
    """The ids of requests that a page shows."""
    return [found.get_text() for found in page.html.select(".request-id code")]


def test_an_old_form_says_how_to_go_on(world: World) -> None:
    page = world.app.post("/-/login", {"csrf_token": "x"}, headers=BROWSER, status=400)
    assert heading(page) == "This could not be understood"
    assert "The form is too old" in main_text(page)
    assert "try again" in main_text(page)
    assert ids_on(page) == []


def test_a_member_is_told_which_role_it_takes(world: World) -> None:
    world.project("acme/core")
    world.upload("acme/core", sdist())
    world.user("gus", password=PASSWORD)
    world.member("acme/core", "gus", Role.GUEST)
    signed_in(world, "gus")
    there = visit(world, "/acme/core/demo-package/", 403)
    assert heading(there) == "You may not do this"
    text = main_text(there)
    assert "It takes the role Reporter or a higher one in the project acme/core" in text
    assert "You have the role Guest there." in text
    assert "/acme/core/-/members" in hrefs(there)
    missing = visit(world, "/acme/core/no-package/", 403)
    assert main_text(missing) == text


def test_nothing_is_higher_than_an_owner(world: World) -> None:
    world.project("acme/core")
    world.user("mia", password=PASSWORD)
    world.member("acme/core", "mia", Role.MAINTAINER)
    signed_in(world, "mia")
    text = main_text(visit(world, "/acme/core/-/settings", 403))
    assert "It takes the role Owner in the project acme/core" in text


def test_who_is_no_member_is_not_shown_the_members(world: World) -> None:
    world.project("acme/core", "internal")
    world.upload("acme/core", sdist())
    signed_in(world, "ann")
    page = visit(world, "/acme/core/demo-package/1.0/-/delete", 403)
    assert "It takes the role Maintainer" in main_text(page)
    assert "/acme/core/-/members" not in hrefs(page)


def csrf_token(world: World) -> str:
    """The token of the forms of the browser that is signed in."""
    return str(visit(world, "/").forms["sign-out"]["csrf_token"].value)


def test_somebody_who_sees_nothing_can_sign_in_as_somebody_else(world: World) -> None:
    world.project("acme/core")
    world.user("root", password=PASSWORD, is_admin=True)
    signed_in(world, "ann")
    page = visit(world, "/acme/core/?after=x", 404)
    assert heading(page) == "Page not found"
    assert "You are signed in as ann" in main_text(page)
    assert "/-/search" in hrefs(page)
    asked = page.forms["sign-in-anew"].submit(headers=BROWSER)
    assert world.count(BrowserSession) == 0
    assert asked.location == "http://localhost/-/login?return_to=%2Facme%2Fcore%2F%3Fafter%3Dx"
    form = asked.follow(headers=BROWSER).forms["sign-in"]
    form["username"], form["password"] = "root", PASSWORD
    assert form.submit().location == "http://localhost/acme/core/?after=x"


@pytest.mark.parametrize("return_to", ["//evil.example", "https://evil.example", "/\\evil"])
def test_signing_out_leads_to_no_other_host(world: World, return_to: str) -> None:
    signed_in(world, "ann")
    fields = {"csrf_token": csrf_token(world), "return_to": return_to}
    response = world.app.post("/-/logout", fields, headers=BROWSER)
    assert response.location == "http://localhost/"


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    world.project("acme/core", "public")
    page = visit(world, "/acme/core/no-package/", 404)
    assert heading(page) == "Page not found"
    assert "/-/login?return_to=%2Facme%2Fcore%2Fno-package%2F" in hrefs(page)
    assert "sign-in-anew" not in page.forms


def test_an_address_that_takes_forms_alone(world: World) -> None:
    signed_in(world, "ann")
    page = visit(world, "/-/logout", 405)
    assert heading(page) == "This is no page to open"
    assert page.headers["Allow"] == "POST"
    assert "Go back to the page with the form" in main_text(page)


def test_a_form_of_a_project_that_was_renamed_meanwhile(world: World) -> None:
    world.project("acme/core")
    world.user("olga", password=PASSWORD)
    world.member("acme/core", "olga", Role.OWNER)
    signed_in(world, "olga")
    old = visit(world, "/acme/core/-/settings").forms["naming"]
    form = visit(world, "/acme/core/-/settings").forms["path"]
    form["path"] = "kernel"
    form.submit(headers=BROWSER, status=303)
    page = old.submit(headers=BROWSER, status=405)
    assert heading(page) == "This form cannot be sent here"
    text = main_text(page)
    assert "it is at acme/kernel now" in text
    assert "Open the page with the form again" in text
    assert "Go back" not in text


def test_a_form_that_is_too_large(world: World) -> None:
    fields = {"username": "x" * 70_000}
    page = world.app.post("/-/login", fields, headers=BROWSER, status=413)
    assert heading(page) == "This is too large"


def test_who_has_to_wait_is_told_until_when(limited: Limited) -> None:
    world = limited(token_failures_per_address="1 per day")
    wrong = {**BROWSER, "Authorization": "Bearer nonsense"}
    world.app.get("/acme/", headers=wrong, status=401)
    page = world.app.get("/acme/", headers=wrong, status=429)
    assert heading(page) == "Too many attempts"
    assert "You can try again at" in main_text(page)
    assert page.html.main.find("time")["datetime"].endswith("+00:00")
    assert int(page.headers["Retry-After"]) > 0
    assert "/acme/" in hrefs(page)
    # Nobody makes it lead to another host.
    assert "/evil.example/x?y" in hrefs(
        world.app.get("//evil.example/x?y", headers=wrong, status=429)
    )


def standing_still() -> Any:
    """A clock that is broken."""
    raise RuntimeError("the clock stands still")


def test_a_mistake_of_ours_gives_its_id(world: World, application: Application) -> None:
    signed_in(world, "ann")
    broken = replace(world.components, clock=standing_still)
    application[1]["pyregistry.components"] = broken
    page = visit(world, "/", 500)
    assert heading(page) == "Something went wrong"
    assert ids_on(page) == [page.headers["X-Request-Id"]]
    assert "tell an administrator" in main_text(page)
    assert "stands still" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in page.headers


@pytest.fixture
def cut_off(world: World, application: Application) -> World:
    """A registry whose database went away after somebody had signed in."""
    world.user("ann", password=PASSWORD)
    world.app = browser(world, "ann")
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    application[1]["pyregistry.components"] = replace(world.components, database=gone)
    return world


@pytest.mark.parametrize("address", ["/", "/acme/core/", "/-/profile", "/acme/core/?q=x"])
def test_without_the_database_pages_say_so(cut_off: World, address: str) -> None:
    page = visit(cut_off, address, 503)
    assert heading(page) == "The registry is not available"
    assert "cannot reach its database" in main_text(page)
    assert ids_on(page) == [page.headers["X-Request-Id"]]
    assert address in hrefs(page)
    assert page.headers["Retry-After"] == "10"
    assert page.html.find("form") is None
    assert "What you sent" not in main_text(page)


def test_without_the_database_forms_say_so(cut_off: World) -> None:
    fields = {"username": "ann", "password": PASSWORD}
    page = cut_off.app.post("/-/login", fields, headers=BROWSER, status=503)
    assert "What you sent may be lost" in main_text(page)
    assert "Try again" not in main_text(page)


def test_without_the_database_tools_get_what_they_read(cut_off: World) -> None:
    answer = cut_off.app.get("/api/v4/projects", headers=BROWSER, status=503)
    assert answer.json == {"message": "The registry cannot reach its database: try again soon."}


@pytest.mark.parametrize(
    ("address", "beginning"),
    [
        ("/acme/core/-/members?q=a%20b&after=x", "/acme/core/-/members?q=a+b"),
        ("/acme/core/-/members?above_after=x&q=a", "/acme/core/-/members?q=a"),
        (f"/acme/core/-/members?after={'x' * 2000}", "/acme/core/-/members"),
        ("/acme/core/-/tokens?access_after=x", "/acme/core/-/tokens"),
        ("/acme/core/-/tokens?publishers_after=x", "/acme/core/-/tokens"),
        ("/acme/core/-/tokens/deploy/ended?after=x", "/acme/core/-/tokens/deploy/ended"),
        ("/acme/core/?q=demo&sort=-pulls&after=x", "/acme/core/?q=demo&sort=-pulls"),
        ("/acme/core/demo-package/?versions=x", "/acme/core/demo-package/"),
        ("/acme/core/demo-package/1.0/?files=x", "/acme/core/demo-package/1.0/"),
        ("/acme/-/packages?q=demo&after=x", "/acme/-/packages?q=demo"),
        ("/-/search?q=demo&after=x", "/-/search?q=demo"),
        ("/-/profile?after=x", "/-/profile"),
        ("/-/profile/sessions?after=x", "/-/profile/sessions"),
        ("/-/profile/tokens?after=x", "/-/profile/tokens"),
        (f"/?after={'x' * 2000}", "/"),
        ("/-/admin/groups?q=a&after=x", "/-/admin/groups?q=a"),
        # Two slashes would lead to another host.
        ("//acme/core/-/members?after=x", "/acme/core/-/members"),
    ],
)
def test_a_part_of_a_list_that_is_not_there(world: World, address: str, beginning: str) -> None:
    world.project("acme/core")
    world.upload("acme/core", sdist())
    world.user("root", password=PASSWORD, is_admin=True)
    signed_in(world, "root")
    page = visit(world, address, 400)
    assert heading(page) == "This could not be understood"
    text = main_text(page)
    assert "This part of the list is not there: begin again with its first page." in text
    assert not {"cursor", "Link", "parameter"} & set(text.split())
    (link,) = page.html.find_all("a", string="Go to the first page of the list")
    assert link["href"] == beginning
    page.click("Go to the first page of the list")


def test_programs_that_read_pages_are_told_the_same(world: World) -> None:
    world.project("acme/core", "public")
    refused = world.app.get("/acme/core/?after=x", status=400)
    assert refused.text == "This part of the list is not there: begin again with its first page.\n"


def test_callers_of_the_api_are_told_of_the_header(world: World) -> None:
    headers = {**world.as_("ada"), **BROWSER}
    refused = world.app.get(
        "/api/v4/projects?pagination=keyset&cursor=x", headers=headers, status=400
    )
    assert "take it from the Link header" in refused.json["message"]
