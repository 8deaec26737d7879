"""Builds."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime


class Build(Base):
    """A job of a continuous integration system that may publish into a project.

    Where `issuer` is set, everything here was verified: it comes from the claims of an ID
    token that the issuer signed. Without it, whoever created the job token said so.
    """

    __tablename__ = "builds"
    __table_args__ = (Index(None, "project_id", "id"),)

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    pipeline_id: Mapped[str | None] = mapped_column(String(255))
    pipeline_url: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(String(255))
    ref: Mapped[str | None] = mapped_column(String(255))
    """The branch or tag."""
    sha: Mapped[str | None] = mapped_column(String(64))
    """The commit, as 40 or 64 hexadecimal digits."""
    started_by: Mapped[str | None] = mapped_column(String(255))
    """The user name, in the other system, of who started the pipeline."""
    source_repository: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The verified claims, without those that only identify the ID token."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FileBuild(Base):
    """The build that a file was published by."""

    __tablename__ = "file_builds"
    __table_args__ = (Index(None, "build_id"),)

    file_id: Mapped[int] = mapped_column(
        ForeignKey("files.id", ondelete="CASCADE"), primary_key=True
    )
    build_id: Mapped[int] = mapped_column(ForeignKey("builds.id", ondelete="CASCADE"))
