"""An administrator makes, changes, blocks and deletes users, and turns the registry off and on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from tests.browser.journeys import AT_A_DESK, BOTH_WAYS, Journey, Travel, Way
from tests.factories.world import FOUNDER

pytestmark = pytest.mark.browser


@pytest.fixture
def turned_on_again(travel: Travel) -> Iterator[None]:
    """Whatever becomes of a test: others need the registry."""
    yield
    with travel.world.components.database.writing() as session:
        changes = InstanceChanges(packages_enabled=True)
        change_instance_settings(session, changes, FOUNDER, travel.world.clock())


@BOTH_WAYS
def test_a_user_comes_and_goes(travel: Travel, way: Way) -> None:
    journey = travel.begin(way, "admin")
    page = journey.page
    name = travel.somebody("taken")
    page.get_by_role("link", name="Administration").click()
    journey.follow("Users", "New user")
    journey.fill("User name", name)
    journey.fill("Email address", f"new-{name}@example.org")
    journey.input("External", "checkbox").check()
    journey.press("Create the user")
    journey.refused("The user name is taken: choose another.")
    expect(journey.input("User name")).to_have_value(name)
    expect(journey.input("External", "checkbox")).to_be_checked()
    journey.after("user-taken")
    new = f"new-{name}"
    journey.fill("User name", new)
    journey.fill("Password", "too short")
    journey.press("Create the user")
    journey.refused("A password has 10 to 1024 characters")
    expect(page.get_by_label("Password")).to_have_value("")
    journey.after("user-refused")
    journey.press("Create the user")
    journey.told(f"The user {new} was created.")
    password = shown_once(journey, f"Password of {new}", "user-created")
    comes_in(travel, new, password)
    journey.fill("Name", "Newcomer")
    journey.input("External", "checkbox").uncheck()
    journey.press("Save")
    journey.told(f"The user {new} was changed.")
    journey.after("user-changed")
    journey.press("Set the password")
    journey.told(f"{new} has a new password")
    assert shown_once(journey, f"Password of {new}", "user-password-set") != password
    journey.press(f"Block {new}")
    journey.told(f"{new} is blocked")
    journey.after("user-blocked")
    journey.press(f"Let {new} in again")
    journey.told(f"{new} can sign in again.")
    journey.fill(f"Type {new} to confirm", name)
    journey.press("Delete the user for ever")
    journey.refused(f"Type “{new}” to confirm.")
    journey.after("user-deletion-refused")
    journey.fill(f"Type {new} to confirm", new)
    journey.press("Delete the user for ever")
    journey.told(f"The user {new} was deleted.")
    journey.after("user-deleted")


@BOTH_WAYS
def test_a_sole_owner_is_not_deleted(travel: Travel, way: Way) -> None:
    owner = travel.somebody("owner")
    group = travel.group(owner)
    journey = travel.begin(way, "admin")
    journey.page.get_by_role("link", name="Administration").click()
    journey.follow("Users")
    journey.fill("Search by name or email address", owner)
    journey.press("Search")
    journey.follow(owner)
    journey.fill(f"Type {owner} to confirm", owner)
    journey.press("Delete the user for ever")
    journey.refused(group)
    journey.after("owner-deletion-refused")


@BOTH_WAYS
@pytest.mark.usefixtures("turned_on_again")
def test_the_registry_is_turned_off_and_on(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    travel.registry().project(f"{group}/core")
    owner = travel.begin(way, olga)
    owner.to_place(group)
    owner.follow("core")
    journey = travel.begin(way, "admin")
    page = journey.page
    page.get_by_role("link", name="Administration").click()
    journey.follow("Settings")
    journey.choose("Package registry", "Off")
    journey.press("Save the settings")
    journey.told("The settings were saved.")
    journey.after("registry-turned-off")
    journey.follow("Overview")
    expect(page.get_by_text("The package registry is turned off for everybody.")).to_be_visible()
    journey.after("overview-turned-off")
    owner.page.reload()
    expect(owner.page.get_by_role("heading", name="No package registry")).to_be_visible()
    owner.after("project-turned-off")
    journey.follow("Turn it on in the settings")
    journey.choose("Package registry", "On")
    journey.press("Save the settings")
    journey.told("The settings were saved.")
    owner.page.reload()
    expect(owner.page.get_by_role("heading", name="Publish the first package")).to_be_visible()
    journey.follow("Limits")
    expect(page.get_by_text("change the setting in its configuration")).to_be_visible()


def shown_once(journey: Journey, label: str, what: str) -> str:
    """Copy the password that the page shows, and lose it; leads to the user."""
    page = journey.page
    password = page.get_by_role("group", name=label).inner_text()
    journey.after(what)
    if journey.way.javascript:
        page.get_by_role("button", name=f"Copy: {label}").click()
        expect(page.get_by_role("button", name=f"Copy: {label}")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == password
    with journey.sends_nothing():
        page.reload()
    assert password not in page.content()
    return password


def comes_in(travel: Travel, username: str, password: str) -> None:
    """Somebody signs in for the first time."""
    journey = travel.begin(AT_A_DESK)
    journey.follow("Sign in")
    journey.fill("User name", username)
    journey.fill("Password", password)
    journey.press("Sign in")
    expect(journey.page.get_by_role("link", name=f"Your profile: {username}")).to_be_visible()
