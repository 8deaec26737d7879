"""Exporting everything, or a group with all that is in it, while the registry runs.

The rows are read in one transaction that sees one moment of the database. The files are copied
afterwards: nothing that a row of that moment names is removed meanwhile, for deleting removes no
bytes, and the sweeper waits for its grace.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from pyregistry import schema
from pyregistry.backup.errors import FilesMissing
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.identifiers import last_identifiers
from pyregistry.backup.manifest import GROUP, INSTANCE, Manifest, RowsFile
from pyregistry.backup.services.objects import CopiedOut, Wanted, copy_out, wanted_objects
from pyregistry.backup.tables import EXPORTED, OF_GROUPS, Statement, all_rows, rows_of_group
from pyregistry.backup.values import as_json
from pyregistry.db import Database
from pyregistry.namespaces.services.create import find
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher
from pyregistry.storage.storages import Storages
from pyregistry.version import __version__

_ROWS_AT_A_TIME: Final = 1000
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Source:
    """The registry that is exported, and how many threads copy its files."""

    database: Database
    storages: Storages
    workers: int = 4


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds, and how many of its objects were there from an earlier one."""

    manifest: Manifest
    kept: int


def export(
    source: Source, folder: ExportFolder, path: str | None, now: datetime, watcher: Watcher
) -> Exported:
    """Export the group or project at a full path, or with None everything.

    The manifest is written last; until then the folder holds the export from before, if there was
    one. Bytes that are there already, with the right digest, are not copied again. Raises
    `NamespaceNotFound`, `NotEmpty`, `FolderInUse`, `FilesMissing`, and what storages and
    databases raise.
    """
    if path is not None:
        # Before a folder is made that nobody wants.
        source.database.read(lambda session: find(session, path))
    with folder.writing():
        rows_folder, rows, identifiers, full_path = _write_rows(source, folder, path, now, watcher)
        objects = list(wanted_objects(folder, rows_folder))
        size = sum(wanted.size for wanted in objects)
        watcher.stage("Copying files", len(objects), size)
        kept = _copy_objects(source, folder, objects, watcher)
        manifest = Manifest(
            kind=GROUP if full_path else INSTANCE,
            path=full_path,
            schema=schema.HEAD,
            version=__version__,
            created_at=now.isoformat(),
            rows_folder=rows_folder,
            rows=rows,
            files_count=len(objects),
            files_size=size,
            identifiers=identifiers,
        )
        folder.finish(manifest)
    return Exported(manifest, kept)


def _write_rows(
    source: Source, folder: ExportFolder, path: str | None, now: datetime, watcher: Watcher
) -> tuple[str, Mapping[str, RowsFile], Mapping[str, int], str | None]:
    with _moment_of(source.database) as connection:
        statements, full_path = _statements(connection, path)
        rows_folder = folder.new_rows_folder(now)
        watcher.stage("Copying rows", len(statements), 0)
        rows = {}
        for name, statement in statements.items():
            rows[name] = _write_table(connection, statement, folder, rows_folder, name)
            watcher.advance(0)
        identifiers = {} if full_path else last_identifiers(connection)
    return rows_folder, rows, identifiers, full_path


def _statements(
    connection: Connection, path: str | None
) -> tuple[Mapping[str, Statement], str | None]:
    """What to read of each table, and the full path as it is spelled."""
    if path is None:
        return {name: all_rows(name) for name in EXPORTED}, None
    group = find(Session(connection), path)
    return {name: rows_of_group(name, group.id) for name in OF_GROUPS}, group.full_path


def _write_table(
    connection: Connection,
    statement: Statement,
    folder: ExportFolder,
    rows_folder: str,
    name: str,
) -> RowsFile:
    found = connection.execute(statement, execution_options={"yield_per": _ROWS_AT_A_TIME})
    with folder.rows_written(rows_folder, name) as writer:
        for row in found.mappings():
            writer.write(as_json(dict(row)))
        return writer.written


@contextmanager
def _moment_of(database: Database) -> Iterator[Connection]:
    """A transaction that sees the database as it is now, whatever is committed meanwhile.

    SQLite's readers do by themselves; PostgreSQL is asked to.
    """
    with database.engine.connect() as connection:
        if database.kind == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


def _copy_objects(
    source: Source, folder: ExportFolder, objects: list[Wanted], watcher: Watcher
) -> int:
    """Copy what is not there yet; how many were. Raises `FilesMissing`."""
    kept, missing = 0, []

    def copy(wanted: Wanted, check: Check) -> tuple[Wanted, CopiedOut]:
        return wanted, copy_out(source.storages, folder, wanted, check)

    for wanted, outcome in in_parallel(copy, objects, source.workers):
        kept += outcome is CopiedOut.KEPT
        if outcome is CopiedOut.MISSING:
            missing.append(wanted.filename)
        watcher.advance(wanted.size)
    if missing:
        named = ", ".join(missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise FilesMissing(
            f"The storage has no bytes, or others, for {named}{more}: the export has no manifest."
            " Put the bytes back or delete the files, and export again into the same folder."
        )
    return kept
