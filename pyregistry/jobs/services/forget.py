"""Forgetting jobs that were over long ago."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pyregistry.jobs.models import Job


def forget_jobs(session: Session, finished_before: datetime, at_most: int) -> int:
    """Delete jobs that finished before that moment; how many there were.

    Of each kind that is done periodically the last one stays: it says that this period has its
    job.
    """
    last = select(func.max(Job.id)).where(Job.period_at.is_not(None)).group_by(Job.kind)
    old = (
        select(Job.id)
        .where(Job.finished_at < finished_before, Job.id.not_in(last))
        .order_by(Job.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    statement = delete(Job).where(Job.id.in_(old)).returning(Job.id)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())
