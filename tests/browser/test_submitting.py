"""A button that is pressed twice, and the way back to a form that was sent."""

import pytest
from playwright.sync_api import expect

from pyregistry.tokens.models import Token
from tests.browser.journeys import AT_A_DESK, BOTH_WAYS, Journey, Travel, Way
from tests.browser.visits import DESKTOP

pytestmark = pytest.mark.browser

SEND = """() => document.querySelector("main form").dispatchEvent(
  new SubmitEvent("submit", {bubbles: true, cancelable: true}))"""
"""Ask what a button asks; false where the answer is not to send the form."""


def press_twice(travel: Travel, journey: Journey, name: str) -> None:
    """Press a button again while the registry is busy with the first time."""
    page = journey.page
    button = page.get_by_role("button", name=name, exact=True)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    # Who writes waits for whoever else writes.
    with travel.world.components.database.writing() as session:
        session.connection()
        for _ in range(2):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(200)


def test_a_button_that_is_pressed_twice_makes_one_token(travel: Travel) -> None:
    ada = travel.somebody("ada")
    journey = travel.begin(AT_A_DESK, ada)
    journey.page.get_by_role("banner").get_by_role("link", name="Your profile").click()
    journey.follow("Access tokens", "New token")
    journey.fill("Name", "my laptop")
    before = travel.world.count(Token)
    press_twice(travel, journey, "Create the token")
    expect(journey.page.get_by_role("heading", level=1)).to_have_text("Your new token")
    assert travel.world.count(Token) == before + 1


def test_without_scripts_the_second_time_changes_nothing(travel: Travel) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    journey = travel.begin(Way(DESKTOP, javascript=False), olga)
    journey.to_place(group)
    journey.follow("New project")
    journey.fill("Name", "core")
    press_twice(travel, journey, "Create the project")
    # A browser may take both for one; else the second is told of what the first has made.
    made = journey.page.get_by_text(f"The project {group}/core was created.")
    taken = journey.page.get_by_text(f"The path '{group}/core' is taken: choose another.")
    expect(made.or_(taken)).to_be_visible()
    journey.to_place(group)
    expect(journey.page.get_by_role("link", name="core", exact=True)).to_have_count(1)


def test_who_stopped_the_page_or_came_back_sends_it_again(travel: Travel) -> None:
    journey = travel.begin(AT_A_DESK, travel.somebody("ada"))
    page = journey.page
    page.clock.install()
    page.get_by_role("banner").get_by_role("link", name="Your profile").click()
    journey.follow("Password")
    assert [page.evaluate(SEND) for _ in range(2)] == [True, False]
    page.clock.fast_forward(6000)
    assert [page.evaluate(SEND) for _ in range(2)] == [True, False]
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.evaluate(SEND)


@BOTH_WAYS
def test_the_way_back_shows_what_was_typed(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("Members", "Add a member")
    journey.fill("User name", "nobody-at-all")
    journey.press("Add the member")
    journey.refused("There is no user 'nobody-at-all'")
    journey.follow("Overview")
    with journey.sends_nothing():
        page.go_back()
        journey.refused("There is no user 'nobody-at-all'")
        expect(journey.input("User name")).to_have_value("nobody-at-all")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Add a member")
        page.go_forward()
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text(group)
