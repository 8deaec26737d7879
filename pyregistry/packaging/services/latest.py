"""Which release of a package is the latest, and what is kept of it beside the package."""

from collections.abc import Mapping
from typing import Any

from packaging.version import Version
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pyregistry.packaging.dependencies import dependency_names
from pyregistry.packaging.models import Package, PackageDependency, PackageText, Release
from pyregistry.packaging.search_texts import search_text


def precedence(version: str, *, yanked: bool) -> tuple[bool, bool, Version]:
    """What orders releases: the latest has the greatest.

    The latest is the highest version that is not yanked; a pre-release counts only
    where there is no final release, a yanked one only where all are.
    """
    parsed = Version(version)
    return not yanked, not parsed.is_prerelease, parsed


def refresh_latest(session: Session, package: Package) -> None:
    """Set anew what is kept of the package's latest release.

    That is its version and summary, when it was published, what searches find the package by,
    and what the package needs.
    """
    session.flush()
    releases = session.execute(
        select(Release.id, Release.version, Release.yanked).where(Release.package_id == package.id)
    ).all()
    metadata: Mapping[str, Any] = {}
    if releases:
        chosen = max(releases, key=lambda row: precedence(row.version, yanked=row.yanked))
        latest = session.execute(
            select(
                Release.version, Release.version_key, Release.created_at, Release.core_metadata
            ).where(Release.id == chosen.id)
        ).one()
        metadata = latest.core_metadata
        package.latest_version = latest.version
        package.latest_version_key = latest.version_key
        package.published_at = latest.created_at
    else:
        package.latest_version = None
        package.latest_version_key = ""
        package.published_at = package.created_at
    package.summary = metadata.get("summary")
    _keep_text(session, package, metadata)
    _keep_dependencies(session, package, metadata)


def _keep_text(session: Session, package: Package, metadata: Mapping[str, Any]) -> None:
    text = search_text(package.name, package.normalized_name, metadata)
    kept = session.get(PackageText, (package.normalized_name, package.id))
    if kept is not None:
        kept.search_text = text
        return
    session.add(
        PackageText(
            normalized_name=package.normalized_name,
            package_id=package.id,
            project_id=package.project_id,
            search_text=text,
        )
    )


def _keep_dependencies(session: Session, package: Package, metadata: Mapping[str, Any]) -> None:
    names = set(dependency_names(package.normalized_name, metadata))
    of_package = PackageDependency.package_id == package.id
    kept = set(session.scalars(select(PackageDependency.name).where(of_package)))
    if gone := kept - names:
        session.execute(
            delete(PackageDependency).where(of_package, PackageDependency.name.in_(gone)),
            execution_options={"synchronize_session": False},
        )
    if new := names - kept:
        session.execute(
            insert(PackageDependency),
            [
                {
                    "package_id": package.id,
                    "project_id": package.project_id,
                    "normalized_name": package.normalized_name,
                    "name": name,
                }
                for name in sorted(new)
            ],
        )
