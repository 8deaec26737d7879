"""Searching while one types, and without a script."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visits import Visits

pytestmark = pytest.mark.browser

BOX = "Search packages"


def results(page: Page) -> list[str]:
    """The packages that are shown."""
    return page.locator("#search-results .card-title").all_inner_texts()


def test_what_is_found_changes_as_one_types(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/-/search")
    box = page.get_by_role("searchbox", name=BOX)
    box.press_sequentially("acme-cli")
    expect(page.locator("#search-results .card-title")).to_have_text(["acme-client"])
    expect(page).to_have_url(re.compile(r"/-/search\?q=acme-cli$"))
    expect(page).to_have_title(re.compile("^acme-cli · Search"))
    expect(page.locator("body > [role=status]", has_text="1 package.")).to_have_count(1)
    expect(box).to_be_focused()
    shared = page.url
    page.goto(shared)
    assert results(page) == ["acme-client"]


def test_emptied_again_it_shows_nothing(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/-/search?q=acme")
    page.get_by_role("searchbox", name=BOX).fill("")
    expect(page.locator("#search-results .card")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/-/search$"))


def test_an_answer_that_comes_too_late_is_not_shown(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/-/search")
    held: list[Route] = []
    page.route("**/-/search?q=acme", lambda route: held.append(route))  # noqa: PLW0108
    box = page.get_by_role("searchbox", name=BOX)
    with page.expect_request("**/-/search?q=acme"):
        box.fill("acme")
    box.fill("no-such-thing")
    expect(page.locator("#search-summary")).to_have_text("No package fits.")
    for route in held:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#search-summary")).to_have_text("No package fits.")
    expect(page).to_have_url(re.compile("q=no-such-thing$"))


def test_too_many_words_are_told_while_one_types(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/-/search?q=acme")
    page.get_by_role("searchbox", name=BOX).fill("a b c d e f g h i")
    expect(page.locator("#search-summary")).to_have_text("Look for at most 8 words.")
    # The refusal that it is.
    troubles = visits.watch_of(page).troubles
    assert [trouble.split()[0] for trouble in troubles] == ["400"]
    troubles.clear()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_form_is_sent_with_a_key(visits: Visits, javascript: bool) -> None:
    page = visits.begin(javascript=javascript)
    page.goto("/acme/")
    page.locator("#site-search").fill("acme-cli")
    page.locator("#site-search").press("Enter")
    expect(page).to_have_url(re.compile(r"/-/search\?q=acme-cli$"))
    assert results(page) == ["acme-client"]


def test_the_list_of_a_project_is_sorted_by_its_heads(visits: Visits) -> None:
    page = visits.begin(user="dora")
    page.goto("/acme/data/warehouse/")
    page.get_by_role("columnheader", name="Package").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name$"))
    names = page.locator("tbody th a").all_inner_texts()
    assert names == sorted(names, reverse=True)
    page.go_back()
    names = page.locator("tbody th a").all_inner_texts()
    assert names == sorted(names)
