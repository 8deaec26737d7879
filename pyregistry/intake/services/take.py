"""Taking one archive into a project: everything that an upload does, but for the request."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor, Authority
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.errors import NotFound, Refusal, TooLarge
from pyregistry.forklift.inspect import ArchiveLimits, inspect
from pyregistry.forklift.new_files import new_file
from pyregistry.intake.errors import NotAsTold, TurnedOff
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.filenames import parse_filename
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.services.change import MAXIMUM_REASON_LENGTH, set_yanked
from pyregistry.packaging.services.record import find_duplicate, record_file
from pyregistry.packaging.services.serials import hold_serial
from pyregistry.packaging.services.status import check_takes_uploads
from pyregistry.parallel import Check
from pyregistry.protection.services.check import check_may_push
from pyregistry.sentences import shown, shown_size
from pyregistry.storage.digests import Digests
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage, PendingObject

ADMINISTRATORS_AUTHORITY: Final = Authority(
    role=None, is_admin=True, credential_kind=CredentialKind.PASSWORD
)
"""As what whoever runs a command on the registry's machine publishes: no rule asks for more."""

permit: Final = partial(check_may_push, ADMINISTRATORS_AUTHORITY)
"""What is asked before a file is recorded: reserved prefixes hold for administrators, too."""

Chunks = Callable[[], AbstractContextManager[Iterable[bytes]]]
"""Begins to read the bytes of an archive; raises a `Refusal` where they cannot be had."""


class Outcome(Enum):
    """What became of an archive that was offered."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """The project held that very file already."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Offered:
    """An archive that lies elsewhere.

    `digests` are those that whoever offers it tells, in lower-case hexadecimal, by their names
    in `hashlib`. `normalized_name` is that of its package, where it is known.
    """

    filename: str
    chunks: Chunks
    digests: Mapping[str, str] = field(default_factory=dict)
    normalized_name: str | None = None
    is_yanked: bool = False
    yanked_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an archive, of how many bytes, and why it was refused."""

    filename: str
    outcome: Outcome
    size: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes archives into one project; `take` may be called by several threads at once.

    `max_file_size` is in bytes. `actor` is who publishes, as events record it.
    """

    database: Database
    storage: IFileStorage
    project_id: int
    archive_limits: ArchiveLimits
    max_file_size: int
    actor: Actor
    clock: Clock

    def take(self, offered: Offered, check: Check) -> Taken:
        """Publish an archive, unless the project has that very file already.

        What is wrong with it is told, and nothing of it is left. Raises what storages and
        databases raise.
        """
        try:
            parse_filename(offered.filename, offered.normalized_name)
            known = offered.digests.get("sha256")
            if known is not None and self.holds(offered.filename, known):
                return Taken(offered.filename, Outcome.UNCHANGED)
            with self._received(offered, check) as pending:
                return self._publish(offered, pending)
        except Refusal as refusal:
            return Taken(offered.filename, Outcome.REFUSED, reason=refusal.sentence)

    def prepared(self, pending: PendingObject, filename: str, name: str | None = None) -> NewFile:
        """The file of bytes that were received, inspected as an upload is. Raises `Refusal`."""
        digests = pending.finish()
        if pending.path is None:
            raise RuntimeError(f"the storage {self.storage.name} keeps no file to inspect")
        inspected = inspect(pending.path, filename, expected_name=name, limits=self.archive_limits)
        return new_file(inspected, digests, pending.size, self.storage.name)

    def check(self, new: NewFile) -> None:
        """Raise a `Refusal` where recording would: asked before, it stores no bytes."""

        def check(session: Session) -> None:
            permit(session, self.project_id, new.normalized_name)
            check_takes_uploads(session, self.project_id, new.normalized_name)

        self.database.read(check)

    def holds(self, filename: str, sha256: str) -> bool:
        """Whether the project has that very file already. Raises `FileExists`."""
        return self.database.read(
            lambda session: find_duplicate(session, self.project_id, filename, sha256) is not None
        )

    def _received(self, offered: Offered, check: Check) -> PendingObject:
        """All bytes, which are those that were told, as a pending object."""
        others = {
            name: hashlib.new(name, usedforsecurity=False)
            for name in offered.digests
            if name in FURTHER_DIGESTS
        }
        with ExitStack() as undo:
            pending = undo.enter_context(self.storage.begin())
            with offered.chunks() as chunks:
                for chunk in chunks:
                    check()
                    if pending.size + len(chunk) > self.max_file_size:
                        limit = shown_size(self.max_file_size)
                        raise TooLarge(f"The file is larger than the limit of {limit}.")
                    pending.write(chunk)
                    for other in others.values():
                        other.update(chunk)
            found = _by_name(pending.finish())
            found |= {name: other.hexdigest() for name, other in others.items()}
            _check_digests(offered.digests, found)
            undo.pop_all()  # from here on the caller discards or stores it
        return pending

    def _publish(self, offered: Offered, pending: PendingObject) -> Taken:
        size, sha256 = pending.size, pending.digests.sha256
        if self.holds(offered.filename, sha256):
            return Taken(offered.filename, Outcome.UNCHANGED, size)
        new = self.prepared(pending, offered.filename, offered.normalized_name)
        self.check(new)
        pending.store()
        record = partial(self._record, offered, new)
        outcome = self.database.write(record, finds_its_work=True)
        return Taken(offered.filename, outcome, size)

    def _record(self, offered: Offered, new: NewFile, session: Session) -> Outcome:
        now = self.clock()
        hold_serial(session)
        project = session.get(Namespace, self.project_id)
        if project is None:
            raise NotFound("The project was deleted meanwhile.")
        if find_duplicate(session, project.id, new.filename, new.sha256) is not None:
            return Outcome.UNCHANGED
        file = record_file(session, project, new, self.actor, now, permit=permit)
        # Recording holds the lock that sweeping takes: what is there now, stays.
        if not self.storage.exists(new.sha256):
            raise StorageUnavailable("the stored bytes have vanished")
        if offered.is_yanked:
            reason = _storable(offered.yanked_reason or "")[:MAXIMUM_REASON_LENGTH] or None
            set_yanked(session, file.release_id, True, reason, self.actor, now)
        return Outcome.PUBLISHED


FURTHER_DIGESTS: Final = frozenset({"sha224", "sha384", "sha512", "blake2b", "blake2s"})
"""What an index may tell besides the digests that are kept of every file."""

KEPT_DIGESTS: Final = frozenset({"sha256", "sha1", "md5"})


def project_to_take(session: Session, path: str) -> Namespace:
    """The project at a full path, which takes packages.

    Raises `NamespaceNotFound`, also for a group, and `TurnedOff`.
    """
    project = find(session, path)
    if project.kind is not NamespaceKind.PROJECT:
        raise NotFound(f"{project.full_path} is a group: name a project in it.")
    if not project.packages_available:
        raise TurnedOff(f"The package registry of {project.full_path} is turned off.")
    return project


def _storable(text: str) -> str:
    """A text of strangers in one line, without NUL and lone surrogates, which no database takes."""
    return "".join(each if each.isprintable() else " " for each in text)


def _by_name(digests: Digests) -> dict[str, str]:
    return {"sha256": digests.sha256, "sha1": digests.sha1, "md5": digests.md5}


def _check_digests(told: Mapping[str, str], found: Mapping[str, str]) -> None:
    for name, digest in told.items():
        if name in found and found[name] != digest:
            raise NotAsTold(
                f"The {name} of the file is {found[name]}, and not {shown(digest)} as was told."
            )
