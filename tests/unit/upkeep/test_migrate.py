"""Moving files into another storage, whatever happens meanwhile."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.packaging.services.change import delete_file
from pyregistry.packaging.services.references import named_digests
from pyregistry.progress import Progress
from pyregistry.storage.errors import StorageFull, StorageReadOnly, StorageUnavailable
from pyregistry.storage.sweeper import SweepReport, sweep
from pyregistry.upkeep.reports import MigrationReport, Problem, Troubles
from pyregistry.upkeep.services.migrate import migrate
from pyregistry.upkeep.services.objects import Window, objects_of
from tests.factories.recorded import anything, digests_of
from tests.factories.shelves import Shelf, Shelves

GRACE = timedelta(days=1)


def moved(shelves: Shelves, target: str = "s3", **options: object) -> MigrationReport:
    database = shelves.world.components.database
    return migrate(database, shelves.named, target, **options)


def once(work: Callable[[], object]) -> Callable[[str], None]:
    """Does something at the first call, and nothing at the others."""
    left = [work]

    def do(_sha256: str) -> None:
        if left:
            left.pop()()

    return do


def make_old(shelf: Shelf, sha256: str) -> None:
    moment = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(shelf.local_path(sha256), (moment, moment))


def swept(shelves: Shelves, shelf: Shelf, grace: timedelta = GRACE) -> SweepReport:
    ask = named_digests(shelves.world.components.database, shelf.name)
    reports = sweep(shelf, ask, grace=grace, now=datetime.now(UTC))
    return sum(reports, start=SweepReport())


def delete(shelves: Shelves, filename: str) -> None:
    world = shelves.world
    file = world.file_named(filename)
    assert file is not None
    with world.components.database.writing() as session:
        delete_file(session, file.id, Actor(), world.clock(), permit=anything)


def test_nothing_to_move(shelves: Shelves) -> None:
    assert moved(shelves) == MigrationReport("s3")


def test_files_are_moved(shelves: Shelves) -> None:
    digests = shelves.publish_many(5)
    report = moved(shelves)
    assert report == MigrationReport("s3", moved=5, moved_files=5, moved_bytes=45)
    assert report.is_clean
    assert shelves.rows() == {"s3": set(digests)}
    for sha256 in digests:
        content = b"".join(shelves.s3.open(sha256))
        assert digests_of(content).sha256 == sha256


def test_the_old_bytes_stay_until_the_grace_period_after_the_move_is_over(
    shelves: Shelves,
) -> None:
    sha256 = shelves.publish(b"old")
    make_old(shelves.local, sha256)
    moved(shelves)
    assert swept(shelves, shelves.local) == SweepReport()
    assert shelves.local.exists(sha256)
    make_old(shelves.local, sha256)
    assert swept(shelves, shelves.local) == SweepReport(objects=1, size=3)
    assert swept(shelves, shelves.s3, timedelta()) == SweepReport()


def test_files_of_the_same_bytes_move_together(shelves: Shelves) -> None:
    sha256 = shelves.publish(b"same")
    shelves.publish(b"same", project="acme/other")
    report = moved(shelves)
    assert (report.moved, report.moved_files, report.moved_bytes) == (1, 2, 4)
    assert shelves.rows() == {"s3": {sha256}}


def test_a_second_run_has_nothing_to_do(shelves: Shelves) -> None:
    shelves.publish_many(3)
    moved(shelves)
    assert moved(shelves) == MigrationReport("s3", already_there=3)


def test_there_and_back(shelves: Shelves) -> None:
    digests = shelves.publish_many(3)
    moved(shelves)
    back = moved(shelves, "local")
    assert (back.moved, back.reused) == (3, 3)
    assert shelves.rows() == {"local": set(digests)}


class TestWhatIsWrong:
    def test_missing_in_the_source(self, shelves: Shelves) -> None:
        sha256, sound = shelves.publish(b"gone"), shelves.publish(b"sound", "demo-1.1.tar.gz")
        shelves.local.remove(sha256)
        report = moved(shelves)
        assert not report.is_clean
        assert (report.moved, report.files_left, report.troubles.missing) == (1, 1, 1)
        (trouble,) = report.troubles.told
        assert (trouble.problem, trouble.storage, trouble.sha256, trouble.files) == (
            Problem.MISSING,
            "local",
            sha256,
            ("acme/core demo demo-1.0.tar.gz",),
        )
        assert shelves.rows() == {"local": {sha256}, "s3": {sound}}

    def test_missing_in_the_source_but_not_in_the_target(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"gone")
        shelves.s3.prepare()
        shelves.s3.put(b"gone")
        shelves.local.remove(sha256)
        assert moved(shelves).is_clean
        assert shelves.rows() == {"s3": {sha256}}

    def test_damaged_in_the_source(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"sound")
        shelves.local.damage(sha256)
        report = moved(shelves)
        assert report.troubles.damaged == report.troubles.count == 1
        assert digests_of(b"damaged").sha256 in report.troubles.told[0].reason
        assert shelves.rows() == {"local": {sha256}}
        assert list(shelves.s3.objects()) == []
        assert list(shelves.s3.pending(datetime.now(UTC) + GRACE)) == []

    def test_a_target_that_returns_other_bytes(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"sound")

        def damage(opened: str) -> None:
            if shelves.s3.local_path(opened) is not None:
                shelves.s3.damage(opened)

        shelves.s3.on_open = damage
        report = moved(shelves)
        assert report.troubles.failed == report.troubles.count == 1
        assert shelves.rows() == {"local": {sha256}}

    def test_a_damaged_copy_is_replaced(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"sound")
        shelves.s3.prepare()
        shelves.s3.damage(sha256)
        report = moved(shelves)
        assert (report.moved, report.reused) == (1, 0)
        assert b"".join(shelves.s3.open(sha256)) == b"sound"

    def test_a_sound_copy_is_not_copied_again(self, shelves: Shelves) -> None:
        shelves.publish(b"sound")
        shelves.s3.prepare()
        shelves.s3.put(b"sound")
        shelves.s3.on_begin = refusing(AssertionError())
        report = moved(shelves)
        assert (report.moved, report.reused) == (1, 1)

    def test_it_gives_up_where_nothing_succeeds(self, shelves: Shelves) -> None:
        shelves.publish_many(30)
        shelves.s3.on_begin = refusing(StorageFull("There is no room"))
        report = moved(shelves)
        assert report.gave_up
        assert not report.is_clean
        assert 20 <= report.troubles.failed < 30
        assert report.files_left == 30
        assert {trouble.reason for trouble in report.troubles.told} == {"There is no room"}

    def test_single_failures_end_nothing(self, shelves: Shelves) -> None:
        shelves.publish_many(40)
        shelves.local.on_open = refusing(StorageUnavailable("no answer"), every=2)
        report = moved(shelves)
        assert not report.gave_up
        assert (report.moved, report.troubles.failed) == (20, 20)

    def test_of_very_many_some_are_told(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"gone")
        shelves.local.remove(sha256)
        (trouble,) = moved(shelves).troubles.told
        troubles = Troubles()
        for _ in range(1005):
            troubles = troubles.plus(trouble)
        assert (troubles.count, len(troubles.told)) == (1005, 1000)


class TestPlaces:
    def test_a_target_that_is_not_configured(self, shelves: Shelves) -> None:
        with pytest.raises(StorageUnavailable, match="not configured"):
            moved(shelves, "tape")

    def test_a_source_that_is_not_configured(self, shelves: Shelves) -> None:
        shelves.publish(b"here")
        tape = Shelf("tape", shelves.folder / "tape")
        tape.prepare()
        shelves.publish(b"there", "demo-1.1.tar.gz", shelf=tape)
        with pytest.raises(StorageUnavailable, match="tape"):
            moved(shelves)
        assert "s3" not in shelves.rows()

    def test_a_target_with_files_is_not_made_anew(self, shelves: Shelves) -> None:
        # A volume that is not mounted: nothing is written below its mount point.
        shelves.publish(b"here")
        shelves.record(b"there", "demo-1.1.tar.gz", shelf=shelves.s3)
        with pytest.raises(StorageUnavailable):
            moved(shelves)
        assert not (shelves.folder / "s3").exists()

    def test_a_source_that_takes_no_writes(self, shelves: Shelves) -> None:
        shelves.publish(b"kept")
        shelves.local.on_renew = refusing(StorageReadOnly("read-only file system"))
        assert moved(shelves).is_clean

    def test_an_old_object_that_cannot_be_renewed_is_not_left(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"kept")
        shelves.local.on_renew = refusing(StorageUnavailable("no answer"))
        assert moved(shelves).troubles.failed == 1
        assert shelves.rows() == {"local": {sha256}}


class TestMeanwhile:
    def test_the_same_bytes_are_published_again(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"same")
        shelves.local.on_open = once(lambda: shelves.publish(b"same", project="acme/other"))
        report = moved(shelves)
        assert (report.moved, report.moved_files) == (1, 2)
        assert shelves.rows() == {"s3": {sha256}}

    def test_the_same_bytes_are_published_after_the_switch(self, shelves: Shelves) -> None:
        digests = shelves.publish_many(2)
        copied: list[str] = []

        def publish(sha256: str) -> None:
            if sha256 == digests[1] and not copied:
                copied.append(sha256)
                (content,) = (c for c in (b"content 0", b"content 1") if is_of(c, digests[0]))
                shelves.publish(content, project="acme/other")

        shelves.local.on_open = publish
        report = moved(shelves, workers=1)
        assert (report.moved, report.reused, report.moved_files) == (3, 1, 3)
        assert shelves.rows() == {"s3": set(digests)}

    def test_new_files_are_moved_as_well(self, shelves: Shelves) -> None:
        shelves.publish(b"first")
        shelves.local.on_open = once(lambda: shelves.publish(b"second", "demo-1.1.tar.gz"))
        assert moved(shelves).moved == 2
        assert set(shelves.rows()) == {"s3"}

    def test_it_ends_though_new_files_never_end(self, shelves: Shelves) -> None:
        number = iter(range(1, 100))

        def publish_another(_sha256: str) -> None:
            each = next(number)
            shelves.publish(f"{each}".encode(), f"demo-1.{each}.tar.gz")

        shelves.publish(b"first")
        shelves.local.on_open = publish_another
        report = moved(shelves)
        assert report.moved == 3
        assert report.files_left == 1

    def test_the_file_is_deleted(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"short-lived")
        shelves.s3.on_begin = once(lambda: delete(shelves, "demo-1.0.tar.gz"))
        report = moved(shelves)
        assert (report.moved, report.overtaken) == (0, 1)
        assert report.is_clean
        assert shelves.rows() == {}
        # What was copied goes with the next sweep.
        assert swept(shelves, shelves.s3, timedelta()).objects == 1
        assert not shelves.s3.exists(sha256)

    def test_the_file_is_deleted_and_its_bytes_are_swept(self, shelves: Shelves) -> None:
        shelves.publish(b"short-lived")

        def sweep_it() -> None:
            delete(shelves, "demo-1.0.tar.gz")
            assert swept(shelves, shelves.local, timedelta()).objects == 1

        shelves.local.on_open = once(sweep_it)
        report = moved(shelves)
        assert (report.overtaken, report.is_clean) == (1, True)

    def test_the_file_is_replaced(self, shelves: Shelves) -> None:
        shelves.publish(b"before")

        def replace_it() -> None:
            delete(shelves, "demo-1.0.tar.gz")
            shelves.publish(b"after")

        shelves.local.on_open = once(replace_it)
        assert moved(shelves).is_clean
        assert shelves.rows() == {"s3": {digests_of(b"after").sha256}}

    def test_the_copy_is_swept_before_a_row_names_it(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"kept")
        # Between the last look at the copy and the switch.
        shelves.local.on_renew = once(lambda: swept(shelves, shelves.s3, timedelta()))
        report = moved(shelves)
        assert (report.moved, report.is_clean) == (1, True)
        assert shelves.rows() == {"s3": {sha256}}
        assert shelves.s3.exists(sha256)

    def test_the_copy_is_swept_again_and_again(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"kept")
        shelves.local.on_renew = lambda _: swept(shelves, shelves.s3, timedelta())
        assert moved(shelves).troubles.failed == 1
        assert shelves.rows() == {"local": {sha256}}

    def test_a_young_copy_is_not_swept(self, shelves: Shelves) -> None:
        shelves.publish(b"kept")
        reports: list[SweepReport] = []
        shelves.local.on_renew = lambda _: reports.append(swept(shelves, shelves.s3))
        assert moved(shelves).is_clean
        assert reports == [SweepReport()]

    def test_nothing_is_swept_between_the_last_look_and_the_switch(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"kept")
        sweeping = threading.Thread(target=lambda: swept(shelves, shelves.s3, timedelta()))
        # The target is asked under the lock: who sweeps waits until the rows are switched.
        shelves.s3.on_exists = once(sweeping.start)
        assert moved(shelves).is_clean
        sweeping.join(60)
        assert shelves.rows() == {"s3": {sha256}}
        assert shelves.s3.local_path(sha256) is not None

    def test_the_switch_waits_for_whoever_records_or_sweeps(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(b"kept")
        asked, is_next = [], threading.Event()
        shelves.local.on_renew = lambda _: is_next.set()
        shelves.s3.on_exists = asked.append
        moving = threading.Thread(target=lambda: moved(shelves))
        with named_digests(shelves.world.components.database, "local")(["0" * 64]):
            moving.start()
            assert is_next.wait(60)
            # On SQLite it cannot even begin to write; on PostgreSQL it waits for the lock.
            moving.join(0.3)
            assert asked == []
            assert shelves.rows() == {"local": {sha256}}
        moving.join(60)
        assert shelves.rows() == {"s3": {sha256}}

    def test_two_migrations_at_once(self, shelves: Shelves) -> None:
        digests = shelves.publish_many(30)
        reports: list[MigrationReport] = []
        others = [
            threading.Thread(target=lambda: reports.append(moved(shelves, workers=2)))
            for _ in range(2)
        ]
        for other in others:
            other.start()
        for other in others:
            other.join(120)
        assert all(report.is_clean for report in reports)
        assert sum(report.moved for report in reports) == 30
        assert shelves.rows() == {"s3": set(digests)}
        assert {found.sha256 for found in shelves.s3.objects()} == set(digests)


class TestStopping:
    def test_stopped_and_run_again(self, shelves: Shelves) -> None:
        shelves.publish_many(20)
        seen: list[Progress] = []
        report = moved(
            shelves,
            workers=2,
            progress=seen.append,
            should_stop=lambda: seen[-1].done_objects >= 3,
        )
        assert report.stopped
        assert not report.is_clean
        assert 3 <= report.moved < 20
        assert report.files_left == 20 - report.moved
        again = moved(shelves)
        assert again.already_there == report.moved
        assert again.moved == 20 - report.moved
        assert again.is_clean

    def test_in_the_middle_of_a_large_file(self, shelves: Shelves) -> None:
        sha256 = shelves.publish(bytes(8 * 1024 * 1024))
        asked: list[bool] = []
        is_copying, is_ending = threading.Event(), threading.Event()

        def wait(_sha256: str) -> None:
            is_copying.set()
            is_ending.wait(60)

        def should_stop() -> bool:
            return is_copying.is_set() and not asked.append(True)

        def progress(_now: Progress) -> None:
            if asked:
                is_ending.set()

        # The first bytes are copied only when the run has been told to end.
        shelves.local.on_open = wait
        report = moved(shelves, progress=progress, should_stop=should_stop)
        assert (report.moved, report.stopped) == (0, True)
        assert shelves.rows() == {"local": {sha256}}
        assert list(shelves.s3.objects()) == []
        assert list(shelves.s3.pending(datetime.now(UTC) + GRACE)) == []

    def test_progress(self, shelves: Shelves) -> None:
        shelves.publish_many(5)
        sha256 = shelves.publish(b"gone", "demo-2.0.tar.gz")
        shelves.local.remove(sha256)
        seen: list[Progress] = []
        moved(shelves, progress=seen.append)
        assert seen[0] == Progress(0, 6, 0, 49)
        assert seen[-1] == Progress(6, 6, 49, 49, failures=1)
        assert seen == sorted(seen, key=lambda each: (each.done_objects, each.done_bytes))

    def test_what_the_caller_raises_ends_it(self, shelves: Shelves) -> None:
        shelves.publish_many(20)

        def progress(now: Progress) -> None:
            if now.done_objects >= 2:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            moved(shelves, workers=1, progress=progress)
        assert len(shelves.rows()["local"]) > 10


def test_objects_are_read_in_batches(shelves: Shelves) -> None:
    digests = shelves.publish_many(10)
    shelves.publish(b"content 1", project="acme/other")
    database = shelves.world.components.database
    for batch in (1, 3, 10, 11):
        found = objects_of(database, "local", Window(0, 1000), batch=batch)
        assert [kept.sha256 for kept in found] == digests


def is_of(content: bytes, sha256: str) -> bool:
    return digests_of(content).sha256 == sha256


def refusing(error: Exception, *, every: int = 1) -> Callable[[str], None]:
    """Raises at every such call."""
    calls = iter(range(1, 1_000_000))

    def refuse(_sha256: str) -> None:
        if next(calls) % every == 0:
            raise error

    return refuse
