"""Releases are yanked and come back; files, releases and packages are deleted."""

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import THE_OTHER_WAYS, Journey, Travel, Way
from tests.factories.distributions import sdist, wheel

pytestmark = pytest.mark.browser


def published(travel: Travel, way: Way, *versions: str) -> Journey:
    """An Owner on the page of a project with a package of these releases, each of two files."""
    olga = travel.somebody("olga")
    group, world = travel.group(olga), travel.registry()
    world.project(f"{group}/core")
    for version in versions:
        for build in (sdist, wheel):
            world.upload(f"{group}/core", build("acme-tool", version), world.as_(olga))
    journey = travel.begin(way, olga)
    journey.to_place(group)
    journey.follow("core")
    return journey


@THE_OTHER_WAYS
def test_a_release_is_yanked_and_comes_back(travel: Travel, way: Way) -> None:
    journey = published(travel, way, "1.0", "1.1")
    journey.follow("acme-tool", "Yank 1.1")
    journey.fill("Reason", "x" * 1001)
    journey.press("Yank this release")
    journey.refused("A reason has at most 1000 characters.")
    expect(journey.input("Reason")).to_have_value("x" * 1001)
    journey.after("yank-refused")
    journey.fill("Reason", "It loses orders: use 1.0.")
    journey.press("Yank this release")
    journey.told("acme-tool 1.1 was yanked.")
    expect(journey.page.get_by_text("It loses orders: use 1.0.").first).to_be_visible()
    journey.after("yanked")
    journey.follow("Take the yank back")
    journey.press("Take the yank back")
    journey.told("acme-tool 1.1 is not yanked any more.")
    journey.after("unyanked")
    with journey.sends_nothing():
        journey.page.go_back()
        expect(journey.page.get_by_text("This release is not yanked")).to_be_visible()


@THE_OTHER_WAYS
def test_a_file_then_a_release_then_the_package_is_deleted(travel: Travel, way: Way) -> None:
    journey = published(travel, way, "1.0", "1.1", "1.2")
    page = journey.page
    journey.follow("acme-tool")
    page.get_by_text("Digests and deletion of acme_tool-1.2.tar.gz").click()
    journey.follow("Delete this file")
    journey.press("Delete this file")
    journey.told("acme_tool-1.2.tar.gz was deleted.")
    journey.after("file-deleted")
    journey.follow("Delete 1.2")
    journey.press("Delete this release")
    journey.told("acme-tool 1.2 was deleted.")
    journey.after("release-deleted")
    journey.follow("Delete the package")
    journey.fill("Type “acme-tool” to confirm", "acme")
    journey.press("Delete this package")
    journey.refused("Type “acme-tool” to confirm.")
    journey.after("package-deletion-refused")
    journey.fill("Type “acme-tool” to confirm", "acme-tool")
    journey.press("Delete this package")
    journey.told("acme-tool was deleted.")
    expect(page.get_by_role("heading", name="Publish the first package")).to_be_visible()
    journey.after("package-deleted")


@THE_OTHER_WAYS
def test_what_changed_meanwhile_is_looked_at_again(travel: Travel, way: Way) -> None:
    journey = published(travel, way, "1.0")
    journey.follow("acme-tool", "Delete 1.0")
    project = "/".join(journey.page.url.split("/")[3:5])
    late = wheel("acme-tool", "1.0", tags="cp313-cp313-win_amd64")
    world = travel.registry()
    world.upload(project, late, world.as_(journey.username))
    journey.press("Delete this release")
    journey.refused("It was changed since you opened this page")
    expect(journey.page.get_by_text("The release with its 3 files")).to_be_visible()
    journey.after("release-deletion-refused")
    journey.press("Delete this release")
    journey.told("acme-tool 1.0 was deleted.")


@THE_OTHER_WAYS
def test_a_status_is_set(travel: Travel, way: Way) -> None:
    journey = published(travel, way, "1.0")
    journey.follow("acme-tool", "Set the status")
    journey.input("Deprecated", "radio").check()
    journey.fill("Reason", "acme-tools does the same.")
    journey.press("Set the status")
    journey.told("acme-tool is deprecated now.")
    expect(journey.page.get_by_text("acme-tools does the same.")).to_be_visible()
    journey.after("status-set")
