"""Which release of a package is the latest, and what is kept of it beside the package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from packaging.version import Version
from sqlalchemy import Executable, bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from pyregistry.db import table_of
from pyregistry.packaging.dependencies import dependency_names
from pyregistry.packaging.models import Package, PackageDependency, PackageText, Release
from pyregistry.packaging.names import canonical_version
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
    session.flush()
    key = PackageKey(package.project_id, package.id, package.normalized_name)
    keep_beside(session, key, package.name, metadata, is_new=False)


@dataclass(frozen=True, slots=True)
class PackageKey:
    """By what is kept beside a package."""

    project_id: int
    package_id: int
    normalized_name: str


def keep_beside(
    session: Session, key: PackageKey, name: str, metadata: Mapping[str, Any], *, is_new: bool
) -> None:
    """Keep what searches find a package by, and what it needs, as the metadata of its latest
    release says. Of a new package there is nothing yet."""
    text = search_text(name, key.normalized_name, metadata)
    _keep_text(session, key, text)
    _keep_dependencies(session, key, metadata, is_new=is_new)


def becomes_latest(
    session: Session, package_id: int, latest_version: str | None, version: str
) -> bool:
    """Whether a new release, which is not yanked, is the latest of its package now.

    `latest_version` was the latest before; None where there was none. As `refresh_latest`
    chooses, and without reading the other releases.
    """
    if latest_version is None:
        return True
    new = precedence(version, yanked=False)
    if new > precedence(latest_version, yanked=False):
        return True
    # It is behind, unless the latest is yanked: then all others are as well.
    parameters = {"of_package": package_id, "at_version": canonical_version(latest_version)}
    return session.connection().execute(_IS_YANKED, parameters).scalar() is not False


_releases = table_of(Release).c
_IS_YANKED = select(_releases.yanked).where(
    _releases.package_id == bindparam("of_package"),
    _releases.canonical_version == bindparam("at_version"),
)


def _keep_text(session: Session, key: PackageKey, text: str) -> None:
    values = {
        "normalized_name": key.normalized_name,
        "package_id": key.package_id,
        "project_id": key.project_id,
        "search_text": text,
    }
    connection = session.connection()
    connection.execute(_text_statement(connection.dialect.name), values)


@cache
def _text_statement(dialect: str) -> Executable:
    insert_or_update = postgresql_insert if dialect == "postgresql" else sqlite_insert
    texts = table_of(PackageText)
    statement = insert_or_update(texts)
    return statement.on_conflict_do_update(
        index_elements=[texts.c.normalized_name, texts.c.package_id],
        set_={"search_text": statement.excluded.search_text},
        where=texts.c.search_text != statement.excluded.search_text,
    )


def _keep_dependencies(
    session: Session, key: PackageKey, metadata: Mapping[str, Any], *, is_new: bool
) -> None:
    names = set(dependency_names(key.normalized_name, metadata))
    connection = session.connection()
    kept: set[str] = set()
    if not is_new:
        kept.update(connection.execute(_NEEDED, {"of_package": key.package_id}).scalars())
    if gone := kept - names:
        connection.execute(_NEEDED_NO_MORE, {"of_package": key.package_id, "gone": sorted(gone)})
    if new := names - kept:
        of_package = {
            "package_id": key.package_id,
            "project_id": key.project_id,
            "normalized_name": key.normalized_name,
        }
        connection.execute(_NEEDED_NOW, [{**of_package, "name": name} for name in sorted(new)])


_needed = table_of(PackageDependency).c
_NEEDED = select(_needed.name).where(_needed.package_id == bindparam("of_package"))
_NEEDED_NO_MORE = delete(table_of(PackageDependency)).where(
    _needed.package_id == bindparam("of_package"),
    _needed.name.in_(bindparam("gone", expanding=True)),
)
_NEEDED_NOW = insert(table_of(PackageDependency))
