"""What workers have before them, as metrics."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.metrics_core import GaugeMetricFamily
from sqlalchemy.orm import Session

from pyregistry.jobs.models import JobState
from pyregistry.jobs.services.queue import last_finished_at, unfinished_jobs


def describe_queue(session: Session, now: datetime) -> Iterator[Metric]:
    """How many jobs wait and run, for how long one waits, and when one was done: two queries."""
    found = unfinished_jobs(session, now)
    jobs = GaugeMetricFamily("pyregistry_jobs", "Jobs that have not finished.", labels=["state"])
    for state in (JobState.QUEUED, JobState.RUNNING):
        jobs.add_metric([state.value], found[state].number if state in found else 0)
    yield jobs
    waited = 0.0
    if (queued := found.get(JobState.QUEUED)) is not None:
        # One that is to begin later does not wait yet.
        waited = max(0.0, (now - queued.due_at).total_seconds())
    yield GaugeMetricFamily(
        "pyregistry_jobs_waiting_seconds",
        "For how long the job has waited that could begin first.",
        value=waited,
    )
    finished_at = last_finished_at(session)
    yield GaugeMetricFamily(
        "pyregistry_jobs_last_finished_timestamp_seconds",
        "When a job finished last, since 1970; 0 where none has.",
        # Workers make most jobs themselves: without one, none waits.
        value=finished_at.timestamp() if finished_at is not None else 0.0,
    )
