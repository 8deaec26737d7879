"""What happened, and how often."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime

NO_PULL = "action <> 'file.pulled'"
"""Which events the partial indexes hold: pulls are by far the most, and seldom asked for.

A query uses these indexes only where it says so in the same words, without a parameter.
"""

PULL = "action = 'file.pulled'"
"""Which events the index of pulls by package holds; it is used as those are."""

_NO_PULL_ONLY: dict[str, Any] = {
    "sqlite_where": text(NO_PULL),
    "postgresql_where": text(NO_PULL),
}


class Event(Base):
    """One thing that was done: by whom, with which credential, from where, when.

    Names are kept beside ids, so that an event still says what it said when the
    user, the project or the package is gone. The database itself refuses to change or
    remove events (by triggers, in the migrations); only ids of what is gone become NULL, and
    with a group or project that is deleted its events go up to a group above it.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "namespace_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "action", "id"),
        Index("ix_events_no_pull_id", "id", **_NO_PULL_ONLY),
        Index("ix_events_no_pull_namespace_id_id", "namespace_id", "id", **_NO_PULL_ONLY),
        Index(
            "ix_events_pull_namespace_id_package_occurred_at",
            "namespace_id",
            "package",
            "occurred_at",
            sqlite_where=text(PULL),
            postgresql_where=text(PULL),
        ),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    action: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str | None] = mapped_column(String(255))
    credential_kind: Mapped[str | None] = mapped_column(String(32))
    credential_name: Mapped[str | None] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    namespace_id: Mapped[int | None] = mapped_column(
        ForeignKey("namespaces.id", ondelete="SET NULL")
    )
    namespace_path: Mapped[str | None] = mapped_column(Text)
    package: Mapped[str | None] = mapped_column(String(255))
    version: Mapped[str | None] = mapped_column(Text)
    filename: Mapped[str | None] = mapped_column(String(255))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class UsageCount(Base):
    """How often something was done with a package on one day (UTC)."""

    __tablename__ = "usage_counts"

    namespace_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True
    )
    package: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The normalised name: counts outlive a package that is deleted and published again.

    Empty for what was done with the project, and with no package of it.
    """
    action: Mapped[str] = mapped_column(String(32), primary_key=True)
    # Last in the key: the counts of a package are read in the order of the key, and added up.
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class UsageTotal(Base):
    """How often something was done with all packages of a project on one day (UTC).

    The sum of the day's `UsageCount`, kept with them: to add up those of 100,000 packages
    takes seconds.
    """

    __tablename__ = "usage_totals"

    namespace_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
