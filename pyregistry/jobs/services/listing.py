"""Lists of jobs."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.jobs.models import Job
from pyregistry.slices import Order, Slice, Window, read_slice


def jobs_slice(session: Session, window: Window, *, kind: str | None = None) -> Slice[Job]:
    """Jobs, of one kind where that is named, the newest first. Raises as `read_slice` does."""
    statement = select(Job)
    if kind is not None:
        statement = statement.where(Job.kind == kind)
    order = Order((Job.id.expression,), descending=True)
    return read_slice(session, statement, order, window, _job)


def _job(row: Any) -> Job:
    job: Job = row.Job
    return job
