"""Importing the packages of a group: each inspected as an upload is, and in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import Manifest
from pyregistry.backup.services.objects import begun_from
from pyregistry.backup.services.people import People
from pyregistry.backup.services.places import Place
from pyregistry.builds.models import Build, FileBuild
from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.errors import Refusal, TooLarge
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.intake.services.take import Intake, Outcome, Taken, permit
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import File, PackageStatus
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.services.change import set_status, set_yanked
from pyregistry.packaging.services.latest import refresh_latest
from pyregistry.packaging.services.record import find_duplicate, record_file
from pyregistry.packaging.services.serials import hold_serial
from pyregistry.parallel import Check
from pyregistry.progress import Watcher
from pyregistry.sentences import shown_size
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage

Row = Mapping[str, Any]


class Recipient(Protocol):
    """As much of the registry that takes a group as packages need."""

    @property
    def database(self) -> Database:
        """Its database."""

    @property
    def storage(self) -> IFileStorage:
        """Where its new files go."""

    @property
    def archive_limits(self) -> ArchiveLimits:
        """What archives may hold."""

    @property
    def max_file_size(self) -> int:
        """In bytes."""

    @property
    def by(self) -> Granter:
        """Who brings the packages."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A package of an export with its releases, by their numbers there, and its files."""

    package: Row
    releases: Mapping[int, Row]
    files: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that was inspected and stored, and what its rows said where it comes from."""

    new: NewFile
    file: Row
    release: Row


def bundles(folder: ExportFolder, manifest: Manifest) -> Iterator[Bundle]:
    """The packages of an export, one after the other; the rows of each lie beside each other."""
    releases = _ByPackage(folder.rows(manifest.rows_folder, "releases"))
    files = _ByPackage(folder.rows(manifest.rows_folder, "files"))
    for package in folder.rows(manifest.rows_folder, "packages"):
        number = package["id"]
        its_releases = {row["id"]: row for row in releases.take(number)}
        yield Bundle(package, its_releases, list(files.take(number)))


class _ByPackage:
    """Rows in the order of their packages, taken a package at a time."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: row["package_id"])
        self._next: tuple[int, list[Row]] | None = None

    def take(self, package_id: int) -> list[Row]:
        """The rows of a package, whose number is above those asked for before."""
        while self._next is None or self._next[0] < package_id:
            group = next(self._groups, None)
            if group is None:
                return []
            self._next = (group[0], list(group[1]))
        return self._next[1] if self._next[0] == package_id else []


