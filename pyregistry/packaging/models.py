"""Packages, releases and files, and the instance's serial."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pyregistry.builds.models import Build
from pyregistry.db import Base, Identifier, UTCDateTime, enum_column
from pyregistry.namespaces.models import Namespace

_PLAIN_NAME = String(255).with_variant(String(255, collation="C"), "postgresql")
"""Names in the order of their bytes: those that begin alike are then beside each other."""


class PackageStatus(StrEnum):
    """The status of a package, as PEP 792 names it."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"

    @property
    def accepts_uploads(self) -> bool:
        """Archived and quarantined packages refuse uploads (PEP 792)."""
        return self in (PackageStatus.ACTIVE, PackageStatus.DEPRECATED)

    @property
    def offers_files(self) -> bool:
        """Quarantined packages offer no files (PEP 792)."""
        return self is not PackageStatus.QUARANTINED


class RegistrySerial(Base):
    """One row with the last serial given out: the number of the last change of anything.

    Whoever changes a package takes the next number in the same transaction; the
    row's lock makes the numbers grow in the order of commits, and is the lock
    under which the sweeper looks again before it removes an object.
    """

    __tablename__ = "registry_serial"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)


class Package(Base):
    """One normalised name inside a project."""

    __tablename__ = "packages"
    __table_args__ = (
        Unique("project_id", "normalized_name"),
        Index(None, "normalized_name"),
        # The orders of a project's list. Each holds all that it chooses by.
        *(
            Index(None, "project_id", column, "id", "status")
            for column in (
                "normalized_name",
                "latest_version_key",
                "published_at",
                "storage_bytes",
                "pulls_count",
            )
        ),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id"))
    name: Mapped[str] = mapped_column(String(255))
    """As spelled by its first upload."""
    normalized_name: Mapped[str] = mapped_column(String(255))
    status: Mapped[PackageStatus] = mapped_column(enum_column(PackageStatus, "status"))
    status_reason: Mapped[str | None] = mapped_column(Text)
    serial: Mapped[int] = mapped_column(BigInteger)
    latest_version: Mapped[str | None] = mapped_column(Text)
    """The newest version that is neither yanked nor, where others exist, a pre-release."""
    latest_version_key: Mapped[str] = mapped_column(Text)
    """That of the latest release, for lists in this order; empty where there is none."""
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When the latest release was created; where there is none, the package."""
    summary: Mapped[str | None] = mapped_column(Text)
    """Of the latest release."""
    releases_count: Mapped[int]
    files_count: Mapped[int]
    storage_bytes: Mapped[int] = mapped_column(BigInteger)
    pulls_count: Mapped[int] = mapped_column(BigInteger)
    """How often files of this name were pulled from the project: the sum of the days' counts."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    project: Mapped[Namespace] = relationship()


class PackageText(Base):
    """What a search for packages looks in. Each package has a row.

    A table of its own, in the order of names: a search reads all of it, and nothing else.
    """

    __tablename__ = "package_texts"
    __table_args__: tuple[Any, ...] = (Index(None, "package_id"), {"sqlite_with_rowid": False})

    normalized_name: Mapped[str] = mapped_column(_PLAIN_NAME, primary_key=True)
    """That of the package."""
    package_id: Mapped[int] = mapped_column(
        ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[int] = mapped_column(Identifier)
    """The package's, which is never another; it needs no key of its own."""
    search_text: Mapped[str] = mapped_column(Text)
    """Names, people, keywords and summary of the latest release; see `search_texts`."""


class PackageDependency(Base):
    """That the latest release of a package names another in Requires-Dist.

    Whether there is a package of that name here, and which one is meant, it does not say.
    """

    __tablename__ = "package_dependencies"
    __table_args__ = (
        Index(
            "ix_package_dependencies_dependents",
            "name",
            "normalized_name",
            "package_id",
            "project_id",
        ),
    )

    package_id: Mapped[int] = mapped_column(
        ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(_PLAIN_NAME, primary_key=True)
    """The normalised name of what is needed."""
    normalized_name: Mapped[str] = mapped_column(_PLAIN_NAME)
    """That of the package that needs it, for lists in this order."""
    project_id: Mapped[int] = mapped_column(Identifier)
    """The package's, which is never another."""


class Release(Base):
    """A package at one PEP 440 version. Its metadata is that of its first file.

    The indexes are the orders of lists, of one project and of many: each holds all that a
    list chooses by, so that a page far down is found without reading rows.
    """

    __tablename__ = "releases"
    __table_args__ = (
        Unique("package_id", "canonical_version"),
        Index(None, "creator_id", "id"),
        *(
            Index(f"ix_releases_{name}", *columns)
            for name, columns in {
                "created": ("created_at", "id", "project_id", "normalized_name", "version_key"),
                "name": ("normalized_name", "id", "project_id", "version_key"),
                "version": ("version_key", "id", "project_id", "normalized_name"),
                "project_created": (
                    "project_id",
                    "created_at",
                    "id",
                    "normalized_name",
                    "version_key",
                ),
                "project_name": ("project_id", "normalized_name", "id", "version_key"),
                "project_version": ("project_id", "version_key", "id", "normalized_name"),
            }.items()
        ),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id"))
    normalized_name: Mapped[str] = mapped_column(String(255))
    """That of its package, for lists in this order."""
    version: Mapped[str] = mapped_column(Text)
    """As spelled by its first upload."""
    canonical_version: Mapped[str] = mapped_column(Text)
    version_key: Mapped[str] = mapped_column(Text)
    """Sorts as the version does; see `version_keys`."""
    yanked: Mapped[bool]
    yanked_reason: Mapped[str | None] = mapped_column(Text)
    core_metadata: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Every field of the archive's core metadata but the description."""
    description: Mapped[str | None] = mapped_column(Text, deferred=True)
    description_html: Mapped[str | None] = mapped_column(Text, deferred=True)
    files_count: Mapped[int]
    last_downloaded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a file of it was last pulled, as of when pulls were last written."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it was created, yanked or unyanked, or a file came or went."""
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    package: Mapped[Package] = relationship()
    files: Mapped[list["File"]] = relationship(
        back_populates="release", order_by="File.id", passive_deletes="all"
    )


class File(Base):
    """One distribution archive of a release."""

    __tablename__ = "files"
    __table_args__ = (
        Unique("project_id", "filename"),
        Index(None, "package_id", "id"),
        Index(None, "release_id"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("namespaces.id"))
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    filename: Mapped[str] = mapped_column(String(255))
    packagetype: Mapped[str] = mapped_column(String(16))
    python_version: Mapped[str] = mapped_column(String(255))
    """`source`, or the Python tag of a wheel."""
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    blake2b_256: Mapped[str] = mapped_column(String(64))
    sha1: Mapped[str | None] = mapped_column(String(40))
    """None for a file that was published before this digest was kept."""
    md5: Mapped[str] = mapped_column(String(32))
    requires_python: Mapped[str | None] = mapped_column(Text)
    metadata_sha256: Mapped[str | None] = mapped_column(String(64))
    """Set where the core metadata is served beside the file (PEP 658)."""
    storage: Mapped[str] = mapped_column(String(16))
    """The name of the storage that holds the bytes."""
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    uploader_name: Mapped[str | None] = mapped_column(String(255))
    credential_kind: Mapped[str | None] = mapped_column(String(32))
    credential_name: Mapped[str | None] = mapped_column(String(255))
    uploaded_from: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(255))

    release: Mapped[Release] = relationship(back_populates="files")
    build: Mapped[Build | None] = relationship(
        secondary="file_builds", viewonly=True, lazy="raise", uselist=False
    )
    """By which a job published it; queries that show it load it with the file."""


class FileMetadata(Base):
    """A file's METADATA or PKG-INFO, byte for byte as in the archive."""

    __tablename__ = "file_metadata"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("files.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
