"""What every change to a package does besides: lock, count up, and say what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import Package, Release
from pyregistry.packaging.services.serials import next_serial


class Archive(Protocol):
    """As much of a file as an event tells."""

    @property
    def filename(self) -> str:
        """Its name."""

    @property
    def sha256(self) -> str:
        """Its digest."""

    @property
    def size(self) -> int:
        """In bytes."""


def locked(session: Session) -> int:
    """Take the next serial, and forget what was read before its lock was held.

    The request has loaded the release on its way here; its counts may have changed since.
    """
    serial = next_serial(session)
    session.expire_all()
    return serial


def touch(session: Session, package: Package, serial: int) -> None:
    """Give a package and its project the serial of a change: their pages are other ones now."""
    package.serial = serial
    package.project.serial = serial
    session.flush()


def file_deleted(
    package: Package, version: str, file: Archive, actor: Actor, now: datetime
) -> Happening:
    """That a file of a package was deleted."""
    details = {"sha256": file.sha256, "size": file.size}
    return _told(Action.FILE_DELETED, package, actor, now, details, version, file.filename)


def happening(
    action: Action,
    package: Package,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any],
    release: Release | None = None,
) -> Happening:
    """That something was done to a package, or to one release of it."""
    return _told(action, package, actor, now, details, release.version if release else None)


def _told(
    action: Action,
    package: Package,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any],
    version: str | None,
    filename: str | None = None,
) -> Happening:
    project: Namespace = package.project
    return Happening(
        action=action,
        actor=actor,
        occurred_at=now,
        namespace_id=project.id,
        namespace_path=project.full_path,
        package=package.normalized_name,
        version=version,
        filename=filename,
        details=details,
    )
