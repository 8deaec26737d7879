"""Migrations of the storage in a registry that answers requests, and what its workers write."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from pyregistry.jobs.kinds.storage_migration import NAME
from pyregistry.jobs.models import JobState
from pyregistry.jobs.moments import database_now
from pyregistry.jobs.services.claim import Claim, Progress, Standing, claim, finish, renew
from pyregistry.storage.storages import Storages
from tests.factories.world import World

LEASE = timedelta(hours=1)
PROGRESS = {
    "done_objects": 250,
    "total_objects": 1000,
    "done_bytes": 3 * 1024**2,
    "total_bytes": 12 * 1024**2,
    "failures": 1,
    "seconds": 3.0,
}
TROUBLE = {
    "problem": "missing",
    "storage": "local",
    "sha256": "ab" * 32,
    "reason": "The storage local does not hold it",
    "files": ["acme/core demo demo-1.0.tar.gz"],
}
RESULT = {
    "moved": 999,
    "moved_files": 1000,
    "moved_bytes": 12 * 1024**2,
    "reused": 3,
    "already_there": 7,
    "overtaken": 0,
    "missing": 1,
    "damaged": 0,
    "failed": 0,
    "troubles": [TROUBLE],
    "files_left": 1,
    "stopped": False,
    "gave_up": False,
}


def with_bucket(world: World) -> World:
    """Have the registry know a bucket besides its folder; nobody asks it for anything."""
    settings = replace(world.components.settings, storage_s3_bucket="registry")
    return replace(
        world,
        components=replace(world.components, settings=settings, storages=Storages(settings)),
    )


def begin(world: World, **progress: float) -> Claim:
    """Claim the migration that waits, as a worker does, and say how far it is."""

    def work(session: Session) -> Claim:
        now = database_now(session)
        claimed = claim(session, "host:7", [NAME], LEASE, now)
        assert claimed is not None
        report = {"progress": {**PROGRESS, **progress}, "result": None}
        renew(session, claimed, Standing(Progress(250, 1000, "objects"), report), LEASE, now)
        return claimed

    return world.components.database.write(work)


def end(world: World, claimed: Claim, state: JobState, reason: str | None = None) -> None:
    """Write how it ended."""
    report = {"progress": {**PROGRESS, "done_objects": 1000}, "result": RESULT}
    standing = Standing(Progress(1000, 1000, "objects"), report)
    with world.components.database.writing() as session:
        finish(session, claimed, state, standing, database_now(session), reason=reason)


def put_files_into(world: World, storage: str) -> None:
    """Have all files name another storage."""
    with world.components.database.writing() as session:
        session.execute(text("UPDATE files SET storage = :storage"), {"storage": storage})
