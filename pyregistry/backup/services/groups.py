"""Importing a group or project into a registry that runs, beside what is there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.backup.errors import OtherExport
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import GROUP, Manifest
from pyregistry.backup.services.belongings import Belongings, changer_of
from pyregistry.backup.services.packages import Bundle, PackageImport, bundles
from pyregistry.backup.services.people import People
from pyregistry.backup.services.places import Place, make_places, placed
from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.errors import Refusal
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.intake.services.take import Outcome, Taken
from pyregistry.members.services.authority import Granter
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher
from pyregistry.protection.models import ReservedPrefix
from pyregistry.protection.services.prefixes import Wanted, reserve_prefix
from pyregistry.sentences import shown
from pyregistry.storage.interfaces import IFileStorage


@dataclass(frozen=True, slots=True)
class Recipient:
    """The registry that takes a group, and who brings it.

    `issuers` are those that it trusts, `max_file_size` is in bytes.
    """

    database: Database
    storage: IFileStorage
    archive_limits: ArchiveLimits
    max_file_size: int
    issuers: frozenset[str]
    by: Granter
    clock: Clock
    workers: int = 4


@dataclass(slots=True)
class Brought:
    """What became of an import: the path, how many groups, projects and files, and what was not
    taken, with the reasons."""

    path: str
    made: int = 0
    there: int = 0
    files: Counter[Outcome] = field(default_factory=Counter)
    refusals: list[tuple[str, str]] = field(default_factory=list)


def import_group(
    recipient: Recipient,
    folder: ExportFolder,
    manifest: Manifest,
    into: str | None,
    watcher: Watcher,
    *,
    with_members: bool = True,
) -> Brought:
    """Import a verified export of a group or project into the group `into`; None: the top level.

    Groups, projects and files that are there already stay as they are, so that an import that was
    interrupted can be run again. Files that differ from those that are there are refused, each
    with its reason. Raises `OtherExport` for an export of everything, `InTheWay` before anything
    is written, and what creating groups, storages and databases raise.
    """
    if manifest.kind != GROUP or manifest.path is None:
        raise OtherExport("The export is one of everything: it goes into an empty registry.")
    people = People(recipient.database)
    now = recipient.clock()
    belongings = Belongings(folder, manifest, recipient.by, recipient.issuers, people, now)
    belongings.with_members = with_members
    places = recipient.database.write(
        partial(_make_tree, folder, manifest, into, belongings), finds_its_work=True
    )
    root = next(iter(places.values()))
    brought = Brought(root.full_path, refusals=belongings.refusals)
    brought.made = sum(place.is_new for place in places.values())
    brought.there = len(places) - brought.made
    work = PackageImport(recipient, folder, manifest, places, people)
    watcher.stage("Copying files", manifest.files_count, manifest.files_size)

    def take(bundle: Bundle, check: Check) -> list[Taken]:
        return work.take(bundle, watcher, check)

    for taken in in_parallel(take, bundles(folder, manifest), recipient.workers):
        _count(brought, taken)
    _reserve_prefixes(recipient, folder, manifest, places, brought)
    return brought


def _make_tree(
    folder: ExportFolder,
    manifest: Manifest,
    into: str | None,
    belongings: Belongings,
    session: Session,
) -> dict[int, Place]:
    belongings.refusals.clear()  # of an earlier attempt
    places = make_places(
        session, placed(session, folder, manifest, into), belongings.by.actor, belongings.now
    )
    belongings.bring(session, places)
    return places


def _count(brought: Brought, taken: Iterable[Taken]) -> None:
    for each in taken:
        brought.files[each.outcome] += 1
        if each.reason is not None:
            brought.refusals.append((shown(each.filename), each.reason))


def _reserve_prefixes(
    recipient: Recipient,
    folder: ExportFolder,
    manifest: Manifest,
    places: dict[int, Place],
    brought: Brought,
) -> None:
    """Reserve prefixes once the packages are there; one that is reserved already stays so."""
    projects: dict[int, list[int]] = {}
    for row in folder.rows(manifest.rows_folder, "reserved_prefix_projects"):
        projects.setdefault(row["prefix_id"], []).append(places[row["project_id"]].namespace_id)
    for row in folder.rows(manifest.rows_folder, "reserved_prefixes"):
        place = places[row["group_id"]]
        wanted = Wanted(row["prefix"], projects.get(row["id"], []))
        try:
            recipient.database.write(
                partial(_reserve, place.namespace_id, wanted, recipient.by, recipient.clock()),
                finds_its_work=True,
            )
        except Refusal as refusal:
            what = f"the reserved prefix {shown(row['prefix'])} of {place.full_path}"
            brought.refusals.append((what, refusal.sentence))


def _reserve(group_id: int, wanted: Wanted, by: Granter, now: datetime, session: Session) -> None:
    there = session.scalars(
        select(ReservedPrefix.id).where(
            ReservedPrefix.group_id == group_id, ReservedPrefix.prefix == wanted.prefix
        )
    ).first()
    if there is None:
        reserve_prefix(session, group_id, wanted, changer_of(by, now), now)
