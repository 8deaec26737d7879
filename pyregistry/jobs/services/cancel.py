"""Stopping a job."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.jobs.errors import JobFinished, JobNotFound
from pyregistry.jobs.models import Job, JobState


def cancel(session: Session, job_id: int, now: datetime) -> Job:
    """Have a job stopped: at once where no worker has it, else when its worker next asks.

    To ask again changes nothing. Raises `JobNotFound`, `JobFinished`.
    """
    statement = select(Job).where(Job.id == job_id).with_for_update()
    job = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if job is None:
        raise JobNotFound
    if job.finished_at is not None:
        raise JobFinished
    if job.cancel_requested_at is None:
        job.cancel_requested_at = now
    if job.state is JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, now
    session.flush()
    return job
