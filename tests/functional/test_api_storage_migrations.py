"""Migrations of the storage by the API. Who may is proved in tests/policy."""

import pytest
from pyramid.registry import Registry

from pyregistry.authnz.permissions import Scope
from pyregistry.jobs.models import JobState
from tests.factories.migrations import PROGRESS, RESULT, begin, end, with_bucket
from tests.factories.world import World
from tests.functional.support import sentence_of

ADDRESS = "/api/v4/application/storage_migrations"
TO_S3 = {"destination_storage_name": "s3"}


@pytest.fixture
def migrating(world: World, application: tuple[object, Registry]) -> World:
    """A registry with a folder and a bucket."""
    world.user("root", is_admin=True)
    world = with_bucket(world)
    application[1]["pyregistry.components"] = world.components
    return world


@pytest.fixture
def root(migrating: World) -> dict[str, str]:
    """Headers of an administrator."""
    return migrating.as_("root")


def test_starting_watching_and_listing(migrating: World, root: dict[str, str]) -> None:
    app = migrating.app
    started = app.post_json(ADDRESS, TO_S3, headers=root, status=201).json
    number = started["id"]
    assert {name: started[name] for name in ("state", "username", "attempts", "report")} == {
        "state": "queued",
        "username": "root",
        "attempts": 0,
        "report": None,
    }
    claimed = begin(migrating)
    reader = migrating.as_("root", Scope.READ_API)
    shown = app.get(f"{ADDRESS}/{number}", headers=reader).json
    assert (shown["state"], shown["destination_storage_name"]) == ("running", "s3")
    counted = {name: value for name, value in PROGRESS.items() if name != "seconds"}
    assert shown["progress"] == {**counted, "bytes_per_second": 1024**2, "seconds_left": 9}
    end(migrating, claimed, JobState.FAILED, "1 object could not be moved.")
    shown = app.get(f"{ADDRESS}/{number}", headers=reader).json
    assert (shown["state"], shown["reason"]) == ("failed", "1 object could not be moved.")
    assert shown["report"] == RESULT
    again = app.post(ADDRESS, TO_S3, headers=root, status=201).json["id"]
    listed = app.get(ADDRESS, headers=reader)
    assert [each["id"] for each in listed.json] == [again, number]
    assert listed.headers["X-Total"] == "2"


def test_workers_of_another_version_may_say_more(migrating: World, root: dict[str, str]) -> None:
    """They are restarted one after the other."""
    started = migrating.app.post_json(ADDRESS, TO_S3, headers=root).json
    begin(migrating, done_files=7)
    found = migrating.app.get(f"{ADDRESS}/{started['id']}", headers=root).json
    assert found["progress"]["done_objects"] == 250


def test_one_at_a_time(migrating: World, root: dict[str, str]) -> None:
    migrating.app.post_json(ADDRESS, TO_S3, headers=root, status=201)
    response = migrating.app.post_json(ADDRESS, TO_S3, headers=root, status=409)
    assert "has not finished yet" in sentence_of(response)


def test_stopping(migrating: World, root: dict[str, str]) -> None:
    app = migrating.app
    number = app.post_json(ADDRESS, TO_S3, headers=root).json["id"]
    claimed = begin(migrating)
    for _ in range(2):
        stopping = app.post(f"{ADDRESS}/{number}/cancel", headers=root).json
        assert (stopping["state"], stopping["stopping"]) == ("running", True)
    end(migrating, claimed, JobState.CANCELLED)
    assert app.get(f"{ADDRESS}/{number}", headers=root).json["stopping"] is False
    response = app.post(f"{ADDRESS}/{number}/cancel", headers=root, status=409)
    assert sentence_of(response) == "This job has finished already."
    events = [(event.action, event.details) for event in migrating.events()]
    details = {"job_id": number, "storage": "s3"}
    assert events == [
        ("storage_migration.started", details),
        ("storage_migration.stopped", details),
    ]


@pytest.mark.parametrize("body", [{}, {"destination_storage_name": "tape"}])
def test_a_storage_that_there_is_not(
    migrating: World, root: dict[str, str], body: dict[str, str]
) -> None:
    response = migrating.app.post_json(ADDRESS, body, headers=root, status=400)
    assert "destination_storage_name" in sentence_of(response)
    assert migrating.app.get(ADDRESS, headers=root).json == []


@pytest.mark.parametrize("number", ["7", "x", "0"])
def test_a_migration_that_there_is_not(migrating: World, root: dict[str, str], number: str) -> None:
    migrating.app.get(f"{ADDRESS}/{number}", headers=root, status=404)
    migrating.app.post(f"{ADDRESS}/{number}/cancel", headers=root, status=404)
