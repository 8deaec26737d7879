"""Deleting a package with everything in it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.builds.models import FileBuild
from pyregistry.builds.services.forget import forget_builds
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.limits.services.stored import count_stored
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release
from pyregistry.packaging.permits import Permit
from pyregistry.packaging.services.changing import file_deleted, happening, locked, touch
from pyregistry.packaging.services.latest import refresh_latest
from pyregistry.packaging.services.queries import find_package
from pyregistry.sentences import shown

_WITHOUT_SYNCHRONIZING = {"synchronize_session": False}
"""What the session still holds of it is expired afterwards."""


def delete_package(
    session: Session,
    project_id: int,
    normalized_name: str,
    actor: Actor,
    now: datetime,
    *,
    permit: Permit,
) -> None:
    """Delete every release and file of a package; the statements are as many for few and many.

    The package goes with them, unless it has a status to remember: a quarantined name must not
    come back as an active one. Raises `PackageNotFound`, and whatever `permit` raises. The bytes
    stay until the sweeper finds that no file is made of them.
    """
    serial = locked(session)
    package = find_package(session, project_id, normalized_name)
    if package is None:
        raise PackageNotFound(f"There is no package {shown(normalized_name)} in this project.")
    permit(session, project_id, normalized_name)
    happenings = _deletions(session, package, actor, now)
    # Before its releases, as those do who write down pulls: none waits for another in a circle.
    touch(session, package, serial)
    _remove_contents(session, package)
    project = package.project
    project.files_count -= package.files_count
    project.storage_bytes -= package.storage_bytes
    count_stored(session, project.id, -package.storage_bytes)
    package.releases_count = package.files_count = package.storage_bytes = 0
    if package.status is PackageStatus.ACTIVE:
        project.packages_count -= 1
        session.delete(package)
        session.flush()
    else:
        refresh_latest(session, package)
    record(session, happenings)


def _deletions(session: Session, package: Package, actor: Actor, now: datetime) -> list[Happening]:
    """What there is to tell: each file and release, and the package as a whole."""
    files = session.execute(
        select(File.filename, File.sha256, File.size, Release.version)
        .join(Release, Release.id == File.release_id)
        .where(File.package_id == package.id)
        .order_by(File.id)
    ).all()
    told = [file_deleted(package, file.version, file, actor, now) for file in files]
    of_package = happening(
        Action.PACKAGE_DELETED,
        package,
        actor,
        now,
        {"releases": package.releases_count, "files": package.files_count},
    )
    of_releases = replace(of_package, action=Action.RELEASE_DELETED, details={})
    versions = session.scalars(
        select(Release.version).where(Release.package_id == package.id).order_by(Release.id)
    )
    told += [replace(of_releases, version=version) for version in versions]
    return [*told, of_package]


def _remove_contents(session: Session, package: Package) -> None:
    files = select(File.id).where(File.package_id == package.id).scalar_subquery()
    builds = session.scalars(
        select(FileBuild.build_id).where(FileBuild.file_id.in_(files)).distinct()
    ).all()
    for table, column in ((FileMetadata, FileMetadata.file_id), (FileBuild, FileBuild.file_id)):
        session.execute(
            delete(table).where(column.in_(files)), execution_options=_WITHOUT_SYNCHRONIZING
        )
    for owned in (File, Release):
        session.execute(
            delete(owned).where(owned.package_id == package.id),
            execution_options=_WITHOUT_SYNCHRONIZING,
        )
    session.expire_all()
    forget_builds(session, builds)
