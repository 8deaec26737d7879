"""Which release of a package is the latest."""

from packaging.version import Version
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.packaging.models import Package, Release


def refresh_latest(session: Session, package: Package) -> None:
    """Set the package's latest version and its summary anew.

    The latest is the highest version that is not yanked; a pre-release counts only
    where there is no final release, a yanked one only where all are.
    """
    session.flush()
    releases = session.execute(
        select(Release.id, Release.version, Release.yanked).where(Release.package_id == package.id)
    ).all()
    if not releases:
        package.latest_version = None
        package.summary = None
        return
    latest = max(
        releases,
        key=lambda row: (
            not row.yanked,
            not Version(row.version).is_prerelease,
            Version(row.version),
        ),
    )
    package.latest_version = latest.version
    metadata = session.scalars(select(Release.core_metadata).where(Release.id == latest.id)).one()
    package.summary = metadata.get("summary")
