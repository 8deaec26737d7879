"""Without a mouse: everything is reached by Tab, seen where it is, and used by Enter."""

from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check_accessible, open_details
from tests.browser.journeys import AT_A_DESK, Travel
from tests.browser.visits import DESKTOP, PHONE, SCHEMES, Size, Visits
from tests.factories.world import PASSWORD

pytestmark = pytest.mark.browser

MOST = 150
"""More stops than any page here has."""
_FOCUSED = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  // The button of a choice is hidden: its label shows where one is.
  const hidden = focused.classList.contains("visually-hidden");
  const shown = hidden ? focused.labels[0] : focused;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  const x = Math.min(box.left + box.width / 2, innerWidth - 1);
  const on_top = document.elementFromPoint(x, box.top + Math.min(box.height, innerHeight) / 2);
  return {
    name: (focused.ariaLabel || focused.labels?.[0]?.textContent || focused.textContent).trim(),
    tag: focused.tagName.toLowerCase(),
    marked: focused.matches(":focus-visible")
      && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    uncovered: on_top !== null && (shown.contains(on_top) || on_top.contains(shown)),
  };
}"""


class Stop(NamedTuple):
    """Something that the keyboard came to."""

    tag: str
    name: str


def tab(page: Page) -> Stop | None:
    """Press Tab, and check that one sees where one is; None behind the end of the page."""
    page.keyboard.press("Tab")
    found = page.evaluate(_FOCUSED)
    if found is None:
        return None
    stop = Stop(found["tag"], " ".join(found["name"].split()))
    for what in ("marked", "inside", "uncovered"):
        assert found[what], f"{stop} is not {what} at {page.url}"
    return stop


def stops(page: Page) -> list[Stop]:
    """Everything that Tab comes to, from the top of the page to its end."""
    found = []
    while (stop := tab(page)) is not None:
        found.append(stop)
        assert len(found) < MOST, found
    return found


def tab_to(page: Page, tag: str, name: str) -> None:
    """Press Tab until it is there."""
    for _ in range(MOST):
        stop = tab(page)
        assert stop is not None, f"no {tag} {name}"
        if stop == (tag, name):
            return


def test_signing_in(travel: Travel) -> None:
    ada = travel.somebody("ada")
    page = travel.begin(AT_A_DESK).page
    tab_to(page, "a", "Sign in")
    page.keyboard.press("Enter")
    # It begins in the first field; the way back to the top is short.
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, "input", "User name")
    page.keyboard.type(ada)
    tab_to(page, "input", "Password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "button", "Sign in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=f"Your profile: {ada}")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_package_from_the_top_to_the_end(visits: Visits, size: Size, scheme: str) -> None:
    page = visits.begin(user="olga", size=size, scheme=scheme)
    page.goto("/acme/client/acme-client/")
    found = stops(page)
    assert found[0] == ("a", "Skip to the content")
    names = {stop.name for stop in found}
    assert {"Search packages", "Delete the package", "pip", "Files 8"} <= names
    assert found[-1] == ("a", "API")


def test_the_content_is_a_key_away(visits: Visits) -> None:
    page = visits.begin(user="olga")
    page.goto("/acme/client/acme-client/")
    assert tab(page) == ("a", "Skip to the content")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    stop = tab(page)
    assert stop is not None
    assert stop.name == "Yank 2.0"


def test_a_tool_is_chosen_and_its_command_copied(visits: Visits) -> None:
    page = visits.begin(user="olga", clipboard=True)
    page.goto("/acme/client/acme-client/")
    tab_to(page, "input", "pip")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("uv", exact=True).first).to_be_focused()
    tab_to(page, "button", "Copy: Install with uv: Terminal")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied", exact=True).first).to_be_visible()


@pytest.mark.parametrize("address", ["/acme/client/", "/acme/client/acme-client/"])
def test_every_tool_is_accessible(visits: Visits, address: str) -> None:
    page = visits.begin(user="olga")
    page.goto(address)
    open_details(page)
    groups = page.locator("fieldset.tools")
    assert groups.count() >= 1
    for group in groups.all():
        for label in group.locator("> label").all():
            label.click()
            check_accessible(page)
