"""Making jobs: when somebody asks for one, and once in each period."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pyregistry.jobs.errors import JobUnfinished
from pyregistry.jobs.models import Job, JobState


def enqueue(
    session: Session,
    kind: str,
    *,
    now: datetime,
    arguments: Mapping[str, Any] | None = None,
    is_exclusive: bool = True,
    user_id: int | None = None,
    period_at: datetime | None = None,
) -> Job:
    """Add a job that a worker is to do soon. `arguments` can be written as JSON.

    Raises `JobUnfinished` where it is exclusive and another of its kind has not finished, and
    where there was one for that period: the database sees to both, whoever asks at once.
    """
    job = Job(
        kind=kind,
        arguments=dict(arguments or {}),
        state=JobState.QUEUED,
        is_exclusive=is_exclusive,
        period_at=period_at,
        user_id=user_id,
        created_at=now,
        run_after=now,
        attempts=0,
        claim_number=0,
        done=0,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        raise JobUnfinished(kind) from None
    return job


def period_of(now: datetime, interval: timedelta) -> datetime:
    """When the present period began; all workers divide time in the same way."""
    seconds = interval.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def is_due(session: Session, kind: str, interval: timedelta, now: datetime) -> bool:
    """Whether the job of the present period has not been made yet, and can be."""
    stands_in_the_way = select(Job.id).where(
        Job.kind == kind,
        or_(
            Job.period_at == period_of(now, interval),
            Job.finished_at.is_(None) & Job.is_exclusive,
        ),
    )
    return not session.scalar(select(exists(stands_in_the_way)))


def enqueue_due(session: Session, kind: str, interval: timedelta, now: datetime) -> bool:
    """Make the exclusive job of the present period; whether it was made here."""
    try:
        enqueue(session, kind, now=now, period_at=period_of(now, interval))
    except JobUnfinished:
        # Another worker was quicker, or somebody asked for one.
        return False
    return True
