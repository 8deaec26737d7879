"""How long the queue is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.jobs.models import Job, JobState


@dataclass(frozen=True, slots=True)
class Queued:
    """Unfinished jobs in one state; `due_at` is when the first of them could begin."""

    number: int
    due_at: datetime


def unfinished_jobs(session: Session) -> Mapping[JobState, Queued]:
    """What waits and what runs, where there is any. One query, that uses an index."""
    rows = session.execute(
        select(Job.state, func.count(), func.min(Job.run_after))
        .where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .group_by(Job.state)
    )
    return {state: Queued(number, due_at) for state, number, due_at in rows}
