"""What a worker does to a job: claim it, renew the lease, and end the attempt.

A claim is a comparison and a change in one: on PostgreSQL with the row locked and locked ones
passed over, on SQLite in a transaction that is the only one to write. Whatever a worker writes
later names the number of its claim, and is refused where the job was claimed again since.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from pyregistry.jobs.errors import ClaimLost
from pyregistry.jobs.models import Job, JobState

MAXIMUM_ATTEMPTS: Final = 5
"""How often a job is begun before it is given up."""

_FIRST_PAUSE: Final = timedelta(seconds=30)
"""Between the first attempt and the second; each pause is twice the one before."""

_LONGEST_REASON: Final = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has for as long as it renews the lease."""

    job_id: int
    kind: str
    arguments: Mapping[str, Any]
    number: int
    worker: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a job is done, of how much (None: not known), counted in what."""

    done: int = 0
    total: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands: how far it is, and what it has to report until now."""

    progress: Progress = Progress()
    report: Mapping[str, Any] | None = None

    def values(self) -> dict[str, Any]:
        """The columns of the job that say so."""
        report = None if self.report is None else dict(self.report)
        progress = self.progress
        return {
            "done": progress.done,
            "total": progress.total,
            "unit": progress.unit,
            "report": report,
        }


def is_waiting(session: Session, kinds: Collection[str], now: datetime) -> bool:
    """Whether there is a job of these kinds to claim; without the lock that claiming takes."""
    return bool(session.scalar(select(exists(select(Job.id).where(_claimable(kinds, now))))))


def claim(
    session: Session, worker: str, kinds: Collection[str], lease: timedelta, now: datetime
) -> Claim | None:
    """Take the job of these kinds that has waited longest; None where there is none.

    Also one whose worker has not renewed its lease; where that was the last attempt, or the job
    was to be stopped, it is ended instead.
    """
    statement = (
        select(Job)
        .where(_claimable(kinds, now))
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (job := session.scalars(statement).first()) is not None:
        if job.state is JobState.RUNNING:
            job.reason = f"The worker {job.worker} was lost."
        over = _state_instead_of_an_attempt(job)
        if over is not None:
            job.state, job.finished_at, job.lease_until = over, now, None
            session.flush()
            continue
        job.state = JobState.RUNNING
        job.worker = worker
        job.attempts += 1
        job.claim_number += 1
        job.started_at, job.lease_until = now, now + lease
        job.done, job.total, job.unit = 0, None, None
        session.flush()
        return Claim(job.id, job.kind, job.arguments, job.claim_number, worker)
    return None


def renew(
    session: Session, claim: Claim, standing: Standing, lease: timedelta, now: datetime
) -> bool:
    """Keep the job for another `lease`, and write how it stands; whether it is to be stopped.

    Raises `ClaimLost`.
    """
    values = {**standing.values(), "lease_until": now + lease}
    statement = update(Job).where(*_mine(claim)).values(values).returning(Job.cancel_requested_at)
    row = session.execute(statement.execution_options(synchronize_session=False)).first()
    if row is None:
        raise ClaimLost
    return row.cancel_requested_at is not None


def finish(
    session: Session,
    claim: Claim,
    state: JobState,
    standing: Standing,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Write that the job is over, and how it ended. Raises `ClaimLost`."""
    values = {**standing.values(), "state": state, "finished_at": now, "reason": _short(reason)}
    _end_attempt(session, claim, values)


def give_back(session: Session, claim: Claim, standing: Standing, now: datetime) -> None:
    """Leave the job to another worker, as if this attempt had never begun. Raises `ClaimLost`."""
    values = {**standing.values(), "state": JobState.QUEUED, "run_after": now}
    _end_attempt(session, claim, {**values, "attempts": Job.attempts - 1})


def fail(session: Session, claim: Claim, standing: Standing, reason: str, now: datetime) -> bool:
    """Write why the attempt failed; whether there will be another one, after a pause.

    A job that is to be stopped is stopped by that. Raises `ClaimLost`.
    """
    statement = select(Job.attempts, Job.cancel_requested_at).where(*_mine(claim))
    row = session.execute(statement.with_for_update()).first()
    if row is None:
        raise ClaimLost
    if row.attempts >= MAXIMUM_ATTEMPTS or row.cancel_requested_at is not None:
        cancelled = row.cancel_requested_at is not None
        state = JobState.CANCELLED if cancelled else JobState.FAILED
        finish(session, claim, state, standing, now, reason=reason)
        return False
    pause = _FIRST_PAUSE * 2 ** (row.attempts - 1)
    values = {**standing.values(), "state": JobState.QUEUED, "run_after": now + pause}
    _end_attempt(session, claim, {**values, "reason": _short(reason)})
    return True


def _state_instead_of_an_attempt(job: Job) -> JobState | None:
    """How a job ends that could be claimed, and must not be begun again."""
    if job.cancel_requested_at is not None:
        return JobState.CANCELLED
    return JobState.FAILED if job.attempts >= MAXIMUM_ATTEMPTS else None


def _claimable(kinds: Collection[str], now: datetime) -> ColumnElement[bool]:
    waiting = and_(Job.state == JobState.QUEUED, Job.run_after <= now)
    abandoned = and_(Job.state == JobState.RUNNING, Job.lease_until <= now)
    return and_(Job.kind.in_(sorted(kinds)), or_(waiting, abandoned))


def _mine(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        Job.id == claim.job_id,
        Job.claim_number == claim.number,
        Job.state == JobState.RUNNING,
    )


def _end_attempt(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    statement = update(Job).where(*_mine(claim)).values({**values, "lease_until": None})
    statement = statement.returning(Job.id).execution_options(synchronize_session=False)
    if session.execute(statement).first() is None:
        raise ClaimLost


def _short(reason: str | None) -> str | None:
    return None if reason is None else " ".join(reason.split())[:_LONGEST_REASON]
