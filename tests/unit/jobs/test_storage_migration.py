"""Moving files as a job: watched, stopped, taken over, and told of."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.errors import Invalid
from pyregistry.jobs.errors import JobFinished, JobNotFound, JobUnfinished
from pyregistry.jobs.kinds.storage_migration import NAME, run
from pyregistry.jobs.models import JobState
from pyregistry.jobs.services.storage_migrations import (
    MigrationProgress,
    StorageMigration,
    find_migration,
    latest_migration,
    migrations_slice,
    start_migration,
    stop_migration,
)
from pyregistry.jobs.work import JobKind, Parts
from pyregistry.jobs.worker import Worker
from pyregistry.slices import Window
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage
from pyregistry.storage.storages import NAMES, Storages
from tests.factories.shelves import Shelves, nothing
from tests.unit.jobs.conftest import Jobs


class OnShelves(Storages):
    """The storages of a test."""

    def __init__(self, shelves: Shelves) -> None:
        super().__init__(shelves.world.components.settings)
        self._shelves = shelves

    def named(self, name: str) -> IFileStorage:
        return self._shelves.named(name)


@dataclass
class Migrations:
    """A registry with two storages, an administrator and workers."""

    jobs: Jobs
    shelves: Shelves
    root: Actor

    @property
    def parts(self) -> Parts:
        """What the workers work with."""
        return replace(self.jobs.parts, storages=OnShelves(self.shelves))

    def start(self, target: str | None = "s3") -> StorageMigration:
        """Start a migration."""
        with self.jobs.world.components.database.writing() as session:
            return start_migration(session, target, NAMES, self.root, self.jobs.world.clock())

    def stop(self, number: int | None) -> StorageMigration:
        """Stop one."""
        with self.jobs.world.components.database.writing() as session:
            return stop_migration(session, number, self.root, self.jobs.world.clock())

    def now(self, number: int) -> StorageMigration:
        """One as it is now."""
        with self.jobs.world.components.database.reading() as session:
            return find_migration(session, number)

    def work(self) -> None:
        """Have a worker do what waits, by the clock of the database as it is."""
        Worker(self.parts, {NAME: JobKind(NAME, run)}, self.jobs.stop, self.jobs.manner()).run(
            once=True
        )

    def events(self) -> list[tuple[str, str | None, object]]:
        """What was recorded of migrations."""
        return [
            (event.action, event.actor_name, event.details["storage"])
            for event in self.jobs.world.events()
            if event.action.startswith("storage_migration.")
        ]


@pytest.fixture
def migrations(jobs: Jobs, tmp_path: Path) -> Migrations:
    """No migration yet."""
    root = Actor(jobs.world.user("root", is_admin=True), "root")
    return Migrations(jobs, Shelves(jobs.world, tmp_path / "shelves"), root)


def test_a_migration_moves_files_and_reports(migrations: Migrations) -> None:
    digests = migrations.shelves.publish_many(3)
    number = migrations.start().id
    waiting = migrations.now(number)
    assert (waiting.state, waiting.username, waiting.progress, waiting.result) == (
        JobState.QUEUED,
        "root",
        MigrationProgress(),
        None,
    )
    migrations.work()
    assert migrations.shelves.rows() == {"s3": set(digests)}
    over = migrations.now(number)
    assert (over.state, over.reason, over.target) == (JobState.SUCCEEDED, None, "s3")
    assert replace(over.progress, seconds=0) == MigrationProgress(3, 3, 27, 27)
    assert over.progress.bytes_per_second is not None
    assert over.progress.seconds_left == 0
    assert over.result is not None
    assert {name: over.result[name] for name in ("moved", "moved_files", "files_left")} == {
        "moved": 3,
        "moved_files": 3,
        "files_left": 0,
    }
    assert migrations.events() == [("storage_migration.started", "root", "s3")]


def test_only_one_at_a_time(migrations: Migrations) -> None:
    first = migrations.start()
    with pytest.raises(JobUnfinished):
        migrations.start("local")
    migrations.work()
    second = migrations.start("local")
    with migrations.jobs.world.components.database.reading() as session:
        listed = migrations_slice(session, Window(10)).rows
        assert [each.id for each in listed] == [second.id, first.id]
        assert latest_migration(session) == listed[0]
    assert [event for event, *_ in migrations.events()] == ["storage_migration.started"] * 2


@pytest.mark.parametrize("target", [None, "", "tape"])
def test_only_to_a_storage_that_is_configured(migrations: Migrations, target: str | None) -> None:
    with pytest.raises(Invalid, match="destination_storage_name"):
        migrations.start(target)
    assert migrations.events() == []


def test_stopping_one_that_waits(migrations: Migrations) -> None:
    migrations.shelves.publish_many(1)
    number = migrations.start().id
    assert migrations.stop(number).state is JobState.CANCELLED
    migrations.work()
    assert migrations.shelves.rows().keys() == {"local"}
    with pytest.raises(JobFinished):
        migrations.stop(number)
    assert [event for event, *_ in migrations.events()] == [
        "storage_migration.started",
        "storage_migration.stopped",
    ]


@pytest.mark.parametrize("number", [None, 99])
def test_stopping_what_there_is_not(migrations: Migrations, number: int | None) -> None:
    migrations.jobs.add()
    with pytest.raises(JobNotFound):
        migrations.stop(number)


def test_jobs_of_other_kinds_are_no_migrations(migrations: Migrations) -> None:
    other = migrations.jobs.add()
    with pytest.raises(JobNotFound):
        migrations.stop(other)
    with migrations.jobs.world.components.database.reading() as session:
        assert latest_migration(session) is None


def test_stopping_one_that_runs_keeps_what_was_moved(migrations: Migrations) -> None:
    migrations.shelves.publish_many(40)
    number = migrations.start().id

    lock, leases = Lock(), []

    def stop_and_wait_for_the_worker(_sha256: str) -> None:
        with lock:
            if not leases:
                assert migrations.stop(number).is_stopping
                # To ask again is no second event.
                migrations.stop(number)
                leases.append(migrations.jobs.job(number).lease_until)
        while migrations.jobs.job(number).lease_until == leases[0]:
            time.sleep(0.01)

    migrations.shelves.s3.on_begin = stop_and_wait_for_the_worker
    migrations.jobs.lease_seconds = 1.2
    migrations.work()
    over = migrations.now(number)
    assert (over.state, over.is_over, over.is_stopping) == (JobState.CANCELLED, True, False)
    assert over.result is not None
    assert over.result["stopped"]
    moved = len(migrations.shelves.rows().get("s3", ()))
    assert moved < 40
    assert over.result["moved"] == moved
    assert len(migrations.events()) == 2


def test_a_worker_that_stops_leaves_the_rest_to_another(migrations: Migrations) -> None:
    digests = migrations.shelves.publish_many(20)
    number = migrations.start().id
    migrations.shelves.s3.on_begin = lambda _sha256: migrations.jobs.stop.ask()
    migrations.work()
    left = migrations.now(number)
    assert (left.state, left.attempts) == (JobState.QUEUED, 0)
    migrations.shelves.s3.on_begin = nothing
    migrations.jobs.start_again()
    migrations.work()
    assert migrations.now(number).state is JobState.SUCCEEDED
    assert migrations.shelves.rows() == {"s3": set(digests)}


def test_what_cannot_be_moved_is_in_the_report(migrations: Migrations) -> None:
    good, bad = migrations.shelves.publish_many(2)
    migrations.shelves.local.damage(bad)
    number = migrations.start().id
    migrations.work()
    over = migrations.now(number)
    assert (over.state, over.attempts) == (JobState.FAILED, 1)
    assert over.reason == "1 object could not be moved."
    assert over.result is not None
    assert (over.result["damaged"], over.result["moved"], over.result["files_left"]) == (1, 1, 1)
    (trouble,) = over.result["troubles"]
    assert (trouble["sha256"], trouble["problem"]) == (bad, "damaged")
    assert migrations.shelves.rows() == {"s3": {good}, "local": {bad}}


def test_a_storage_that_does_not_answer_is_tried_again(migrations: Migrations) -> None:
    def fail(_sha256: str) -> None:
        raise StorageUnavailable("The service does not answer.")

    migrations.shelves.publish_many(1)
    number = migrations.start().id
    migrations.shelves.s3.on_begin = fail
    migrations.work()
    waiting = migrations.now(number)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 1)
    assert waiting.reason == "1 object could not be moved this time."
