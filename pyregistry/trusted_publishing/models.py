"""Trusted publishers, and the ID tokens that were exchanged."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime


class TrustedPublisher(Base):
    """What an ID token must say for its bearer to publish into a project."""

    __tablename__ = "trusted_publishers"
    __table_args__ = (Unique("project_id", "name"), Index(None, "issuer"))

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    issuer: Mapped[str] = mapped_column(Text)
    """The `iss` claim, exactly."""
    claims: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The claims that must hold, all of them, by name."""
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class UsedIDToken(Base):
    """An ID token that was exchanged already, remembered until it expires."""

    __tablename__ = "used_id_tokens"
    __table_args__ = (Index(None, "expires_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """The SHA-256 of the issuer and the token's `jti`."""
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
