"""Users and their browser sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pyregistry.db import Base, Identifier, UTCDateTime


class User(Base):
    """A person, or the bot that an access token belongs to; has credentials and memberships."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    username: Mapped[str] = mapped_column(String(255))
    username_key: Mapped[str] = mapped_column(String(255), unique=True)
    """The user name in lower case: names are unique without case."""
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    is_admin: Mapped[bool]
    is_bot: Mapped[bool]
    """Bots have no password, and never count as the Owner that a group must keep."""
    is_external: Mapped[bool]
    """External users see internal projects only where they are members."""
    blocked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    current_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When they last signed in with a browser; None: never, or before this was kept."""
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The time before that, as GitLab counts; of who signed in once, that one."""


class BrowserSession(Base):
    """One sign-in of one browser. The cookie holds the secret, this row its digest."""

    __tablename__ = "browser_sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(255))

    user: Mapped[User] = relationship()
