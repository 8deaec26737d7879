"""Migrations of the storage: starting and stopping one, and how far it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.authnz.identity import Actor
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.jobs.errors import JobNotFound
from pyregistry.jobs.kinds.storage_migration import NAME, TARGET
from pyregistry.jobs.models import Job, JobState
from pyregistry.jobs.moments import database_now
from pyregistry.jobs.services.cancel import cancel
from pyregistry.jobs.services.enqueue import enqueue
from pyregistry.progress import Progress
from pyregistry.slices import Order, Slice, Window, read_slice

DESTINATION: Final = "destination_storage_name"
"""What GitLab's API, and ours, call the storage that files are moved to."""


@dataclass(frozen=True, slots=True)
class MigrationProgress(Progress):
    """How far a migration is; `seconds` is how long it has run."""

    seconds: float = 0

    @property
    def bytes_per_second(self) -> int | None:
        """How fast it is; None where nothing can be said yet."""
        if not self.done_bytes or self.seconds <= 0:
            return None
        return int(self.done_bytes / self.seconds)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest will take, if it goes on so; None where nothing can be said yet."""
        rate = self.bytes_per_second
        return round((self.total_bytes - self.done_bytes) / rate) if rate else None


@dataclass(frozen=True, slots=True)
class StorageMigration:
    """A migration, as people watch it."""

    id: int
    target: str
    state: JobState
    username: str | None
    """Who started it; None where they are gone."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_stopping: bool
    """Whether somebody asked for it to be stopped, and it has not ended yet."""
    attempts: int
    reason: str | None
    progress: MigrationProgress
    result: Mapping[str, Any] | None
    """What was done, where it has come to an end."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.finished_at is not None


def start_migration(
    session: Session, target: str | None, storages: Collection[str], actor: Actor, now: datetime
) -> StorageMigration:
    """Have a worker move all files into the storage `target`, one of the configured `storages`.

    Raises `Invalid` for another one, and `JobUnfinished` while there is one already.
    """
    if target is None:
        raise Invalid(f"The parameter {DESTINATION} is missing.", about=DESTINATION)
    if target not in storages:
        known = " or ".join(sorted(storages))
        raise Invalid(
            f"The parameter {DESTINATION} must be a storage that is configured: {known}.",
            about=DESTINATION,
        )
    job = enqueue(
        session,
        NAME,
        # As workers reckon.
        now=database_now(session),
        arguments={TARGET: target},
        user_id=actor.user_id,
    )
    _record(session, Action.STORAGE_MIGRATION_STARTED, job, actor, now)
    return find_migration(session, job.id)


def stop_migration(
    session: Session, migration_id: int | None, actor: Actor, now: datetime
) -> StorageMigration:
    """Have a migration stopped: at once where no worker has it, else within seconds.

    What was moved stays where it is. Raises `JobNotFound`, `JobFinished`.
    """
    found = find_migration(session, migration_id)
    job = cancel(session, found.id, database_now(session))
    if not found.is_stopping:
        _record(session, Action.STORAGE_MIGRATION_STOPPED, job, actor, now)
    return find_migration(session, job.id)


def find_migration(session: Session, migration_id: int | None) -> StorageMigration:
    """The migration with that id. Raises `JobNotFound`."""
    row = session.execute(_statement().where(Job.id == migration_id)).one_or_none()
    if row is None:
        raise JobNotFound
    return _migration(row)


def latest_migration(session: Session) -> StorageMigration | None:
    """The migration that was started last."""
    row = session.execute(_statement().order_by(Job.id.desc()).limit(1)).first()
    return None if row is None else _migration(row)


def migrations_slice(session: Session, window: Window) -> Slice[StorageMigration]:
    """Migrations, the newest first. Raises as `read_slice` does."""
    order = Order((Job.id.expression,), descending=True)
    return read_slice(session, _statement(), order, window, _migration)


def _statement() -> Select[*tuple[Any, ...]]:
    # What a lock was waited for may have changed.
    return (
        select(Job, User.username)
        .outerjoin(User, User.id == Job.user_id)
        .where(Job.kind == NAME)
        .execution_options(populate_existing=True)
    )


def _migration(row: Row[*tuple[Any, ...]]) -> StorageMigration:
    job: Job = row.Job
    report = job.report or {}
    return StorageMigration(
        id=job.id,
        target=job.arguments[TARGET],
        state=job.state,
        username=row.username,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        is_stopping=job.cancel_requested_at is not None and job.finished_at is None,
        attempts=job.attempts,
        reason=job.reason,
        progress=_progress(report.get("progress", {})),
        result=report.get("result"),
    )


def _progress(told: Mapping[str, Any]) -> MigrationProgress:
    """How far a worker says it is, which may be one of another version."""
    known = {field.name for field in fields(MigrationProgress)}
    return MigrationProgress(**{name: value for name, value in told.items() if name in known})


def _record(session: Session, action: Action, job: Job, actor: Actor, now: datetime) -> None:
    details = {"job_id": job.id, "storage": job.arguments[TARGET]}
    record(session, [Happening(action, actor, now, None, None, details=details)])
