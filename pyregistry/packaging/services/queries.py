"""What pages, indexes and the API read of packages, releases and files."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import cache
from typing import Any

from packaging.version import Version
from sqlalchemy import ColumnElement, Select, bindparam, case, null, select
from sqlalchemy.orm import Session, joinedload, undefer

from pyregistry.authnz.identity import Viewer
from pyregistry.db import in_batches, rows_of
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.readable import (
    ViewerKind,
    is_within,
    pullable,
    viewer_kind,
    viewer_parameters,
)
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file as an index page shows it."""

    filename: str
    version: str
    sha256: str
    size: int
    uploaded_at: datetime
    requires_python: str | None
    metadata_sha256: str | None
    yanked: bool
    yanked_reason: str | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as a download needs it."""

    id: int
    project_id: int
    project_path: str
    package: str
    version: str
    filename: str
    size: int
    sha256: str
    storage: str
    """The name of the storage that holds the bytes."""
    metadata_sha256: str | None
    status: PackageStatus
    status_reason: str | None
    metadata_content: bytes | None
    """METADATA or PKG-INFO, where it was asked for and is served."""


class ScopeKind(Enum):
    """Where files are looked for."""

    PROJECT = auto()
    GROUP = auto()
    INSTANCE = auto()


@dataclass(frozen=True, slots=True)
class FileScope:
    """One place where files are looked for: a project, a group's subtree, or everywhere."""

    kind: ScopeKind
    id: int | None = None


_OLDEST_FIRST = (File.uploaded_at, File.id)
"""Of files of one name in several projects, an index shows the first in this order."""

_ROWS_AT_ONCE = 5_000
_packages = Package.__table__


def indexed_files(session: Session, package_ids: Collection[int]) -> list[IndexedFile]:
    """The files of packages of one name, oldest first; of each filename the oldest upload.

    Ordered by version, then by filename.
    """
    rows = session.execute(
        select(
            File.filename,
            Release.version,
            File.sha256,
            File.size,
            File.uploaded_at,
            File.requires_python,
            File.metadata_sha256,
            Release.yanked,
            Release.yanked_reason,
        )
        .join(Release, Release.id == File.release_id)
        .where(File.package_id.in_(package_ids))
        .order_by(*_OLDEST_FIRST)
    )
    oldest: dict[str, IndexedFile] = {}
    for row in rows:
        oldest.setdefault(row.filename, IndexedFile(*row))
    versions = {file.version: Version(file.version) for file in oldest.values()}
    return sorted(oldest.values(), key=lambda file: (versions[file.version], file.filename))


@dataclass(frozen=True, slots=True)
class OldestUpload:
    """The file that an index shows under a filename, and its project."""

    id: int
    project_path: str


def oldest_uploads(
    session: Session, package_ids: Collection[int], filenames: Collection[str]
) -> dict[str, OldestUpload]:
    """Of the packages' files of each name the one that `indexed_files` shows."""
    rows = session.execute(
        select(File.filename, File.id, Namespace.full_path)
        .join(Namespace, Namespace.id == File.project_id)
        .where(File.package_id.in_(package_ids), File.filename.in_(filenames))
        .order_by(*_OLDEST_FIRST)
    )
    oldest: dict[str, OldestUpload] = {}
    for filename, file_id, path in rows:
        oldest.setdefault(filename, OldestUpload(file_id, path))
    return oldest


def indexed_names(session: Session, project_ids: Collection[int]) -> list[tuple[str, int]]:
    """Every package name in the projects with its last serial, by name."""
    names: dict[str, int] = {}
    for ids in in_batches(project_ids):
        # Of the table, not of the model: a hundred thousand rows take half the time. And not
        # grouped by the database: nearly every name is there once.
        rows = session.execute(
            select(_packages.c.normalized_name, _packages.c.serial)
            .where(_packages.c.project_id.in_(ids))
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        for name, serial in rows:
            if serial > names.get(name, -1):
                names[name] = serial
    return sorted(names.items())


def find_stored_file(
    session: Session,
    scope: FileScope,
    sha256: str,
    filename: str,
    viewer: Viewer,
    *,
    with_metadata: bool = False,
) -> StoredFile | None:
    """The file with that digest and name in the scope; outside a project, one that may be pulled.

    Where several projects of a group hold it, the oldest upload answers that is not
    quarantined: what an index offers can be downloaded. `with_metadata` reads its core
    metadata, too.
    """
    statement = _stored_file_statement(scope.kind, viewer_kind(viewer), with_metadata)
    parameters = {"filename": filename, "sha256": sha256, **viewer_parameters(viewer)}
    if scope.kind is not ScopeKind.INSTANCE:
        parameters["scope_id"] = scope.id
    rows = rows_of(session, statement, parameters)
    return StoredFile(*rows[0]) if rows else None


@cache
def _stored_file_statement(
    scope: ScopeKind, viewer: ViewerKind, with_metadata: bool
) -> Select[*tuple[Any, ...]]:
    """The statement for a kind of question. Building one costs more than running it."""
    content = FileMetadata.content if with_metadata else null()
    statement: Select[*tuple[Any, ...]] = (
        select(
            File.id,
            File.project_id,
            Namespace.full_path,
            Package.normalized_name,
            Release.version,
            File.filename,
            File.size,
            File.sha256,
            File.storage,
            File.metadata_sha256,
            Package.status,
            Package.status_reason,
            content.label("metadata_content"),
        )
        .join(Package, Package.id == File.package_id)
        .join(Release, Release.id == File.release_id)
        .join(Namespace, Namespace.id == File.project_id)
        .where(
            File.filename == bindparam("filename"),
            File.sha256 == bindparam("sha256"),
            _in_scope(scope, viewer),
        )
        .order_by(
            case((Package.status == PackageStatus.QUARANTINED, 1), else_=0),
            File.uploaded_at,
            File.id,
        )
        .limit(1)
    )
    if with_metadata:
        statement = statement.outerjoin(FileMetadata, FileMetadata.file_id == File.id)
    return statement


def _in_scope(scope: ScopeKind, viewer: ViewerKind) -> ColumnElement[bool]:
    if scope is ScopeKind.PROJECT:
        return Namespace.packages_available & (File.project_id == bindparam("scope_id"))
    if scope is ScopeKind.INSTANCE:
        return pullable(viewer, few=True)
    return pullable(viewer, few=True) & is_within(File.project_id, bindparam("scope_id"))


def find_package(session: Session, project_id: int, normalized_name: str) -> Package | None:
    """The package of that name in the project."""
    return session.scalars(
        select(Package).where(
            Package.project_id == project_id, Package.normalized_name == normalized_name
        )
    ).one_or_none()


def find_release(session: Session, package_id: int, canonical_version: str) -> Release | None:
    """The release of the package at that version, with its description.

    Its files are read in slices: a release may have a thousand.
    """
    return session.scalars(
        select(Release)
        .where(Release.package_id == package_id, Release.canonical_version == canonical_version)
        .options(undefer(Release.description_html))
    ).one_or_none()


def find_release_by_id(session: Session, project_id: int, release_id: int) -> Release | None:
    """The release with that id, if it is in the project."""
    return session.scalars(
        select(Release)
        .where(Release.project_id == project_id, Release.id == release_id)
        .options(joinedload(Release.package))
    ).one_or_none()
