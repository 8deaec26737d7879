"""The sweeper: removes what belongs to nothing and is old enough, and nothing else."""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import File, RegistrySerial
from pyregistry.packaging.services.change import delete_file
from pyregistry.packaging.services.record import record_file
from pyregistry.packaging.services.references import named_digests
from pyregistry.storage.digests import Digests
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.sweeper import SweepReport, sweep
from tests.factories.recorded import anything, new_file, record
from tests.factories.world import World

GRACE = timedelta(days=1)


def store(world: World, content: bytes, *, age: timedelta = timedelta()) -> Digests:
    """Store bytes as an upload does, as if that had been `age` ago."""
    with world.components.storage.begin() as pending:
        pending.write(content)
        digests = pending.finish()
        pending.store()
    if age:
        make_older(world.components.storage.local_path(digests.sha256), age)
    return digests


def make_older(path: Path, age: timedelta) -> None:
    moment = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (moment, moment))


def swept(world: World, *, grace: timedelta = GRACE, remove: bool = True) -> SweepReport:
    components = world.components
    reports = sweep(
        components.storage,
        named_digests(components.database, "local"),
        grace=grace,
        now=datetime.now(UTC),
        remove=remove,
    )
    return sum(reports, start=SweepReport())


def test_nothing_to_sweep(world: World) -> None:
    assert swept(world) == SweepReport()


def test_old_bytes_that_no_file_names_are_removed(world: World) -> None:
    digests = store(world, b"old", age=timedelta(days=2))
    assert swept(world) == SweepReport(objects=1, size=3)
    assert not world.components.storage.exists(digests.sha256)


def test_bytes_within_the_grace_period_stay(world: World) -> None:
    digests = store(world, b"young", age=GRACE - timedelta(hours=1))
    assert swept(world) == SweepReport()
    assert world.components.storage.exists(digests.sha256)


def test_storing_the_same_bytes_again_renews_their_age(world: World) -> None:
    digests = store(world, b"again", age=timedelta(days=2))
    store(world, b"again")
    assert swept(world) == SweepReport()
    assert world.components.storage.exists(digests.sha256)


def test_bytes_that_a_file_names_stay(world: World) -> None:
    digests = store(world, b"named", age=timedelta(days=2))
    record(world, world.project("acme/core"), digests)
    assert swept(world, grace=timedelta()) == SweepReport()
    assert world.components.storage.exists(digests.sha256)


def test_bytes_of_a_deleted_file_are_removed(world: World) -> None:
    digests = store(world, b"deleted", age=timedelta(days=2))
    file = record(world, world.project("acme/core"), digests)
    with world.components.database.writing() as session:
        delete_file(session, file, Actor(), world.clock(), permit=anything)
    assert world.components.storage.exists(digests.sha256)
    assert swept(world) == SweepReport(objects=1, size=7)


def test_bytes_that_another_project_names_stay(world: World) -> None:
    digests = store(world, b"shared", age=timedelta(days=2))
    file = record(world, world.project("acme/core"), digests)
    record(world, world.project("acme/other"), digests)
    with world.components.database.writing() as session:
        delete_file(session, file, Actor(), world.clock(), permit=anything)
    assert swept(world) == SweepReport()
    assert world.components.storage.exists(digests.sha256)


def test_many_objects(world: World) -> None:
    # More than are asked for at once.
    project = world.project("acme/core")
    for number in range(505):
        digests = store(world, str(number).encode(), age=timedelta(days=2))
        if number % 100 == 0:
            record(world, project, digests, f"demo-1.{number}.tar.gz")
    assert swept(world).objects == 505 - 6
    with world.components.database.reading() as session:
        assert world.stored_objects() == set(session.scalars(select(File.sha256)))


def test_unfinished_uploads_are_removed(world: World, tmp_path: Path) -> None:
    incoming = world.components.settings.storage_local_folder / "incoming"
    old, young = incoming / f"{'a' * 32}.part", incoming / f"{'b' * 32}.part"
    for path in (old, young):
        path.write_bytes(b"12345")
    make_older(old, timedelta(days=2))
    assert swept(world) == SweepReport(leftovers=1, size=5)
    assert not old.exists()
    assert young.exists()


def test_what_the_storage_did_not_make_stays(world: World) -> None:
    folder = world.components.settings.storage_local_folder
    others = [folder / "README", folder / "incoming" / "notes.txt", folder / "lost+found"]
    for path in others:
        path.write_bytes(b"mine")
        make_older(path, timedelta(days=2))
    assert swept(world) == SweepReport()
    assert all(path.exists() for path in others)