class PackageImport:
    """Takes packages into the projects of an import; `take` may be called by several threads."""

    def __init__(
        self,
        recipient: Recipient,
        folder: ExportFolder,
        manifest: Manifest,
        places: Mapping[int, Place],
        people: People,
    ) -> None:
        self._recipient = recipient
        self._folder = folder
        self._places = places
        self._people = people
        rows = manifest.rows_folder
        self._build_of_file = {
            row["file_id"]: row["build_id"] for row in folder.rows(rows, "file_builds")
        }
        self._builds = {row["id"]: row for row in folder.rows(rows, "builds")}

    def take(self, bundle: Bundle, watcher: Watcher, check: Check) -> list[Taken]:
        """Publish the files of a package that are not there yet; what became of each.

        Raises what storages and databases raise, and `DamagedExport`.
        """
        intake = self._intake_of(self._places[bundle.package["project_id"]])
        taken: list[Taken] = []
        prepared: list[_Prepared] = []
        for row in bundle.files:
            try:
                found = self._prepared(intake, bundle, row, check)
            except Refusal as refusal:
                taken.append(Taken(row["filename"], Outcome.REFUSED, reason=refusal.sentence))
            else:
                if found is None:
                    taken.append(Taken(row["filename"], Outcome.UNCHANGED, row["size"]))
                else:
                    prepared.append(found)
            watcher.advance(row["size"])
        work = partial(self._record, intake, bundle, prepared)
        return taken + self._recipient.database.write(work, finds_its_work=True)

    def _intake_of(self, place: Place) -> Intake:
        recipient = self._recipient
        return Intake(
            recipient.database,
            recipient.storage,
            place.namespace_id,
            recipient.archive_limits,
            recipient.max_file_size,
            recipient.by.actor,
            recipient.clock,
        )

    def _prepared(self, intake: Intake, bundle: Bundle, row: Row, check: Check) -> _Prepared | None:
        """The file, stored; None where it is there already. Raises `Refusal`."""
        if intake.holds(row["filename"], row["sha256"]):
            return None
        if row["size"] > intake.max_file_size:
            limit = shown_size(intake.max_file_size)
            raise TooLarge(f"The file is larger than the limit of {limit}.")
        with begun_from(self._folder, intake.storage, row["sha256"], check) as pending:
            new = intake.prepared(pending, row["filename"], bundle.package["name"])
            intake.check(new)
            pending.store()
        return _Prepared(new, row, bundle.releases[row["release_id"]])

    def _record(
        self, intake: Intake, bundle: Bundle, prepared: Sequence[_Prepared], session: Session
    ) -> list[Taken]:
        hold_serial(session)
        taken = [self._record_file(intake, bundle, each, session) for each in prepared]
        published = {each.filename for each in taken if each.outcome is Outcome.PUBLISHED}
        new = [each for each in prepared if each.file["filename"] in published]
        if new:
            self._finish(intake, bundle, new, session)
        return taken

    def _record_file(
        self, intake: Intake, bundle: Bundle, prepared: _Prepared, session: Session
    ) -> Taken:
        new, name = prepared.new, prepared.new.filename
        project = session.get_one(Namespace, intake.project_id, populate_existing=True)
        try:
            with session.begin_nested():
                if find_duplicate(session, project.id, name, new.sha256) is not None:
                    return Taken(name, Outcome.UNCHANGED, new.size)
                now = self._recipient.clock()
                file = record_file(session, project, new, intake.actor, now, permit=permit)
                self._tell_origin(file, bundle, prepared, session)
        except Refusal as refusal:
            return Taken(name, Outcome.REFUSED, reason=refusal.sentence)
        # Recording holds the lock that sweeping takes: what is there now, stays.
        if not intake.storage.exists(new.sha256):
            raise StorageUnavailable("the stored bytes have vanished")
        return Taken(name, Outcome.PUBLISHED, new.size)

    def _tell_origin(
        self, file: File, bundle: Bundle, prepared: _Prepared, session: Session
    ) -> None:
        """Say of a file, and of what is new with it, when and by whom it was published first."""
        row, release = prepared.file, file.release
        file.uploaded_at = _moment(row["uploaded_at"])
        file.uploader_id = self._people.id_of(row["uploader"])
        for name in ("uploader_name", "credential_kind", "credential_name"):
            setattr(file, name, row[name])
        if release.files_count == 1:
            release.created_at = _moment(prepared.release["created_at"])
            release.creator_id = self._people.id_of(prepared.release["creator"])
        if release.package.files_count == 1:
            release.package.created_at = _moment(bundle.package["created_at"])
        build = self._builds.get(self._build_of_file.get(row["id"], 0))
        if build is not None:
            build_id = _build_id(session, file.project_id, build)
            session.add(FileBuild(file_id=file.id, build_id=build_id))
        session.flush()

    def _finish(
        self, intake: Intake, bundle: Bundle, new: Sequence[_Prepared], session: Session
    ) -> None:
        """Yank what was yanked, and set the status, of releases and packages that are new."""
        actor, now = intake.actor, self._recipient.clock()
        names = {each.file["filename"]: each for each in new}
        files = session.scalars(
            select(File)
            .where(File.project_id == intake.project_id, File.filename.in_(names))
            .order_by(File.id)
        ).all()
        releases = {file.release_id: names[file.filename].release for file in files}
        package = files[0].release.package
        is_new_package = package.files_count == len(new)
        for release_id, row in releases.items():
            release = next(file.release for file in files if file.release_id == release_id)
            if release.files_count != sum(file.release_id == release_id for file in files):
                continue  # it was there before
            if row["yanked"]:
                set_yanked(session, release_id, True, row["yanked_reason"], actor, now)
            release.updated_at = _moment(row["updated_at"])
            downloaded = row["last_downloaded_at"]
            release.last_downloaded_at = _moment(downloaded) if downloaded else None
        session.flush()
        refresh_latest(session, package)
        status = PackageStatus(bundle.package["status"])
        if is_new_package and status is not PackageStatus.ACTIVE:
            name, reason = package.normalized_name, bundle.package["status_reason"]
            set_status(session, intake.project_id, name, status, reason, actor, now)


def _build_id(session: Session, project_id: int, row: Row) -> int:
    """The number of a build here, which is written down once."""
    facts = {
        name: value for name, value in row.items() if name not in ("id", "project_id", "claims")
    }
    facts["created_at"] = _moment(row["created_at"])
    found = session.scalars(select(Build).filter_by(project_id=project_id, **facts)).first()
    if found is None:
        found = Build(project_id=project_id, claims=row["claims"], **facts)
        session.add(found)
        session.flush()
    return found.id


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
