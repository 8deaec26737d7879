"""Starting, watching and stopping a migration of the storage in a browser without scripts."""

import pytest
from pyramid.registry import Registry

from pyregistry.jobs.models import JobState
from tests.factories.migrations import begin, end, put_files_into, with_bucket
from tests.factories.recorded import digests_of, record
from tests.factories.world import PASSWORD, World
from tests.functional.ui.browsing import main_text, signed_in, visit
from tests.functional.ui.sending import posted, sent

ADDRESS = "/-/admin/storage"
FORM = "migrate-storage"


@pytest.fixture
def migrating(world: World, application: tuple[object, Registry]) -> World:
    """A registry with a folder that holds a file, and a bucket; an administrator is signed in."""
    world.user("root", is_admin=True, password=PASSWORD)
    record(world, world.project("acme/core"), digests_of(b"bytes"))
    world = with_bucket(world)
    application[1]["pyregistry.components"] = world.components
    signed_in(world, "root")
    return world


def text(world: World) -> str:
    """What the page says."""
    return main_text(visit(world, ADDRESS))


def test_from_the_start_to_the_end(migrating: World) -> None:
    assert [
        option[0]
        for option in visit(migrating, ADDRESS)
        .forms[FORM]
        .fields["destination_storage_name"][0]
        .options
    ] == ["s3"]
    sent(migrating, ADDRESS, FORM, 303, destination_storage_name="s3")
    shown = text(migrating)
    assert "The files will be moved to the storage s3." in shown
    assert "start pyregistry worker" in shown
    claimed = begin(migrating)
    page = visit(migrating, ADDRESS)
    shown = main_text(page)
    assert "250 of 1,000 objects, 3.0 MiB of 12.0 MiB, 1 failure" in shown
    assert "1.0 MiB a second, less than a minute left." in shown
    bar = page.html.find("progress")
    assert (bar["value"], bar["max"]) == (str(3 * 1024**2), str(12 * 1024**2))
    assert page.html.find("a", string="Show how far it is now")["href"] == ADDRESS
    assert FORM not in page.forms
    end(migrating, claimed, JobState.SUCCEEDED)
    put_files_into(migrating, "s3")
    page = visit(migrating, ADDRESS)
    shown = main_text(page)
    assert "Done To the storage s3, just now , started by root ." in shown
    assert "Moved 1,000 files, 12.0 MiB" in shown
    assert "The storage local does not hold it" in shown
    assert [option[0] for option in page.forms[FORM].fields["destination_storage_name"][0].options]
    assert page.html.find("progress") is None


def test_stopping(migrating: World) -> None:
    sent(migrating, ADDRESS, FORM, 303, destination_storage_name="s3")
    claimed = begin(migrating)
    sent(migrating, ADDRESS, "stop-migration", 303)
    page = visit(migrating, ADDRESS)
    assert "Stopping Its worker will stop within seconds." in main_text(page)
    assert "stop-migration" not in page.forms
    end(migrating, claimed, JobState.CANCELLED)
    assert "Stopped To the storage s3" in text(migrating)
    assert FORM in visit(migrating, ADDRESS).forms


def test_a_failure_says_why(migrating: World) -> None:
    sent(migrating, ADDRESS, FORM, 303, destination_storage_name="s3")
    end(migrating, begin(migrating), JobState.FAILED, "The bucket <b>is</b> full.")
    assert "started by root . The bucket <b>is</b> full." in text(migrating)


def test_a_second_one_is_refused_on_the_page(migrating: World) -> None:
    sent(migrating, ADDRESS, FORM, 303, destination_storage_name="s3")
    fields = {"destination_storage_name": "s3"}
    page = posted(migrating, f"{ADDRESS}/migrate", fields, 409)
    assert "has not finished yet" in page.html.main.find(role="alert").get_text()


def test_another_storage_is_refused_beside_the_field(migrating: World) -> None:
    page = sent(migrating, ADDRESS, FORM, 400, destination_storage_name="tape")
    assert "must be a storage that is configured: local or s3." in main_text(page)


def test_what_is_over_cannot_be_stopped(migrating: World) -> None:
    sent(migrating, ADDRESS, FORM, 303, destination_storage_name="s3")
    claimed = begin(migrating)
    end(migrating, claimed, JobState.SUCCEEDED)
    posted(migrating, f"{ADDRESS}/migrations/{claimed.job_id}/stop", {}, 409)
    posted(migrating, f"{ADDRESS}/migrations/99/stop", {}, 404)


def test_with_one_storage_there_is_nothing_to_move(world: World) -> None:
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "root")
    assert "Moving files" not in text(world)
