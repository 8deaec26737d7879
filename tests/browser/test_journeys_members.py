"""An Owner adds a member, changes their role, and removes them."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import BOTH_WAYS, Travel, Way

pytestmark = pytest.mark.browser


@BOTH_WAYS
def test_a_member_comes_and_goes(travel: Travel, way: Way) -> None:
    olga, dora = travel.somebody("olga"), travel.somebody("dora")
    group = travel.group(olga)
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("Members", "Add a member")
    last_day = (datetime.now(UTC) + timedelta(days=40)).date()
    journey.fill("User name", f"{dora}x")
    journey.choose("Role", "Reporter")
    journey.fill("Last day", last_day.isoformat())
    journey.press("Add the member")
    journey.refused(f"There is no user '{dora}x'")
    expect(journey.input("User name")).to_have_value(f"{dora}x")
    expect(page.get_by_label("Role")).to_have_value("20")
    expect(page.get_by_label("Last day")).to_have_value(last_day.isoformat())
    journey.after("member-refused")
    journey.fill("User name", dora)
    journey.press("Add the member")
    journey.told(f"{dora} is a Reporter of {group} now.")
    journey.after("member-added")
    journey.follow("Add a member")
    journey.fill("User name", dora)
    journey.press("Add the member")
    journey.refused("already")
    journey.after("member-refused-again")
    journey.follow("Cancel", f"Change {dora}")
    journey.choose("Role", "Maintainer")
    journey.fill("Last day", "")
    journey.press("Save")
    journey.told(f"{dora} is a Maintainer of {group} now.")
    journey.after("member-changed")
    with journey.sends_nothing():
        page.go_back()
        page.go_forward()
    journey.follow(f"Change {dora}", "Remove from this group")
    journey.press("Remove")
    journey.told(f"{dora} has no role of their own in {group} any more.")
    journey.after("member-removed")
    expect(page.get_by_role("link", name=f"Change {dora}")).to_have_count(0)


@BOTH_WAYS
def test_the_last_owner_stays_one(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("Members", f"Change {olga}")
    journey.choose("Role", "Developer")
    journey.press("Save")
    journey.refused("Owner")
    expect(journey.page.get_by_label("Role")).to_have_value("30")
    journey.after("change-of-member-refused")
    journey.follow("Remove from this group")
    journey.press("Remove")
    journey.refused("Owner")
    journey.after("removal-of-member-refused")
