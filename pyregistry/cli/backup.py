"""`pyregistry export` and `pyregistry import`"""

from pathlib import Path

import click

from pyregistry import schema
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import GROUP, Manifest
from pyregistry.backup.services.export import Source, export
from pyregistry.backup.services.groups import Brought, Recipient, import_group
from pyregistry.backup.services.restore import Target, check_empty, restore
from pyregistry.backup.services.verify import verified
from pyregistry.cli.context import ADMINISTRATOR, Registry, pass_registry
from pyregistry.cli.moving_in import archive_limits_of, files_line
from pyregistry.cli.storage import workers_option
from pyregistry.cli.watching import Watching
from pyregistry.clock import utcnow
from pyregistry.sentences import plural, shown_size

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.command("export")
@_folder
@click.option("--all", "everything", is_flag=True, help="Export everything that there is.")
@click.option("--path", metavar="PATH", help="Export this group or project, with all in it.")
@workers_option
@pass_registry
def export_(
    registry: Registry, folder: Path, everything: bool, path: str | None, workers: int
) -> None:
    """Write everything, or one group or project, to FOLDER, while the registry runs.

    What --all writes holds password hashes and digests of tokens: keep it as you keep the
    database. What --path writes holds no credentials. Run again into the same folder, it copies
    only files that are not there yet.
    """
    if everything == (path is not None):
        raise click.UsageError("Say what to export: --all, or --path and a full path.")
    registry.check_schema()
    source = Source(registry.database, registry.storages, workers)
    with Watching() as watching:
        done = export(source, ExportFolder(folder), path, utcnow(), watching)
    manifest = done.manifest
    what = manifest.path if manifest.kind == GROUP else "everything"
    kept = f", {plural(done.kept, 'file')} of them there already" if done.kept else ""
    click.echo(f"Exported {what} to {folder}: {_contents(manifest)}{kept}.")


@click.command("import")
@_folder
@click.option(
    "--into", metavar="GROUP", help="The group that a group or project goes into [default: none]."
)
@click.option(
    "--without-members", is_flag=True, help="Give nobody a role in the groups and projects."
)
@workers_option
@pass_registry
def import_(
    registry: Registry, folder: Path, into: str | None, without_members: bool, workers: int
) -> None:
    """Read what an export has written to FOLDER.

    All of it is checked first: of an export that is damaged, nothing is imported. Everything
    needs a database with nothing in it, not even from 'pyregistry setup'. A group or project comes
    beside what is there: what is the same stays, and what differs is refused and named, with the
    status 1. Stopped, the command can be run again, and goes on.
    """
    source = ExportFolder(folder)
    with Watching() as watching:
        manifest = verified(source, watching, workers)
        if manifest.kind == GROUP:
            recipient = _recipient(registry, workers)
            brought = import_group(
                recipient, source, manifest, into, watching, with_members=not without_members
            )
        elif into is not None or without_members:
            raise click.UsageError("--into and --without-members are for the export of a group.")
        else:
            _restore(registry, source, manifest, watching, workers)
            return
    _tell(brought)


def _recipient(registry: Registry, workers: int) -> Recipient:
    registry.check_schema()
    settings = registry.settings
    return Recipient(
        database=registry.database,
        storage=registry.storages.default,
        archive_limits=archive_limits_of(registry),
        max_file_size=settings.upload_max_file_size,
        issuers=frozenset(settings.oidc_issuers),
        by=ADMINISTRATOR,
        clock=utcnow,
        workers=workers,
    )


def _tell(brought: Brought) -> None:
    for what, reason in brought.refusals:
        click.echo(f"Refused {what}: {reason}", err=True)
    click.echo(
        f"Imported {brought.path}: {brought.made:,} groups and projects are new,"
        f" {brought.there:,} were there already. {files_line(brought.files)}."
    )
    if brought.refusals:
        raise click.exceptions.Exit(1)


def _restore(
    registry: Registry, source: ExportFolder, manifest: Manifest, watching: Watching, workers: int
) -> None:
    if schema.current(registry.database) is None:
        schema.upgrade(registry.database, limits=registry.migration_limits)
    registry.check_schema()
    check_empty(registry.database)
    storage = registry.storages.default
    storage.prepare()
    grace = registry.settings.storage_sweep_grace
    target = Target(registry.database, storage, grace, workers)
    restore(target, source, manifest, utcnow(), watching)
    click.echo(
        f"Imported everything as it was on {manifest.created_at[:19]} UTC: {_contents(manifest)}."
    )


def _contents(manifest: Manifest) -> str:
    rows = sum(found.count for found in manifest.rows.values())
    files = plural(manifest.files_count, "file")
    return f"{plural(rows, 'row')} and {files} ({shown_size(manifest.files_size)})"
