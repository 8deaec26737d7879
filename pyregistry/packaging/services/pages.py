"""What pages for people read of packages and releases, in queries that fetch no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from packaging.version import Version
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from pyregistry.packaging.models import Package, PackageStatus, Release


@dataclass(frozen=True, slots=True)
class ListedPackage:
    """A package as the list of a project shows it."""

    name: str
    normalized_name: str
    status: PackageStatus
    summary: str | None
    latest_version: str | None
    published_at: datetime
    """When its latest release was first uploaded."""


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A release as the list of a package's versions shows it."""

    version: str
    created_at: datetime
    yanked: bool
    yanked_reason: str | None
    files_count: int

    @property
    def is_prerelease(self) -> bool:
        """Whether the version is a pre-release or a development release (PEP 440)."""
        return Version(self.version).is_prerelease


def listed_packages(
    session: Session, project_id: int, *, after: str = "", limit: int
) -> list[ListedPackage]:
    """At most `limit` packages of a project by name, beginning after the name `after`."""
    latest = and_(Release.package_id == Package.id, Release.version == Package.latest_version)
    rows = session.execute(
        select(
            Package.name,
            Package.normalized_name,
            Package.status,
            Package.summary,
            Package.latest_version,
            Release.created_at,
            Package.created_at.label("package_created_at"),
        )
        .outerjoin(Release, latest)
        .where(Package.project_id == project_id, Package.normalized_name > after)
        .order_by(Package.normalized_name)
        .limit(limit)
    )
    return [ListedPackage(*row[:5], row.created_at or row.package_created_at) for row in rows]


def listed_releases(session: Session, package_id: int) -> Sequence[ListedRelease]:
    """Every release of a package, newest version first."""
    rows = session.execute(
        select(
            Release.version,
            Release.created_at,
            Release.yanked,
            Release.yanked_reason,
            Release.files_count,
        ).where(Release.package_id == package_id)
    )
    releases = [ListedRelease(*row) for row in rows]
    return sorted(releases, key=lambda release: Version(release.version), reverse=True)
