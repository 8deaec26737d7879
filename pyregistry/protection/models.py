"""Protection rules of projects, and reserved prefixes of groups."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime


class ProtectionRule(Base):
    """The least access levels for packages whose normalised names match a pattern.

    Levels are 40 (Maintainer), 50 (Owner) and 60 (administrators only); None asks for no
    more than the action itself does.
    """

    __tablename__ = "protection_rules"
    __table_args__ = (
        Unique("project_id", "name_pattern"),
        CheckConstraint("push_level IN (40, 50, 60)", name="push_level"),
        CheckConstraint("delete_level IN (40, 50, 60)", name="delete_level"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    name_pattern: Mapped[str] = mapped_column(String(255))
    """A normalised name in which `*` stands for any characters."""
    push_level: Mapped[int | None]
    delete_level: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReservedPrefix(Base):
    """A prefix of package names that belongs to some projects of a group, in all of it."""

    __tablename__ = "reserved_prefixes"
    __table_args__ = (Unique("group_id", "prefix"),)

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    prefix: Mapped[str] = mapped_column(String(255))
    """Normalised; it is the prefix of itself and of what follows it and a `-`."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReservedPrefixProject(Base):
    """A project that a reserved prefix belongs to."""

    __tablename__ = "reserved_prefix_projects"
    __table_args__ = (Index(None, "project_id"),)

    prefix_id: Mapped[int] = mapped_column(
        ForeignKey("reserved_prefixes.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True
    )
