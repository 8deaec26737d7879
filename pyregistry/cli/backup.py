"""`pyregistry export` and `pyregistry import`"""

from pathlib import Path

import click

from pyregistry import schema
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import GROUP, Manifest
from pyregistry.backup.services.export import Source, export
from pyregistry.backup.services.restore import Target, check_empty, restore
from pyregistry.backup.services.verify import verified
from pyregistry.cli.context import Registry, pass_registry
from pyregistry.cli.watching import watcher_of
from pyregistry.clock import utcnow
from pyregistry.sentences import plural, shown_size
from pyregistry.stages import Watcher

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.command("export")
@_folder
@click.option("--all", "everything", is_flag=True, help="Export everything that there is.")
@click.option("--path", metavar="PATH", help="Export this group or project, with all in it.")
@pass_registry
def export_(registry: Registry, folder: Path, everything: bool, path: str | None) -> None:
    """Write everything, or one group or project, to FOLDER, while the registry runs.

    What --all writes holds password hashes and digests of tokens: keep it as you keep the
    database. What --path writes holds no credentials. Run again into the same folder, it copies
    only files that are not there yet.
    """
    if everything == (path is not None):
        raise click.UsageError("Say what to export: --all, or --path and a full path.")
    registry.check_schema()
    source = Source(registry.database, registry.storages)
    with watcher_of() as watcher:
        done = export(source, ExportFolder(folder), path, utcnow(), watcher)
    manifest = done.manifest
    what = f"the group {manifest.path}" if manifest.kind == GROUP else "everything"
    kept = f", {plural(done.kept, 'file')} of them there already" if done.kept else ""
    click.echo(f"Exported {what} to {folder}: {_contents(manifest)}{kept}.")


@click.command("import")
@_folder
@pass_registry
def import_(registry: Registry, folder: Path) -> None:
    """Read what an export has written to FOLDER.

    All of it is checked first: of an export that is damaged, nothing is imported. An export of
    everything needs a database with nothing in it, not even from 'pyregistry setup'. Stopped, it
    can be run again, and goes on.
    """
    source = ExportFolder(folder)
    with watcher_of() as watcher:
        manifest = verified(source, watcher)
        _restore(registry, source, manifest, watcher)


def _restore(
    registry: Registry, source: ExportFolder, manifest: Manifest, watcher: Watcher
) -> None:
    if schema.current(registry.database) is None:
        schema.upgrade(registry.database, limits=registry.migration_limits)
    registry.check_schema()
    check_empty(registry.database)
    storage = registry.storages.default
    storage.prepare()
    target = Target(registry.database, storage, registry.settings.storage_sweep_grace)
    restore(target, source, manifest, utcnow(), watcher)
    click.echo(
        f"Imported everything as it was on {manifest.created_at[:19]} UTC: {_contents(manifest)}."
    )


def _contents(manifest: Manifest) -> str:
    rows = sum(found.count for found in manifest.rows.values())
    files = plural(manifest.files_count, "file")
    return f"{plural(rows, 'row')} and {files} ({shown_size(manifest.files_size)})"
