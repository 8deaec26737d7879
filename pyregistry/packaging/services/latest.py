"""Which release of a package is the latest."""

from packaging.version import Version
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.packaging.models import Package, Release


def precedence(version: str, *, yanked: bool) -> tuple[bool, bool, Version]:
    """What orders releases: the latest has the greatest.

    The latest is the highest version that is not yanked; a pre-release counts only
    where there is no final release, a yanked one only where all are.
    """
    parsed = Version(version)
    return not yanked, not parsed.is_prerelease, parsed


def refresh_latest(session: Session, package: Package) -> None:
    """Set the package's latest version and its summary anew."""
    session.flush()
    releases = session.execute(
        select(Release.id, Release.version, Release.yanked).where(Release.package_id == package.id)
    ).all()
    if not releases:
        package.latest_version = None
        package.summary = None
        return
    latest = max(releases, key=lambda row: precedence(row.version, yanked=row.yanked))
    package.latest_version = latest.version
    metadata = session.scalars(select(Release.core_metadata).where(Release.id == latest.id)).one()
    package.summary = metadata.get("summary")
