"""Tokens. A token's secret is shown once; its row holds the SHA-256 digest."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base, Identifier, UTCDateTime


class Token(Base):
    """A credential for tools.

    `kind` is a `CredentialKind`. A personal access token belongs to its user. An access token
    of a project or group has a bot for its user, who is a member of that namespace. Deploy
    tokens and job tokens have no user: they act in their namespace by themselves.
    """

    __tablename__ = "tokens"
    __table_args__ = (
        CheckConstraint("user_id IS NOT NULL OR namespace_id IS NOT NULL", name="has_an_owner"),
        Index(None, "user_id"),
        Index(None, "namespace_id", "kind", "id"),
        Index(None, "build_id"),
        Index(None, "minted_by_id"),
        Index(None, "trusted_publisher_id"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    namespace_id: Mapped[int | None] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE")
    )
    username: Mapped[str | None] = mapped_column(String(255))
    """The user name of a deploy token; of a job token, who started the job,
    where an issuer has vouched for it."""
    build_id: Mapped[int | None] = mapped_column(ForeignKey("builds.id", ondelete="SET NULL"))
    minted_by_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id", ondelete="SET NULL"))
    """Of a job token: the access token that created it, and takes it along when revoked."""
    trusted_publisher_id: Mapped[int | None] = mapped_column(
        ForeignKey("trusted_publishers.id", ondelete="SET NULL")
    )
    """Of a job token: the trusted publisher that let the job in."""
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_address: Mapped[str | None] = mapped_column(String(64))

    def has_expired(self, now: datetime) -> bool:
        """Whether its end has passed."""
        return self.expires_at is not None and self.expires_at <= now
