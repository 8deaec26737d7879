"""An Owner makes groups and projects, changes their settings, and deletes them."""

import re

import pytest
from playwright.sync_api import expect

from pyregistry.authnz.roles import Role
from tests.browser.journeys import BOTH_WAYS, Travel, Way

pytestmark = pytest.mark.browser


@BOTH_WAYS
def test_a_subgroup_and_a_project_are_created(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("New subgroup")
    journey.fill("Name", "Data Team")
    journey.fill("Path", "api")
    journey.fill("Description", "Feeds, grids\nand what they need")
    journey.press("Create the group")
    journey.refused("reserved word: choose another path")
    journey.after("group-refused")
    expect(journey.input("Name")).to_have_value("Data Team")
    expect(journey.input("Path")).to_have_value("api")
    expect(journey.input("Description")).to_have_value("Feeds, grids\nand what they need")
    journey.fill("Path", "")
    journey.press("Create the group")
    journey.told(f"The group {group}/data-team was created.")
    journey.after("group-created")
    journey.follow("New project")
    journey.fill("Name", "Ware House")
    journey.press("Create the project")
    journey.told(f"The project {group}/data-team/ware-house was created.")
    expect(page.get_by_role("heading", name="Publish the first package")).to_be_visible()
    journey.after("project-created")
    with journey.sends_nothing():
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("New project")
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_contain_text("ware-house")
        page.reload()
    # What was done is told once.
    expect(page.get_by_text("was created.")).to_have_count(0)


@BOTH_WAYS
def test_the_settings_of_a_project_are_changed(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga, "internal")
    travel.registry().project(f"{group}/core")
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("core")
    old_address = page.url
    journey.follow("Settings")
    journey.fill("Description", "What everybody needs")
    journey.press("Save the name and description")
    journey.told("The name and the description are saved.")
    journey.after("described")
    expect(journey.input("Public", "radio")).to_be_disabled()
    journey.input("Internal", "radio").check()
    journey.press("Save the visibility")
    journey.told("internal")
    journey.input("On, and anyone can pull", "radio").check()
    journey.press("Save the package registry")
    journey.told("Anyone can pull now.")
    journey.fill("Path", "no blanks please")
    journey.press("Change the path")
    journey.refused("is not a valid path")
    expect(journey.input("Path")).to_have_value("no blanks please")
    journey.after("path-refused")
    journey.fill("Path", "base")
    journey.press("Change the path")
    journey.told("The path is saved.")
    expect(page).to_have_url(re.compile(f"/{group}/base/-/settings$"))
    # What somebody has kept of the old address.
    page.goto(old_address)
    expect(page).to_have_url(re.compile(f"/{group}/base/$"))
    expect(page.get_by_text("What everybody needs")).to_be_visible()
    expect(page.get_by_text("Internal", exact=True)).to_be_visible()


@BOTH_WAYS
def test_a_group_is_not_hidden_before_what_it_holds(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga, "internal")
    travel.registry().project(f"{group}/core", "internal")
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("Settings")
    journey.input("Private", "radio").check()
    journey.press("Save the visibility")
    journey.refused(f"{group}/core")
    expect(journey.input("Private", "radio")).to_be_checked()
    journey.after("visibility-refused")


@BOTH_WAYS
def test_a_project_is_moved_and_deleted(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group, other = travel.group(olga), travel.group(olga)
    travel.registry().project(f"{group}/core")
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("core", "Settings", "Move …")
    journey.press("Move the project")
    journey.refused("Choose where it goes.")
    journey.after("move-refused")
    journey.input(other, "radio").check()
    journey.press("Move the project")
    journey.told(f"The project is at {other}/core now.")
    journey.after("moved")
    journey.follow("Settings", "Delete …")
    delete = "Delete the project with everything in it"
    label = f"Type “{other}/core” to confirm"
    journey.fill(label, "core")
    journey.press(delete)
    journey.refused(f"Type “{other}/core” to confirm.")
    expect(journey.input(label)).to_have_value("core")
    journey.after("project-deletion-refused")
    journey.fill(label, f"{other}/core")
    journey.press(delete)
    journey.told(f"The project {other}/core was deleted.")
    journey.after("project-deleted")
    with journey.sends_nothing():
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Delete this project")
    journey.fill(label, f"{other}/core")
    journey.press(delete)
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    journey.after("project-deleted-again")


@BOTH_WAYS
def test_a_group_is_left(travel: Travel, way: Way) -> None:
    olga, dora = travel.somebody("olga"), travel.somebody("dora")
    group = travel.group(olga)
    travel.registry().member(group, dora, Role.DEVELOPER)
    journey = travel.begin(way, dora)
    journey.to_place(group)
    journey.follow("Members", "Leave this group")
    journey.press("Leave")
    journey.told(f"You have left {group}.")
    journey.after("left")
    expect(journey.page.get_by_role("link", name=group, exact=True)).to_have_count(0)
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("Members", "Leave this group")
    journey.press("Leave")
    journey.refused("Owner")
    journey.after("leave-refused")
