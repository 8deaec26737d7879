"""What each kind of job does, and that done twice it does the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services.sessions import sign_in
from pyregistry.authnz.roles import Role
from pyregistry.builds.models import Build
from pyregistry.jobs.kinds.table import job_kinds
from pyregistry.jobs.models import Job, JobState
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.namespaces.models import Membership, Namespace
from pyregistry.packaging.models import Package, Release
from pyregistry.tokens.models import Token
from pyregistry.trusted_publishing.models import UsedIDToken
from tests.factories.recorded import publish
from tests.factories.world import PASSWORD, World
from tests.unit.jobs.conftest import Jobs
from tests.unit.storage.test_sweeper import store


def done(jobs: Jobs, kind: str) -> Job:
    """A job of that kind, after it was done."""
    jobs.kinds = {kind: replace(job_kinds(jobs.parts.settings)[kind], interval=None)}
    job_id = jobs.add(kind)
    jobs.work()
    job = jobs.job(job_id)
    assert job.state is JobState.SUCCEEDED
    return job


def test_there_are_these_kinds_each_with_its_period(jobs: Jobs) -> None:
    kinds = job_kinds(jobs.parts.settings)
    assert {name: kind.interval for name, kind in kinds.items()} == {
        "sweep": timedelta(days=1),
        "expiry": timedelta(hours=1),
        "counting": timedelta(days=1),
        "storage-migration": None,
    }
    assert all(kind.is_exclusive for kind in kinds.values())


def test_sweep_removes_what_no_file_names(jobs: Jobs) -> None:
    world = jobs.world
    old = store(world, b"old", age=timedelta(days=400))
    young = store(world, b"young")
    # By the clock of the registry, which the age of what is stored is no part of.
    world.clock.moment = datetime.now(UTC)
    assert done(jobs, "sweep").report == {"objects": 1, "leftovers": 0, "bytes": 3}
    assert world.stored_objects() == {young.sha256}
    assert not world.components.storage.exists(old.sha256)
    assert done(jobs, "sweep").report == {"objects": 0, "leftovers": 0, "bytes": 0}


def test_expiry_deletes_what_has_ended_and_nothing_else(jobs: Jobs) -> None:
    world = jobs.world
    world.user("alice", password=PASSWORD)
    world.project("acme/first")
    world.project("acme/second")

    def begin(path: str, lifetime: timedelta) -> None:
        sign_in(
            world.components.database,
            "alice",
            PASSWORD,
            lifetime=lifetime,
            address=None,
            user_agent=None,
            now=world.clock(),
        )
        world.job_token(path, lifetime=lifetime)
        with world.components.database.writing() as session:
            digest = bytes([lifetime.days]) * 32
            session.add(UsedIDToken(digest=digest, expires_at=world.clock() + lifetime))

    begin("acme/first", timedelta(hours=2))
    world.member("acme", "bob", Role.OWNER, expires_at=world.clock() + timedelta(hours=2))
    world.member("acme", "carol", Role.OWNER)
    world.access_token("acme", Role.GUEST, expires_at=world.clock() + timedelta(hours=2))
    world.clock.advance(days=2)
    begin("acme/second", timedelta(days=1))
    world.member("acme", "dora", Role.GUEST, expires_at=world.clock() + timedelta(days=1))
    models = (BrowserSession, Membership, Token, Build, UsedIDToken)
    assert [world.count(model) for model in models] == [2, 4, 3, 2, 2]
    assert done(jobs, "expiry").report == {
        "browser_sessions": 1,
        "memberships": 1,
        "job_tokens": 1,
        "id_tokens": 1,
        "jobs": 0,
    }
    assert [world.count(model) for model in models] == [1, 3, 2, 1, 1]
    assert done(jobs, "expiry").done == 0
    world.clock.advance(days=89)
    assert world.count(Job) == 2
    report = done(jobs, "expiry").report
    assert report is not None
    assert report["jobs"] == 0
    world.clock.advance(days=2)
    report = done(jobs, "expiry").report
    assert report is not None
    assert report["jobs"] == 2


def test_an_hour_deletes_more_than_one_transaction_does(jobs: Jobs) -> None:
    with jobs.world.components.database.writing() as session:
        for number in range(1001):
            digest = number.to_bytes(32)
            session.add(UsedIDToken(digest=digest, expires_at=jobs.world.clock()))
    jobs.world.clock.advance(seconds=1)
    report = done(jobs, "expiry").report
    assert report is not None
    assert report["id_tokens"] == 1001
    assert jobs.world.count(UsedIDToken) == 0


def numbers(world: World) -> list[tuple[object, ...]]:
    kept = (
        select(Namespace.packages_count, Namespace.files_count, Namespace.storage_bytes),
        select(Package.releases_count, Package.files_count, Package.storage_bytes),
        select(Release.files_count),
    )
    with world.components.database.reading() as session:
        return [tuple(row) for each in kept for row in session.execute(each.order_by("id"))]


def counts(projects: int, corrected: int, quotas: int = 0) -> dict[str, int]:
    return {"projects": projects, "corrected": corrected, "corrected_quotas": quotas}


def test_counting_finds_that_everything_is_right(jobs: Jobs) -> None:
    world = jobs.world
    for path in ("acme/core", "acme/other", "acme/empty"):
        project = world.project(path)
        if not path.endswith("empty"):
            publish(world, project, "demo", "1.0", size=3)
            publish(world, project, "demo", "2.0", size=4)
            publish(world, project, "other", "1.0", size=5)
    before = numbers(world)
    assert done(jobs, "counting").report == counts(3, 0)
    assert numbers(world) == before


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *((Namespace, name) for name in ("packages_count", "files_count", "storage_bytes")),
        *((Package, name) for name in ("releases_count", "files_count", "storage_bytes")),
        (Release, "files_count"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_counting_puts_right_what_is_wrong(jobs: Jobs, table: type, column: str) -> None:
    world = jobs.world
    wrong, right = world.project("acme/wrong"), world.project("acme/right")
    for project in (wrong, right):
        publish(world, project, "demo", "1.0", size=3)
        publish(world, project, "demo", "2.0", size=4)
    before = numbers(world)
    with world.components.database.writing() as session:
        owner = Namespace.id if table is Namespace else table.project_id
        session.execute(update(table).where(owner == wrong).values({column: 99}))
    assert numbers(world) != before
    assert done(jobs, "counting").report == counts(2, 1)
    assert numbers(world) == before
    assert done(jobs, "counting").report == counts(2, 0)


def test_counting_puts_right_what_quotas_go_by(jobs: Jobs) -> None:
    world = jobs.world
    publish(world, world.project("acme/core"), "demo", "1.0", size=3)
    with world.components.database.writing() as session:
        session.execute(update(NamespaceStorage).values(used_bytes=99))
        session.execute(update(InstanceStorage).values(used_bytes=99))
    assert done(jobs, "counting").report == counts(1, 0, quotas=3)
    with world.components.database.reading() as session:
        assert set(session.scalars(select(NamespaceStorage.used_bytes))) == {3}
        assert session.scalars(select(InstanceStorage.used_bytes)).one() == 3
