"""A package with many files, written straight into the tables: uploads would take long."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.contents import tidy
from pyregistry.db import Database
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import (
    File,
    FileMetadata,
    Package,
    PackageStatus,
    PackageText,
    Release,
)
from pyregistry.packaging.services.serials import next_serial
from pyregistry.packaging.version_keys import version_key
from tests.factories.distributions import Distribution

_START = datetime(2026, 1, 1, tzinfo=UTC)
_METADATA = {"metadata_version": "2.4", "summary": "A package of the benchmark"}


def fill_package(
    database: Database, project_id: int, name: str, files: Sequence[Distribution], storage: str
) -> None:
    """Write the rows of a package: releases of two files each, as uploads leave them.

    The bytes of the files are not stored: only pages are asked for.
    """
    with database.writing() as session:
        serial = next_serial(session)
        package = _package(session, project_id, name, files, serial)
        first = _next_id(session, Release)
        first_file = _next_id(session, File)
        releases = [
            _release(package, first + number, name, each) for number, each in enumerate(files[::2])
        ]
        rows = [
            _file(package, first + number // 2, first_file + number, each, storage)
            for number, each in enumerate(files)
        ]
        session.execute(insert(Release), releases)
        session.execute(insert(File), rows)
        session.execute(
            insert(FileMetadata),
            [
                {"file_id": first_file + number, "content": each.metadata}
                for number, each in enumerate(files)
            ],
        )
        project = session.get_one(Namespace, project_id)
        project.serial = serial
        project.packages_count += 1
        project.files_count += len(files)
        project.storage_bytes += package.storage_bytes
    tidy(database)


def _package(
    session: Session, project_id: int, name: str, files: Sequence[Distribution], serial: int
) -> Package:
    version = _version(files[-1])
    package = Package(
        project_id=project_id,
        name=name,
        normalized_name=name,
        status=PackageStatus.ACTIVE,
        serial=serial,
        latest_version=version,
        latest_version_key=version_key(version),
        published_at=_START,
        summary=_METADATA["summary"],
        releases_count=(len(files) + 1) // 2,
        files_count=len(files),
        storage_bytes=sum(len(each.content) for each in files),
        pulls_count=0,
        created_at=_START,
    )
    session.add(package)
    session.flush()
    session.add(
        PackageText(
            normalized_name=name, package_id=package.id, project_id=project_id, search_text=name
        )
    )
    return package


def _next_id(session: Session, model: type[Release] | type[File]) -> int:
    return (session.scalar(select(func.max(model.id))) or 0) + 1


def _version(distribution: Distribution) -> str:
    return distribution.filename.removesuffix(".tar.gz").split("-")[1]


def _release(package: Package, row: int, name: str, first: Distribution) -> dict[str, Any]:
    version = _version(first)
    moment = _START + timedelta(minutes=row)
    return {
        "id": row,
        "package_id": package.id,
        "project_id": package.project_id,
        "normalized_name": name,
        "version": version,
        "canonical_version": version.removesuffix(".0").removesuffix(".0"),
        "version_key": version_key(version),
        "yanked": False,
        "core_metadata": {**_METADATA, "name": name, "version": version},
        "files_count": 2,
        "created_at": moment,
        "updated_at": moment,
    }


def _file(
    package: Package, release: int, row: int, distribution: Distribution, storage: str
) -> dict[str, Any]:
    is_wheel = distribution.filename.endswith(".whl")
    return {
        "id": row,
        "project_id": package.project_id,
        "package_id": package.id,
        "release_id": release,
        "filename": distribution.filename,
        "packagetype": "bdist_wheel" if is_wheel else "sdist",
        "python_version": "py3" if is_wheel else "source",
        "size": len(distribution.content),
        "sha256": distribution.sha256,
        "blake2b_256": distribution.blake2b_256,
        "md5": distribution.md5,
        "requires_python": ">=3.9",
        "metadata_sha256": sha256(distribution.metadata).hexdigest(),
        "storage": storage,
        "uploaded_at": _START + timedelta(seconds=row),
        "uploader_name": "admin",
    }
