"""What pages for people read of packages and releases, in queries that fetch no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from packaging.version import Version
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    case,
    literal_column,
    select,
)
from sqlalchemy.orm import Session, joinedload

from pyregistry.authnz.identity import Viewer
from pyregistry.db import Identifier
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.readable import readable
from pyregistry.packaging.models import File, Package, PackageStatus, PackageText, Release
from pyregistry.packaging.services.words import holds
from pyregistry.slices import Order, Slice, Window, read_slice


class PackageOrder(StrEnum):
    """By what the packages of a project are in order."""

    NAME = "name"
    VERSION = "version"
    """That of the latest release, as PEP 440 orders versions; packages without one are first."""
    PUBLISHED = "published"
    SIZE = "size"
    PULLS = "pulls"


_ORDERS: dict[PackageOrder, SQLColumnExpression[Any]] = {
    PackageOrder.NAME: Package.normalized_name,
    PackageOrder.VERSION: Package.latest_version_key,
    PackageOrder.PUBLISHED: Package.published_at,
    PackageOrder.SIZE: Package.storage_bytes,
    PackageOrder.PULLS: Package.pulls_count,
}


@dataclass(frozen=True, slots=True)
class PackageQuery:
    """Which packages of a project a list shows, and in which order.

    `words` are those of `search_words`: a package is found by all of them.
    """

    words: tuple[str, ...] = ()
    status: PackageStatus | None = None
    order: PackageOrder = PackageOrder.NAME
    descending: bool = False


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
    storage_bytes: int
    releases_count: int
    pulls: int
    """How often its files were pulled, as of when pulls were last written."""


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release as the list of what somebody published shows it."""

    project_path: str
    name: str
    normalized_name: str
    version: str
    created_at: datetime
    yanked: bool


_LISTED = (
    Package.name,
    Package.normalized_name,
    Package.status,
    Package.summary,
    Package.latest_version,
    Package.published_at,
    Package.storage_bytes,
    Package.releases_count,
    Package.pulls_count,
)


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


def packages_slice(
    session: Session, project_id: int, query: PackageQuery, window: Window
) -> Slice[ListedPackage]:
    """Packages of a project, in a window. Two queries by key, three by number.

    Raises `Invalid` for a cursor of another list.
    """
    # Ids first, by an index that holds all that is asked; then the rows of one page.
    found: Slice[int] = read_slice(
        session,
        select(Package.id).where(*_conditions(session, project_id, query)),
        Order((_ORDERS[query.order], Package.id), query.descending),
        window,
        lambda row: row[0],
    )
    if not found.rows:
        return found.with_rows([])
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(Package.id, *_LISTED).where(Package.id.in_(found.rows))
    ).all()
    by_id = {row.id: ListedPackage(*row[1:]) for row in rows}
    return found.with_rows([by_id[number] for number in found.rows if number in by_id])


def _conditions(
    session: Session, project_id: int, query: PackageQuery
) -> list[ColumnElement[bool]]:
    conditions = [Package.project_id == project_id]
    if query.status is not None:
        conditions.append(Package.status == query.status)
    if query.words:
        found = select(PackageText.package_id).where(
            PackageText.project_id == project_id, *(holds(word) for word in query.words)
        )
        # SQLite would begin with what is found, and sort it. Where the column is not bare, it
        # walks the index that is in order, and stops at the end of the page.
        bare = session.get_bind().dialect.name != "sqlite"
        zero: ColumnElement[int] = literal_column("0", Identifier)
        conditions.append((Package.id if bare else Package.id + zero).in_(found))
    return conditions


def listed_packages(
    session: Session, project_id: int, *, after: str = "", limit: int
) -> list[ListedPackage]:
    """At most `limit` packages of a project by name, beginning after the name `after`."""
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(*_LISTED)
        .where(Package.project_id == project_id, Package.normalized_name > after)
        .order_by(Package.normalized_name)
        .limit(limit)
    ).all()
    return [ListedPackage(*row) for row in rows]


def listed_releases(session: Session, package_id: int) -> Sequence[ListedRelease]:
    """Every release of a package, newest version first."""
    rows = session.execute(_releases_of(package_id).order_by(Release.version_key.desc()))
    return [ListedRelease(*row) for row in rows]


def releases_slice(session: Session, package_id: int, window: Window) -> Slice[ListedRelease]:
    """Releases of a package, newest version first, in a window. Raises as `read_slice` does."""
    order = Order((Release.version_key, Release.id), descending=True)
    return read_slice(
        session, _releases_of(package_id), order, window, lambda row: ListedRelease(*row[:5])
    )


def _releases_of(package_id: int) -> Select[*tuple[Any, ...]]:
    return select(
        Release.version,
        Release.created_at,
        Release.yanked,
        Release.yanked_reason,
        Release.files_count,
    ).where(Release.package_id == package_id)


def files_slice(session: Session, release_id: int, window: Window) -> Slice[File]:
    """Files of a release with their builds, in a window: source distributions, then wheels.

    Raises as `read_slice` does.
    """
    wheels_last: ColumnElement[int] = case(
        (File.packagetype == literal_column("'sdist'"), literal_column("0", Integer())),
        else_=literal_column("1", Integer()),
    )
    return read_slice(
        session,
        select(File).where(File.release_id == release_id).options(joinedload(File.build)),
        Order((wheels_last, File.filename)),
        window,
        lambda row: row[0],
    )


def published_lately(
    session: Session, user_id: int, viewer: Viewer, *, limit: int
) -> list[PublishedRelease]:
    """The newest releases that a user has created and the viewer may read, newest first."""
    rows = session.execute(
        select(
            Namespace.full_path,
            Package.name,
            Package.normalized_name,
            Release.version,
            Release.created_at,
            Release.yanked,
        )
        .join(Package, Package.id == Release.package_id)
        .join(Namespace, Namespace.id == Release.project_id)
        .where(Release.creator_id == user_id, readable(viewer))
        .order_by(Release.id.desc())
        .limit(limit)
    )
    return [PublishedRelease(*row) for row in rows]


def file_of_release(session: Session, release_id: int, filename: str) -> File | None:
    """The file of that name in a release."""
    return session.scalars(
        select(File).where(File.release_id == release_id, File.filename == filename)
    ).one_or_none()
