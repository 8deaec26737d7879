"""What PyPI's JSON API reads: every file of packages of one name, and one release's metadata."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.packaging.models import File, Package, Release


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file with all its digests, and the release that it belongs to."""

    package_id: int
    release_id: int
    version: str
    canonical_version: str
    yanked: bool
    yanked_reason: str | None
    filename: str
    packagetype: str
    python_version: str
    size: int
    sha256: str
    blake2b_256: str
    md5: str
    requires_python: str | None
    metadata_sha256: str | None
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseMetadata:
    """The core metadata of a release, and the name of its package as first uploaded."""

    name: str
    core_metadata: Mapping[str, Any]
    description: str | None


def published_files(
    session: Session, package_ids: Collection[int], canonical_version: str | None
) -> list[PublishedFile]:
    """The files of packages of one name, oldest first; where a version is given, of that alone.

    Several may have one filename. A release has a file, always: no release is missing.
    """
    statement = (
        select(
            File.package_id,
            File.release_id,
            Release.version,
            Release.canonical_version,
            Release.yanked,
            Release.yanked_reason,
            File.filename,
            File.packagetype,
            File.python_version,
            File.size,
            File.sha256,
            File.blake2b_256,
            File.md5,
            File.requires_python,
            File.metadata_sha256,
            File.uploaded_at,
        )
        .join(Release, Release.id == File.release_id)
        .where(File.package_id.in_(package_ids))
        .order_by(File.uploaded_at, File.id)
    )
    if canonical_version is not None:
        statement = statement.where(Release.canonical_version == canonical_version)
    return [PublishedFile(*tuple(row)) for row in session.execute(statement)]


def release_metadata(session: Session, release_id: int) -> ReleaseMetadata:
    """What a release's first file says of it."""
    row = session.execute(
        select(Package.name, Release.core_metadata, Release.description)
        .join(Package, Package.id == Release.package_id)
        .where(Release.id == release_id)
    ).one()
    return ReleaseMetadata(*row)


def has_file(
    session: Session, package_ids: Collection[int], canonical_version: str, filename: str
) -> bool:
    """Whether one of the packages has a file of that name at that version."""
    return (
        session.scalars(
            select(File.id)
            .join(Release, Release.id == File.release_id)
            .where(
                File.package_id.in_(package_ids),
                File.filename == filename,
                Release.canonical_version == canonical_version,
            )
            .limit(1)
        ).first()
        is not None
    )
