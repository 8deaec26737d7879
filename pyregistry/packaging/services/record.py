"""Recording a file that the storage holds: package, release, file, counts, event."""

from collections.abc import Container
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening, record
from pyregistry.limits.services.read import check_fits
from pyregistry.limits.services.stored import count_stored
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.errors import FileExists
from pyregistry.packaging.models import File
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.permits import Permit
from pyregistry.packaging.services.destination import Destination, RecordedFile, destination_of
from pyregistry.packaging.services.file_rows import Rows
from pyregistry.packaging.services.serials import next_serial


def find_duplicate(session: Session, project_id: int, filename: str, sha256: str) -> File | None:
    """The file of that name with those very bytes, where the project holds it already.

    Raises `FileExists` where the name is taken by other bytes.
    """
    file = session.scalars(_named(project_id, filename)).one_or_none()
    if file is not None and file.sha256 != sha256:
        raise FileExists.told(filename, file.sha256, sha256)
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
    """Record a stored file as `record_upload` does, and return its row."""
    session.flush()
    recorded = record_upload(session, project.id, new, actor, now, permit=permit, seen=seen)
    # What the session has loaded is behind.
    session.expire_all()
    return session.get_one(File, recorded.id)


def record_upload(
    session: Session,
    project_id: int,
    new: NewFile,
    actor: Actor,
    now: datetime,
    *,
    permit: Permit,
    seen: Container[int] = (),
) -> RecordedFile:
    """Record a stored file, in the caller's writing transaction.

    Checks again what may have changed since the upload began. The same bytes under
    the same name are no change: the file that exists is returned, and keeps its build.
    What the session has loaded before knows nothing of it.
    Raises `FileExists`, `PackageClosed`, `FileTooLarge` or `OverQuota`, whose sentences name
    only the groups whose ids are in `seen`, `NotFound` and whatever `permit` raises.
    """
    serial = next_serial(session)
    # Read under the lock: another upload may have been counted since.
    place = destination_of(
        session, project_id, new.normalized_name, new.canonical_version, new.filename
    )
    permit(session, project_id, new.normalized_name)
    held = place.held(new.filename, new.sha256)
    if held is not None:
        return held
    place.check_takes_uploads()
    check_fits(session, project_id, new.size, seen)
    file_id = Rows(session, place, new, actor, now, serial).write()
    count_stored(session, project_id, new.size)
    record(session, [_pushed(place, new, actor, now)])
    return RecordedFile(file_id, new.sha256, now)


def _named(project_id: int, filename: str) -> Select[File]:
    return select(File).where(File.project_id == project_id, File.filename == filename)


def _pushed(place: Destination, new: NewFile, actor: Actor, now: datetime) -> Happening:
    return Happening(
        action=Action.FILE_PUSHED,
        actor=actor,
        occurred_at=now,
        namespace_id=place.project_id,
        namespace_path=place.project_path,
        package=new.normalized_name,
        version=place.release_version or new.version,
        filename=new.filename,
        details={"sha256": new.sha256, "size": new.size},
    )
