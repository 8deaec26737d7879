"""Jobs."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime, enum_column


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    """It waits for a worker, or for the next attempt."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_UNFINISHED_ALONE: Final = text("is_exclusive AND finished_at IS NULL")


class Job(Base):
    """Something that a worker does: what, how far it is, and how it ended.

    A worker has a running job for as long as it renews its lease. Each claim has a number of its
    own: what a worker writes whose claim is not the last one is refused.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "(finished_at IS NULL) = (state IN ('queued', 'running'))", name="finished_has_a_time"
        ),
        CheckConstraint("(lease_until IS NULL) = (state <> 'running')", name="running_has_a_lease"),
        UniqueConstraint("kind", "period_at"),
        # At most one that is not finished, of kinds that say so.
        Index(
            "ix_jobs_unfinished_alone",
            "kind",
            unique=True,
            sqlite_where=_UNFINISHED_ALONE,
            postgresql_where=_UNFINISHED_ALONE,
        ),
        Index(None, "state", "run_after", "id"),
        Index(None, "finished_at"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(enum_column(JobState, "state"))
    is_exclusive: Mapped[bool]
    """Whether no other job of this kind may be unfinished at the same time."""
    period_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the period began that it was made for; None where somebody asked for it."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Who asked for it; None for a job that is made by itself, or on the command line."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    run_after: Mapped[datetime] = mapped_column(UTCDateTime)
    """No worker takes it before."""
    attempts: Mapped[int]
    """How often a worker began it, without those attempts that were broken off for a stop."""
    claim_number: Mapped[int]
    """The number of the last claim, 0 before the first."""
    worker: Mapped[str | None] = mapped_column(String(255))
    """Who has it, or had it last: host and process."""
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When another worker may take it, unless the lease is renewed."""
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the last attempt began."""
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    """None where it is not known."""
    unit: Mapped[str | None] = mapped_column(String(32))
    """What `done` and `total` count."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt failed, in one sentence."""
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What was done, while it runs too."""
