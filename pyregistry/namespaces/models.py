"""Groups, projects and their members."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pyregistry.db import Base, Identifier, UTCDateTime, enum_column


class NamespaceKind(StrEnum):
    """What a namespace is."""

    GROUP = "group"
    PROJECT = "project"


class Visibility(StrEnum):
    """Who may see a namespace without being a member."""

    PRIVATE = "private"
    INTERNAL = "internal"
    PUBLIC = "public"

    @property
    def rank(self) -> int:
        """A higher number is visible to more people."""
        return list(Visibility).index(self)


class Namespace(Base):
    """A group or a project: what has a full path, members and tokens."""

    __tablename__ = "namespaces"
    __table_args__ = (
        CheckConstraint("kind = 'group' OR parent_id IS NOT NULL", name="project_has_a_group"),
        Index(None, "parent_id"),
        Index(None, "kind", "created_at", "id"),
        Index(None, "kind", "storage_bytes", "id"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[NamespaceKind] = mapped_column(enum_column(NamespaceKind, "kind"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("namespaces.id"))
    name: Mapped[str] = mapped_column(String(255))
    """As people call it; no address holds it."""
    path: Mapped[str] = mapped_column(String(255))
    """The last segment of the full path, as its owner spells it."""
    full_path: Mapped[str] = mapped_column(Text)
    full_path_key: Mapped[str] = mapped_column(Text, unique=True)
    """The full path in lower case: paths are unique without case."""
    description: Mapped[str] = mapped_column(Text)
    visibility: Mapped[Visibility] = mapped_column(enum_column(Visibility, "visibility"))
    packages_enabled: Mapped[bool]
    """Whether the package registry of this very namespace is turned on."""
    packages_available: Mapped[bool]
    """Whether it is turned on here, in every group above, and for the instance."""
    anyone_can_pull: Mapped[bool]
    """Whether a project lets anyone pull, whatever its visibility, as far as that is permitted."""
    pulls_open: Mapped[bool]
    """Whether anyone may pull for that reason now: the instance may forbid the option."""
    serial: Mapped[int] = mapped_column(BigInteger)
    """Of a project: the number of the last change to any of its packages."""
    packages_count: Mapped[int]
    files_count: Mapped[int]
    storage_bytes: Mapped[int] = mapped_column(BigInteger)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    parent: Mapped["Namespace | None"] = relationship(remote_side=id)


class NamespaceAncestor(Base):
    """The tree's closure: a row for each namespace with itself and each group above it.

    It turns "the subtree of" and "a member anywhere above" into indexed joins.
    """

    __tablename__ = "namespace_ancestors"
    __table_args__ = (Index(None, "ancestor_id", "namespace_id"),)

    namespace_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True
    )
    ancestor_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True
    )
    depth: Mapped[int]
    """0 for the namespace itself, 1 for its parent, and so on."""


class NamespaceRedirect(Base):
    """A full path that a namespace had before it was renamed or moved, and that leads to it.

    What lay below it has no row of its own: the rest of the path is looked up below the
    namespace. A row goes as soon as something else takes its path.
    """

    __tablename__ = "namespace_redirects"
    __table_args__ = (Index(None, "namespace_id"),)

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    path_key: Mapped[str] = mapped_column(Text, unique=True)
    """The old full path in lower case."""
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class InstanceSettings(Base):
    """One row: what administrators decide for every group and project while the registry runs."""

    __tablename__ = "instance_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    packages_enabled: Mapped[bool]
    """Whether the instance has a package registry at all."""
    anyone_can_pull_allowed: Mapped[bool]
    """Whether projects may let anyone pull, whatever their visibility."""
    users_create_groups: Mapped[bool]
    """Whether people may create top-level groups; administrators always may."""


class Membership(Base):
    """A user's role in a namespace and in everything below it."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("role IN (10, 20, 30, 40, 50)", name="role"),
        Index(None, "user_id", "namespace_id", unique=True),
        Index(None, "user_id", "expires_at"),
        Index(None, "namespace_id"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
