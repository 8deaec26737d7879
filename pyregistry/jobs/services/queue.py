"""How long the queue is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from pyregistry.jobs.models import Job, JobState


@dataclass(frozen=True, slots=True)
class Queued:
    """Unfinished jobs in one state; `due_at` is when the first of them could begin."""

    number: int
    due_at: datetime


def unfinished_jobs(session: Session, now: datetime) -> Mapping[JobState, Queued]:
    """What waits and what runs, where there is any. One query, that uses an index.

    What a lost worker has left waits for another one, since its lease ended.
    """
    is_lost = (Job.state == JobState.RUNNING) & (Job.lease_until <= now)
    state = case((is_lost, literal(JobState.QUEUED, Job.state.type)), else_=Job.state)
    due_at = case((is_lost, Job.lease_until), else_=Job.run_after)
    each = (
        select(state.label("state"), due_at.label("due_at"))
        .where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .subquery()
    )
    rows = session.execute(
        select(each.c.state, func.count(), func.min(each.c.due_at)).group_by(each.c.state)
    )
    return {state: Queued(number, due_at) for state, number, due_at in rows}


def last_finished_at(session: Session) -> datetime | None:
    """When a job finished last; None where none has. Uses an index."""
    return session.scalar(select(func.max(Job.finished_at)))
