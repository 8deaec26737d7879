"""An upload from the first byte to the commit, as a pipeline of named steps.

    authorise → receive → check → inspect → store → record → commit

The caller has authorised the request before the first byte is read, in a
transaction that is over. Receiving and inspecting hold none. Recording checks
authority, the rules on the name and duplicates again: minutes may have passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor, Authority
from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.errors import Invalid
from pyregistry.forklift.agreement import check_agreement, check_form
from pyregistry.forklift.body import CHUNK_SIZE, Readable
from pyregistry.forklift.inspect import ArchiveLimits, InspectedArchive, inspect
from pyregistry.forklift.limits import CheckSize, ReceiveLimits
from pyregistry.forklift.new_files import new_file
from pyregistry.forklift.receive import FILE_UPLOAD, OnField, OnFile, ReceivedUpload, receive
from pyregistry.limits.levels import Limits
from pyregistry.limits.services.read import check_fits, limits_of
from pyregistry.packaging.names import check_package_name, normalize_name
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.services.destination import destination_of
from pyregistry.packaging.services.record import holds_file, record_upload
from pyregistry.protection.services.check import check_may_push
from pyregistry.sentences import shown
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage, PendingObject

REGISTER_ACTION = "submit"

Reauthorize = Callable[[Session], Authority]
"""Raises where the caller may no longer publish; else gives as what they act in the project."""


class Outcome(Enum):
    """What became of an upload."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """The project held that very file already."""
    NOTHING_TO_DO = "nothing to do"
    """`setup.py register` was answered; a registry learns names from files."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An authorised request to publish into a project; its body is not read yet."""

    stream: Readable
    content_type: str
    content_length: int | None
    project_id: int
    actor: Actor
    authority: Authority
    """As what the caller acted in the project when the request began."""
    seen: frozenset[int] = frozenset()
    """The ids of the project and of the groups above it that refusals may name."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Takes uploads into one database and one storage."""

    database: Database
    storage: IFileStorage
    receive_limits: ReceiveLimits
    archive_limits: ArchiveLimits
    clock: Clock

    def publish(self, upload: Upload, reauthorize: Reauthorize) -> Outcome:
        """Carry an upload through every step.

        `reauthorize` is asked before the bytes are stored, and in the transaction that
        records the file. Raises a `Refusal` for whatever is wrong with the upload; then
        nothing of it is left.
        """
        # What fits into one piece has come when it is parsed: there is nothing to spare the
        # client, and everything is asked at once when all of it is known.
        is_long = upload.content_length is None or upload.content_length > CHUNK_SIZE
        with receive(
            upload.stream,
            upload.content_type,
            upload.content_length,
            storage=self.storage,
            limits=self.receive_limits,
            on_field=self._check_of_fields(upload, asks=is_long),
            on_file=self._check_of_file(upload, reauthorize) if is_long else None,
        ) as received:
            if received.action == REGISTER_ACTION:
                name = received.fields.one("name")
                if name is not None:
                    self._check_may_push(upload, name)
                return Outcome.NOTHING_TO_DO
            return self._publish_file(upload, received, reauthorize)

    def _check_of_fields(self, upload: Upload, *, asks: bool) -> OnField:
        """Refuses what is wrong already before the file has been sent; `asks` the database, too."""

        @cache  # a field may come many times
        def check_name(name: str) -> None:
            check_package_name(name)
            if asks:
                self._check_may_push(upload, name)

        def check_field(field: str, value: str) -> None:
            if field == "name":
                check_name(value)

        return check_field

    def _check_may_push(self, upload: Upload, name: str) -> None:
        """Ask the rules with what the caller was when the request began."""
        self.database.read(
            lambda session: check_may_push(
                upload.authority, session, upload.project_id, normalize_name(name)
            )
        )

    def _check_of_file(self, upload: Upload, reauthorize: Reauthorize) -> OnFile:
        """Refuses what there is no room for, before the bytes that would not fit are kept."""

        def check_file(filename: str) -> CheckSize | None:
            def limits(session: Session) -> Limits | None:
                # How much is stored is told to nobody who has lost their way in.
                reauthorize(session)
                # The same file again changes nothing, and another one gets another refusal.
                if holds_file(session, upload.project_id, filename):
                    return None
                return limits_of(session, upload.project_id, self.receive_limits.max_file_size)

            found = self.database.read(limits)
            return partial(found.check, seen=upload.seen, at_least=True) if found else None

        return check_file

    def _publish_file(
        self, upload: Upload, received: ReceivedUpload, reauthorize: Reauthorize
    ) -> Outcome:
        if received.action != FILE_UPLOAD:
            raise Invalid(f"The action {shown(received.action)} is not known: send file_upload.")
        pending, filename = received.pending, received.filename
        if pending is None or filename is None or received.digests is None:
            raise Invalid("The form has no file: send it as a part named content.")
        name, version = check_form(received.fields)
        sha256 = received.digests.sha256

        def holds(session: Session) -> bool:
            # What the project holds already is told to nobody who has lost their way in.
            authority = reauthorize(session)
            # Recording asks all of this again; asked now, too, a refusal stores no bytes.
            check_may_push(authority, session, upload.project_id, name)
            place = destination_of(session, upload.project_id, name, version, filename)
            if place.held(filename, sha256) is not None:
                return True
            place.check_takes_uploads()
            check_fits(session, upload.project_id, pending.size, upload.seen)
            return False

        if self.database.read(holds):
            return Outcome.UNCHANGED
        inspected = self._inspect(received, pending, filename)
        pending.store()
        new = new_file(inspected, received.digests, pending.size, self.storage.name)
        return self._record(upload, new, reauthorize)

    def _inspect(
        self, received: ReceivedUpload, pending: PendingObject, filename: str
    ) -> InspectedArchive:
        pending.finish()
        if pending.path is None:
            raise RuntimeError(f"the storage {self.storage.name} keeps no file to inspect")
        inspected = inspect(
            pending.path,
            filename,
            expected_name=received.fields.one("name"),
            limits=self.archive_limits,
        )
        check_agreement(received.fields, inspected)
        return inspected

    def _record(self, upload: Upload, new: NewFile, reauthorize: Reauthorize) -> Outcome:
        now = self.clock()

        def record(session: Session) -> Outcome:
            permit = partial(check_may_push, reauthorize(session))
            file = record_upload(
                session, upload.project_id, new, upload.actor, now, permit=permit, seen=upload.seen
            )
            # Recording holds the lock that sweeping takes: what is there now, stays.
            if not self.storage.exists(new.sha256):
                raise StorageUnavailable("the stored bytes have vanished")
            # Of an earlier attempt, too, whose commit was not acknowledged.
            return Outcome.PUBLISHED if file.uploaded_at == now else Outcome.UNCHANGED

        return self.database.write(record, finds_its_work=True)
