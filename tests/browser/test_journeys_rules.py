"""Reserved prefixes and protection rules: made, changed and removed."""

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import THE_OTHER_WAYS, Travel, Way

pytestmark = pytest.mark.browser


@THE_OTHER_WAYS
def test_a_prefix_is_reserved_and_given_up(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    for name in ("core", "tools"):
        travel.registry().project(f"{group}/{name}")
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("Rules")
    journey.fill("Prefix", "acme")
    journey.fill("Projects that it belongs to", f"{group}/cores")
    journey.press("Reserve the prefix")
    journey.refused("cores")
    expect(journey.input("Prefix")).to_have_value("acme")
    expect(journey.input("Projects that it belongs to")).to_have_value(f"{group}/cores")
    journey.after("prefix-refused")
    journey.fill("Projects that it belongs to", f"{group}/core")
    journey.press("Reserve the prefix")
    journey.told("The prefix acme is reserved.")
    journey.after("prefix-reserved")
    journey.follow("Change the prefix acme")
    journey.fill("Projects that it belongs to", f"{group}/core\n{group}/tools")
    journey.press("Save the prefix")
    journey.told("The prefix acme is saved.")
    expect(journey.page.get_by_text(f"Belongs to {group}/core, {group}/tools")).to_be_visible()
    journey.follow("Change the prefix acme")
    journey.press("Give the prefix up")
    journey.told("The prefix acme is reserved no more.")
    journey.after("prefix-given-up")


@THE_OTHER_WAYS
def test_a_rule_is_added_changed_and_removed(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    travel.registry().project(f"{group}/core")
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("core", "Rules")
    journey.fill("Names of packages", "acme-*")
    journey.press("Add the rule")
    journey.told("The rule for acme-* holds now.")
    journey.after("rule-added")
    journey.fill("Names of packages", "acme-*")
    journey.choose("Who may delete", "Owners")
    journey.press("Add the rule")
    journey.refused("The project has a protection rule for 'acme-*' already.")
    expect(journey.input("Names of packages")).to_have_value("acme-*")
    expect(journey.page.get_by_label("Who may delete")).to_have_value("owner")
    journey.after("rule-refused")
    journey.follow("Change the rule for acme-*")
    journey.fill("Names of packages", "(")
    journey.press("Save the rule")
    journey.refused("'('")
    expect(journey.input("Names of packages")).to_have_value("(")
    journey.after("change-of-rule-refused")
    journey.fill("Names of packages", "acme-core")
    journey.choose("Who may push", "Owners")
    journey.press("Save the rule")
    journey.told("The rule for acme-core is saved.")
    journey.after("rule-changed")
    journey.follow("Change the rule for acme-core")
    journey.press("Remove the rule")
    journey.told("The rule for acme-core is removed.")
    journey.after("rule-removed")
