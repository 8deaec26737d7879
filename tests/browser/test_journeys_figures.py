"""What happened and how much: filtered, and taken home as a file."""

import csv
import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import BOTH_WAYS, Travel, Way
from tests.factories.distributions import wheel

pytestmark = pytest.mark.browser


def downloaded(page: Page, link: str) -> str:
    """What a link gives to keep."""
    with page.expect_download() as waited:
        page.get_by_role("link", name=link, exact=True).click()
    return waited.value.path().read_text()


@BOTH_WAYS
def test_activity_and_usage(travel: Travel, way: Way) -> None:
    olga = travel.somebody("olga")
    group, world = travel.group(olga), travel.registry()
    world.project(f"{group}/core")
    headers = world.as_(olga)
    for name in ("acme-tool", "acme-grid"):
        world.upload(f"{group}/core", wheel(name), headers)
    journey = travel.begin(way, olga)
    page = journey.page
    journey.to_place(group)
    journey.follow("core", "Activity")
    journey.choose("What happened", "Files published")
    journey.fill("Package", "acme_Tool")
    journey.press("Show")
    sentence = f"{olga} published acme_tool-1.0-py3-none-any.whl of acme-tool 1.0"
    expect(page.get_by_role("listitem").filter(has_text="published")).to_have_count(1)
    expect(page.get_by_text(sentence)).to_be_visible()
    journey.after("activity-filtered")
    (event,) = [
        json.loads(line) for line in downloaded(page, "Download as JSON Lines").split("\n") if line
    ]
    assert (event["action"], event["package"]) == ("file.pushed", "acme-tool")
    today = datetime.now(UTC).date().isoformat()
    journey.fill("From", today)
    journey.fill("To", "2020-01-01")
    journey.press("Show")
    journey.refused("The last day (to) must not be before the first one (from).")
    journey.after("activity-refused")
    journey.follow("Usage", "7 days")
    journey.fill("Package", "acme-grid")
    journey.press("Show")
    journey.after("usage-filtered")
    rows = list(csv.DictReader(downloaded(page, "Download as CSV").splitlines()))
    assert len(rows) == 7
    assert sum(int(row["file.pushed"]) for row in rows) == 1
    journey.fill("To", "2020-01-01")
    journey.press("Show")
    journey.refused("The last day (to) must not be before the first one (from).")
    journey.after("usage-refused")
