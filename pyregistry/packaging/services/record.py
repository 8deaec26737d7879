"""Recording a file that the storage holds: package, release, file, counts, event."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.builds.models import FileBuild
from pyregistry.errors import NotFound
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.limits.services.read import check_fits
from pyregistry.limits.services.stored import count_stored
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.errors import FileExists
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release
from pyregistry.packaging.permits import Permit
from pyregistry.packaging.services.downloads import counted_pulls
from pyregistry.packaging.services.latest import refresh_latest
from pyregistry.packaging.services.queries import find_package
from pyregistry.packaging.services.serials import next_serial
from pyregistry.packaging.services.status import check_takes_uploads
from pyregistry.packaging.version_keys import version_key


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that was received, inspected and stored, and has no row yet."""

    filename: str
    packagetype: str
    python_version: str
    name: str
    normalized_name: str
    version: str
    canonical_version: str
    size: int
    sha256: str
    blake2b_256: str
    md5: str
    sha1: str
    requires_python: str | None
    core_metadata: Mapping[str, Any]
    description: str | None
    description_html: str | None
    metadata_file: bytes | None
    """The bytes of METADATA or PKG-INFO where they are served (PEP 658), else None."""
    metadata_sha256: str | None
    storage: str


def find_duplicate(session: Session, project_id: int, filename: str, sha256: str) -> File | None:
    """The file of that name with those very bytes, where the project holds it already.

    Raises `FileExists` where the name is taken by other bytes.
    """
    file = session.scalars(_named(project_id, filename)).one_or_none()
    if file is not None and file.sha256 != sha256:
        raise FileExists(
            f"{filename} already exists in this project with other content: its SHA-256 is "
            f"{file.sha256}, that of this upload {sha256}. Publish a new version instead."
        )
    return file


def holds_file(session: Session, project_id: int, filename: str) -> bool:
    """Whether the project has a file of that name, with whatever bytes."""
    return session.scalar(_named(project_id, filename)) is not None


def record_file(
    session: Session,
    project: Namespace,
    new: NewFile,
    actor: Actor,
    now: datetime,
    *,
    permit: Permit,
    seen: Container[int] = (),
) -> File:
    """Record a stored file and return its row, in the caller's writing transaction.

    Checks again what may have changed since the upload began. The same bytes under
    the same name are no change: the row that exists is returned, and keeps its build.
    Raises `FileExists`, `PackageClosed`, `FileTooLarge` or `OverQuota`, whose sentences name
    only the groups whose ids are in `seen`, and whatever `permit` raises.
    """
    serial = next_serial(session)
    # Read again under the lock: another upload may have been counted since.
    found = session.get(Namespace, project.id, populate_existing=True)
    if found is None:
        raise NotFound("The project was deleted while the file was sent.")
    permit(session, project.id, new.normalized_name)
    duplicate = find_duplicate(session, project.id, new.filename, new.sha256)
    if duplicate is not None:
        return duplicate
    check_takes_uploads(session, project.id, new.normalized_name)
    check_fits(session, project.id, new.size, seen)
    package = _package_for(session, project, new, serial, now)
    release = _release_for(session, package, new, actor, now)
    file = _new_file(project, package, release, new, actor, now)
    session.add(file)
    session.flush()
    if new.metadata_file is not None:
        session.add(FileMetadata(file_id=file.id, content=new.metadata_file))
    if actor.build_id is not None:
        session.add(FileBuild(file_id=file.id, build_id=actor.build_id))
    release.files_count += 1
    release.updated_at = now
    package.files_count += 1
    package.storage_bytes += new.size
    package.serial = project.serial = serial
    project.files_count += 1
    project.storage_bytes += new.size
    count_stored(session, project.id, new.size)
    refresh_latest(session, package)
    record(session, [_pushed(project, file, release, package, actor, now)])
    session.flush()
    return file


def _named(project_id: int, filename: str) -> Select[File]:
    return select(File).where(File.project_id == project_id, File.filename == filename)


def _package_for(
    session: Session, project: Namespace, new: NewFile, serial: int, now: datetime
) -> Package:
    package = find_package(session, project.id, new.normalized_name)
    if package is None:
        package = Package(
            project_id=project.id,
            name=new.name,
            normalized_name=new.normalized_name,
            status=PackageStatus.ACTIVE,
            serial=serial,
            releases_count=0,
            files_count=0,
            storage_bytes=0,
            # The days' counts outlive a package that is deleted and published again.
            pulls_count=counted_pulls(session, project.id, new.normalized_name),
            latest_version_key="",
            published_at=now,
            created_at=now,
        )
        session.add(package)
        project.packages_count += 1
        session.flush()
    return package


def _release_for(
    session: Session, package: Package, new: NewFile, actor: Actor, now: datetime
) -> Release:
    release = session.scalars(
        select(Release).where(
            Release.package_id == package.id, Release.canonical_version == new.canonical_version
        )
    ).one_or_none()
    if release is None:
        release = Release(
            package_id=package.id,
            project_id=package.project_id,
            normalized_name=package.normalized_name,
            version=new.version,
            canonical_version=new.canonical_version,
            version_key=version_key(new.canonical_version),
            yanked=False,
            core_metadata=dict(new.core_metadata),
            description=new.description,
            description_html=new.description_html,
            files_count=0,
            created_at=now,
            updated_at=now,
            creator_id=actor.user_id,
        )
        session.add(release)
        package.releases_count += 1
        session.flush()
    return release


def _new_file(
    project: Namespace,
    package: Package,
    release: Release,
    new: NewFile,
    actor: Actor,
    now: datetime,
) -> File:
    return File(
        project_id=project.id,
        package_id=package.id,
        release_id=release.id,
        filename=new.filename,
        packagetype=new.packagetype,
        python_version=new.python_version,
        size=new.size,
        sha256=new.sha256,
        blake2b_256=new.blake2b_256,
        md5=new.md5,
        sha1=new.sha1,
        requires_python=new.requires_python,
        metadata_sha256=new.metadata_sha256,
        storage=new.storage,
        uploaded_at=now,
        uploader_id=actor.user_id,
        uploader_name=actor.username,
        credential_kind=actor.credential_kind,
        credential_name=actor.credential_name,
        uploaded_from=actor.address,
        user_agent=actor.user_agent,
    )


def _pushed(
    project: Namespace,
    file: File,
    release: Release,
    package: Package,
    actor: Actor,
    now: datetime,
) -> Happening:
    return Happening(
        action=Action.FILE_PUSHED,
        actor=actor,
        occurred_at=now,
        namespace_id=project.id,
        namespace_path=project.full_path,
        package=package.normalized_name,
        version=release.version,
        filename=file.filename,
        details={"sha256": file.sha256, "size": file.size},
    )
