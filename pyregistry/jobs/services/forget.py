"""Forgetting jobs that were over long ago."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.db import delete_some
from pyregistry.jobs.models import Job


def forget_jobs(session: Session, finished_before: datetime, at_most: int) -> int:
    """Delete jobs that finished before that moment; how many there were.

    Of each kind that is done periodically the last one stays: it says that this period has its
    job.
    """
    last = select(func.max(Job.id)).where(Job.period_at.is_not(None)).group_by(Job.kind)
    old = (Job.finished_at < finished_before) & Job.id.not_in(last)
    return delete_some(session, Job.id, old, at_most)
