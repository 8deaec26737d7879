"""Checking that an export is whole, before anything of it is imported."""

from pyregistry import schema
from pyregistry.backup.errors import DamagedExport, OtherExport
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import GROUP, INSTANCE, Manifest
from pyregistry.backup.services.group_rows import check_group_rows
from pyregistry.backup.services.objects import Wanted, wanted_objects
from pyregistry.backup.tables import EXPORTED, OF_GROUPS
from pyregistry.parallel import Check, in_parallel
from pyregistry.progress import Watcher


def verified(folder: ExportFolder, watcher: Watcher, workers: int = 4) -> Manifest:
    """The manifest of an export of which every row and every byte is there, as written.

    Raises `NoExport`, `OtherExport` for one of another schema, and `DamagedExport`.
    """
    manifest = folder.manifest()
    if manifest.schema != schema.HEAD:
        raise OtherExport(
            f"The export has the schema {manifest.schema}, and this version {schema.HEAD}: import"
            f" it with pyregistry {manifest.version}, and bring that registry up to date."
        )
    _verify_rows(folder, manifest)
    _verify_objects(folder, manifest, watcher, workers)
    return manifest


def _verify_rows(folder: ExportFolder, manifest: Manifest) -> None:
    expected = EXPORTED if manifest.kind == INSTANCE else tuple(OF_GROUPS)
    if set(manifest.rows) != set(expected):
        raise DamagedExport("The manifest does not name the tables that an export has.")
    for name, written in manifest.rows.items():
        if folder.rows_file(manifest.rows_folder, name) != written:
            raise DamagedExport(f"The rows of {name} are not those that were written.")
    if manifest.kind == GROUP:
        check_group_rows(folder, manifest)


def _verify_objects(
    folder: ExportFolder, manifest: Manifest, watcher: Watcher, workers: int
) -> None:
    watcher.stage("Checking files", manifest.files_count, manifest.files_size)
    count = size = 0

    def verify(wanted: Wanted, check: Check) -> Wanted:
        if folder.object_size(wanted.sha256, check) != wanted.size:
            raise DamagedExport(
                f"The bytes of {wanted.filename} are missing, or not those that were written."
            )
        return wanted

    for wanted in in_parallel(verify, wanted_objects(folder, manifest.rows_folder), workers):
        count, size = count + 1, size + wanted.size
        watcher.advance(wanted.size)
    if (count, size) != (manifest.files_count, manifest.files_size):
        raise DamagedExport("There are other files than the manifest says.")