def test_only_a_report(world: World) -> None:
    digests = store(world, b"old", age=timedelta(days=2))
    leftover = world.components.settings.storage_local_folder / "incoming" / f"{'a' * 32}.part"
    leftover.write_bytes(b"12345")
    make_older(leftover, timedelta(days=2))
    assert swept(world, remove=False) == SweepReport(objects=1, leftovers=1, size=8)
    assert world.components.storage.exists(digests.sha256)
    assert leftover.exists()


@pytest.mark.parametrize("remove", [True, False])
def test_sweeping_changes_no_number(world: World, remove: bool) -> None:
    store(world, b"old", age=timedelta(days=2))
    record(world, world.project("acme/core"), store(world, b"named", age=timedelta(days=2)))
    with world.components.database.reading() as session:
        before = session.scalars(select(RegistrySerial.value)).one()
    swept(world, remove=remove)
    with world.components.database.reading() as session:
        assert session.scalars(select(RegistrySerial.value)).one() == before


def test_age_that_is_renewed_between_listing_and_removing(world: World) -> None:
    digests = store(world, b"renewed", age=timedelta(days=2))
    ask = named_digests(world.components.database, "local")

    def renewing(digests_asked):
        # An upload of the same bytes stores them at this very moment.
        store(world, b"renewed")
        return ask(digests_asked)

    reports = sweep(
        world.components.storage, renewing, grace=GRACE, now=datetime.now(UTC), remove=True
    )
    assert sum(reports, start=SweepReport()) == SweepReport()
    assert world.components.storage.exists(digests.sha256)


def test_object_that_vanishes_meanwhile(world: World) -> None:
    digests = store(world, b"vanished", age=timedelta(days=2))
    ask = named_digests(world.components.database, "local")

    def vanishing(digests_asked):
        world.components.storage.remove(digests.sha256)
        return ask(digests_asked)

    reports = sweep(
        world.components.storage, vanishing, grace=GRACE, now=datetime.now(UTC), remove=True
    )
    assert sum(reports, start=SweepReport()) == SweepReport()


def test_nothing_is_recorded_while_a_batch_is_swept(world: World) -> None:
    project = world.project("acme/core")
    digests = store(world, b"wanted", age=timedelta(days=2))
    outcome: list[str] = []

    def upload() -> None:
        # What an upload does whose bytes were stored long before it is recorded.
        with world.components.database.writing() as session:
            namespace = session.get_one(Namespace, project)
            begun.set()
            record_file(
                session, namespace, new_file(digests), Actor(), world.clock(), permit=anything
            )
            if world.components.storage.exists(digests.sha256):
                outcome.append("recorded")
            else:
                outcome.append("refused")
                session.rollback()

    begun = threading.Event()
    thread = threading.Thread(target=upload)
    with named_digests(world.components.database, "local")([digests.sha256]) as named:
        assert named == set()
        thread.start()
        # On SQLite the upload cannot even begin to write; on PostgreSQL it waits for the number.
        begun.wait(0.5)
        assert outcome == []
        world.components.storage.remove(digests.sha256)
    thread.join(60)
    assert outcome == ["refused"]
    assert world.count(File) == 0


def test_whoever_publishes_does_not_wait_where_all_objects_are_named(world: World) -> None:
    digests = store(world, b"named", age=timedelta(days=2))
    record(world, world.project("acme/core"), digests)
    # The lock that is held here would be waited for.
    with named_digests(world.components.database, "local")(["0" * 64]):
        assert swept(world) == SweepReport()


def test_no_lock_is_held_while_a_report_is_looked_at(world: World) -> None:
    store(world, b"old", age=timedelta(days=2))
    ask = named_digests(world.components.database, "local")
    reports = sweep(world.components.storage, ask, grace=GRACE, now=datetime.now(UTC))
    report = next(reports)
    assert (report.objects, report.examined) == (1, 1)
    record(world, world.project("acme/core"), store(world, b"new"))
    assert sum(reports, start=SweepReport()) == SweepReport()


def test_storage_that_cannot_be_listed(world: World) -> None:
    folder = world.components.settings.storage_local_folder
    (folder / "incoming").rmdir()
    folder.rmdir()
    with pytest.raises(StorageUnavailable):
        swept(world)
