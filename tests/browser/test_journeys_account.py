"""One's own account: signing in, the password, and the browsers where one is signed in."""

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import AT_A_DESK, BOTH_WAYS, Journey, Travel, Way
from tests.factories.world import PASSWORD

pytestmark = pytest.mark.browser

NEW = "another horse battery staple"


def sign_in(journey: Journey, username: str, password: str) -> None:
    """Go to the form and send it."""
    if journey.page.get_by_role("heading", name="Sign in").count() == 0:
        journey.page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    journey.fill("User name", username)
    journey.fill("Password", password)
    journey.press("Sign in")


def profile(journey: Journey, tab: str) -> None:
    """Open a page of one's profile."""
    journey.page.get_by_role("banner").get_by_role("link", name="Your profile").click()
    journey.follow(tab)


@BOTH_WAYS
def test_wrong_then_right_then_with_another_password(travel: Travel, way: Way) -> None:
    ada = travel.somebody("ada")
    journey, elsewhere = travel.begin(way), travel.begin(AT_A_DESK, ada)
    page = journey.page
    sign_in(journey, ada, "something else")
    journey.refused("The user name or the password is wrong.")
    expect(journey.input("User name")).to_have_value(ada)
    expect(page.get_by_label("Password")).to_have_value("")
    journey.after("sign-in-refused")
    sign_in(journey, ada, PASSWORD)
    expect(page.get_by_role("link", name=f"Your profile: {ada}")).to_be_visible()
    journey.after("signed-in")
    profile(journey, "Password")
    for current, again, sentence, what in (
        ("something else", NEW, "The current password is wrong.", "password-wrong"),
        (PASSWORD, f"{NEW}s", "not the same in both fields", "password-refused"),
    ):
        journey.fill("Current password", current)
        journey.fill("New password", NEW)
        journey.fill("New password again", again)
        journey.press("Change the password")
        journey.refused(sentence)
        expect(page.get_by_label("Current password")).to_have_value("")
        journey.after(what)
    journey.fill("Current password", PASSWORD)
    journey.fill("New password", NEW)
    journey.fill("New password again", NEW)
    journey.press("Change the password")
    journey.told("Your password was changed. You were signed out of 1 other browser.")
    journey.after("password-changed")
    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("link", name="Sign in")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    sign_in(journey, ada, PASSWORD)
    journey.refused("wrong")
    sign_in(journey, ada, NEW)
    expect(page.get_by_role("link", name=f"Your profile: {ada}")).to_be_visible()


@BOTH_WAYS
def test_other_browsers_are_signed_out(travel: Travel, way: Way) -> None:
    ada = travel.somebody("ada")
    others = [travel.begin(AT_A_DESK, ada) for _ in range(3)]
    journey = travel.begin(way, ada)
    profile(journey, "Sessions")
    one = journey.page.get_by_role("listitem").get_by_role("button", name="Sign out")
    one.first.click()
    journey.told("You were signed out of that browser.")
    journey.after("session-ended")
    journey.press("Sign out everywhere else")
    journey.told("You were signed out of 2 other browsers.")
    journey.after("sessions-ended")
    # There is nothing left to end.
    expect(journey.page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    for other in others:
        other.page.reload()
        expect(other.page.get_by_role("link", name="Sign in")).to_be_visible()
