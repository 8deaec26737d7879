"""Importing everything into an empty registry, on whichever database and storage it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, insert, select, update

from pyregistry import schema
from pyregistry.backup.errors import NotEmpty, OtherExport
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.identifiers import go_on_from
from pyregistry.backup.manifest import INSTANCE, Manifest
from pyregistry.backup.services.objects import Wanted, begun_from, is_fresh, wanted_objects
from pyregistry.backup.tables import EXPORTED, SINGLE_ROWS, table_named
from pyregistry.backup.values import from_json
from pyregistry.db import Database
from pyregistry.packaging.models import RegistrySerial
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.interfaces import IFileStorage

SERIALS_SKIPPED: Final = 1_000_000
"""How far the serial jumps. What was changed after the export had numbers above those in it, and
clients may remember pages by them: none of these numbers may come again for other pages."""

_ROWS_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True)
class Target:
    """The registry that takes an import: its database, and where its files go.

    `grace` is that of the sweeper.
    """

    database: Database
    storage: IFileStorage
    grace: timedelta
    workers: int = 4


def check_empty(database: Database) -> None:
    """Raise `NotEmpty` for a registry that has anything in it; its schema is there."""
    with database.engine.connect() as connection:
        _check_empty(connection)


def restore(
    target: Target, folder: ExportFolder, manifest: Manifest, now: datetime, watcher: Watcher
) -> int:
    """Import a verified export of everything; how many rows it had.

    The bytes come first, then all rows in one transaction: a registry that was interrupted
    meanwhile is still empty, and what was copied is not copied again. Raises `OtherExport` for
    the export of a group, `NotEmpty`, `DamagedExport`, and what storages and databases raise.
    """
    if manifest.kind != INSTANCE:
        raise OtherExport("The export is that of a group, and not of everything.")
    check_empty(target.database)
    watcher.stage("Copying files", manifest.files_count, manifest.files_size)

    def bring(wanted: Wanted, check: Check) -> int:
        if not is_fresh(target.storage, wanted.sha256, now, target.grace):
            with begun_from(folder, target.storage, wanted.sha256, check) as pending:
                pending.store()
        return wanted.size

    objects = wanted_objects(folder, manifest.rows_folder)
    for size in in_parallel(bring, objects, target.workers):
        watcher.advance(size)
    with target.database.writing() as session:
        schema.exclude_others(session)
        connection = session.connection()
        _check_empty(connection)
        _insert_all(connection, folder, manifest, target.storage.name, watcher)
        _check_stored(target.storage, folder, manifest)
        go_on_from(connection, manifest.identifiers)
        connection.execute(
            update(RegistrySerial).values(value=RegistrySerial.value + SERIALS_SKIPPED)
        )
    return sum(found.count for found in manifest.rows.values())


def _check_empty(connection: Connection) -> None:
    for name in EXPORTED:
        table = table_named(name)
        if name not in SINGLE_ROWS and connection.scalar(select(exists(select(table)))):
            raise NotEmpty(
                f"This registry is not empty, it has {name.replace('_', ' ')}: everything can be"
                " imported only into a new database, on which 'pyregistry setup' was not run."
            )


def _insert_all(
    connection: Connection,
    folder: ExportFolder,
    manifest: Manifest,
    storage: str,
    watcher: Watcher,
) -> None:
    watcher.stage("Copying rows", len(EXPORTED), 0)
    for name in EXPORTED:
        table = table_named(name)
        if name in SINGLE_ROWS:
            connection.execute(delete(table))
        rows = folder.rows(manifest.rows_folder, name)
        columns = list(table.columns)
        while batch := [from_json(columns, row) for row in islice(rows, _ROWS_AT_A_TIME)]:
            connection.execute(insert(table), [_placed(name, row, storage) for row in batch])
        watcher.advance(0)


def _placed(name: str, row: dict[str, Any], storage: str) -> dict[str, Any]:
    """A row as this registry has it: its files lie where its new files go."""
    return {**row, "storage": storage} if name == "files" else row


def _check_stored(storage: IFileStorage, folder: ExportFolder, manifest: Manifest) -> None:
    """Raise where bytes are gone again, which only a sweeper can have removed."""
    there = {found.sha256 for found in storage.objects()}
    missing: Iterator[str] = (
        wanted.sha256
        for wanted in wanted_objects(folder, manifest.rows_folder)
        if wanted.sha256 not in there
    )
    if any(True for _ in missing):
        raise StorageUnavailable("Stored bytes have vanished meanwhile: import again.")
