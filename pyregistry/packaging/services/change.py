"""Yanking and deleting releases, deleting files, and setting a package's status."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.builds.models import FileBuild
from pyregistry.builds.services.forget import forget_builds
from pyregistry.events.actions import Action
from pyregistry.events.services.record import record
from pyregistry.limits.services.stored import count_stored
from pyregistry.packaging.errors import InvalidChange, PackageNotFound
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release
from pyregistry.packaging.permits import Permit, Precondition, always
from pyregistry.packaging.services.changing import file_deleted, happening, locked, touch
from pyregistry.packaging.services.latest import refresh_latest
from pyregistry.packaging.services.queries import find_package
from pyregistry.sentences import shown

MAXIMUM_REASON_LENGTH = 1000


def set_yanked(
    session: Session, release_id: int, yanked: bool, reason: str | None, actor: Actor, now: datetime
) -> Release:
    """Yank a release with a reason, or take it back (PEP 592).

    Raises `PackageNotFound`, or `InvalidChange` for a reason that is too long or one
    without a yank.
    """
    serial = locked(session)
    release = _release(session, release_id)
    reason = _checked_reason(reason)
    if not yanked and reason is not None:
        raise InvalidChange("A reason goes with a yank: leave yanked_reason out.")
    if (release.yanked, release.yanked_reason) == (yanked, reason):
        return release
    before = {"yanked": release.yanked, "reason": release.yanked_reason}
    # Loaded before anything is changed: else the release would be written before its package.
    package = release.package
    release.yanked, release.yanked_reason, release.updated_at = yanked, reason, now
    touch(session, package, serial)
    refresh_latest(session, package)
    action = Action.RELEASE_YANKED if yanked else Action.RELEASE_UNYANKED
    details = {"before": before, "after": {"yanked": yanked, "reason": reason}}
    record(session, [happening(action, package, actor, now, details, release)])
    return release


def set_status(
    session: Session,
    project_id: int,
    normalized_name: str,
    status: PackageStatus,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> Package:
    """Set a package's status with a reason (PEP 792).

    Raises `PackageNotFound`, or `InvalidChange` for a reason that is too long or one
    given with the status `active`.
    """
    serial = locked(session)
    package = find_package(session, project_id, normalized_name)
    if package is None:
        raise PackageNotFound(f"There is no package {shown(normalized_name)} in this project.")
    reason = _checked_reason(reason)
    if status is PackageStatus.ACTIVE and reason is not None:
        raise InvalidChange("An active package needs no reason: leave it out.")
    before = {"status": package.status, "reason": package.status_reason}
    package.status, package.status_reason = status, reason
    touch(session, package, serial)
    details = {"before": before, "after": {"status": status, "reason": reason}}
    record(session, [happening(Action.PACKAGE_STATUS_SET, package, actor, now, details)])
    return package


def delete_release(
    session: Session,
    release_id: int,
    actor: Actor,
    now: datetime,
    *,
    permit: Permit,
    precondition: Precondition = always,
) -> None:
    """Delete a release with all of its files.

    Raises `PackageNotFound`, and whatever `permit` and `precondition` raise. The bytes stay
    until the sweeper finds that no file is made of them.
    """
    serial = locked(session)
    release = _release(session, release_id)
    permit(session, release.project_id, release.package.normalized_name)
    precondition(release.updated_at)
    files = list(release.files)
    happenings = [
        file_deleted(release.package, release.version, file, actor, now) for file in files
    ]
    happenings.append(happening(Action.RELEASE_DELETED, release.package, actor, now, {}, release))
    for file in files:
        _remove_file(session, release, file)
    _remove_release(session, release, serial)
    record(session, happenings)


def delete_file(
    session: Session,
    file_id: int,
    actor: Actor,
    now: datetime,
    *,
    permit: Permit,
    precondition: Precondition = always,
) -> None:
    """Delete one file; a release goes with its last file. Raises as `delete_release` does."""
    serial = locked(session)
    file = session.get(File, file_id)
    if file is None:
        raise PackageNotFound("There is no such file.")
    release = file.release
    permit(session, file.project_id, release.package.normalized_name)
    precondition(file.uploaded_at)
    happenings = [file_deleted(release.package, release.version, file, actor, now)]
    _remove_file(session, release, file)
    if release.files_count == 0:
        happenings.append(
            happening(Action.RELEASE_DELETED, release.package, actor, now, {}, release)
        )
        _remove_release(session, release, serial)
    else:
        release.updated_at = now
        touch(session, release.package, serial)
    record(session, happenings)


def _release(session: Session, release_id: int) -> Release:
    release = session.get(Release, release_id)
    if release is None:
        raise PackageNotFound("There is no such release.")
    return release


def _checked_reason(reason: str | None) -> str | None:
    reason = (reason or "").strip() or None
    if reason is not None and len(reason) > MAXIMUM_REASON_LENGTH:
        raise InvalidChange(f"A reason has at most {MAXIMUM_REASON_LENGTH} characters.")
    return reason


def _remove_file(session: Session, release: Release, file: File) -> None:
    package, project = release.package, release.package.project
    release.files_count -= 1
    for counted in (package, project):
        counted.files_count -= 1
        counted.storage_bytes -= file.size
    count_stored(session, project.id, -file.size)
    session.execute(delete(FileMetadata).where(FileMetadata.file_id == file.id))
    builds = session.scalars(select(FileBuild.build_id).where(FileBuild.file_id == file.id)).all()
    session.delete(file)
    session.flush()
    forget_builds(session, builds)


def _remove_release(session: Session, release: Release, serial: int) -> None:
    package = release.package
    session.expire(release, ["files"])
    session.delete(release)
    package.releases_count -= 1
    touch(session, package, serial)
    # A package without releases is gone, unless it has a status to remember:
    # a quarantined name must not come back as an active one.
    if package.releases_count == 0 and package.status is PackageStatus.ACTIVE:
        package.project.packages_count -= 1
        session.delete(package)
        session.flush()
    else:
        refresh_latest(session, package)
