"""An administrator has files moved to another storage, watches it, and stops it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from pyregistry.jobs.models import Job, JobState
from tests.browser.journeys import BOTH_WAYS, Travel, Way
from tests.factories.migrations import begin, end

pytestmark = pytest.mark.browser


@pytest.fixture
def _none_is_left(travel: Travel) -> Iterator[None]:
    """Other pages show the last migration."""
    yield
    with travel.world.components.database.writing() as session:
        session.execute(delete(Job))


@pytest.mark.usefixtures("_none_is_left")
@BOTH_WAYS
def test_files_are_moved(travel: Travel, way: Way) -> None:
    journey = travel.begin(way, "admin")
    journey.follow("Administration", "Storage")
    section = journey.page.get_by_role("region", name="Moving files to another storage")
    journey.choose("Move all files to", "s3")
    journey.press("Move all files")
    journey.told("The files will be moved to the storage s3.")
    expect(section).to_contain_text("start pyregistry worker")
    journey.after("migration-started")
    claimed = begin(travel.world)
    journey.follow("Show how far it is now")
    bar = section.get_by_role("progressbar", name="Bytes that were moved")
    expect(bar).to_be_visible()
    expect(section).to_contain_text("250 of 1,000 objects")
    journey.after("migration-running")
    journey.press("Stop")
    journey.told("The migration is being stopped.")
    expect(section).to_contain_text("Its worker will stop within seconds.")
    end(travel.world, claimed, JobState.FAILED, "1 object could not be moved.")
    journey.follow("Show how far it is now")
    expect(section).to_contain_text("1 object could not be moved.")
    expect(bar).to_have_count(0)
    journey.after("migration-over")
