"""Carrying registries from one place to another, as the commands do."""

from pathlib import Path

from pyregistry.authnz.identity import COMMAND_LINE, Actor
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.services.export import Source, export
from pyregistry.backup.services.groups import Brought, Recipient, import_group
from pyregistry.backup.services.restore import Target, restore
from pyregistry.backup.services.verify import verified
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.members.services.authority import Granter
from pyregistry.progress import Watcher
from tests.factories.watchers import Unwatched
from tests.factories.world import World

WATCHER = Unwatched()
MACHINE = Granter(Actor(credential_kind=COMMAND_LINE), is_admin=True)


def exported(
    world: World, folder: Path, path: str | None = None, *, watcher: Watcher = WATCHER
) -> ExportFolder:
    """The export of a registry, or of a group of it."""
    found = ExportFolder(folder)
    components = world.components
    source = Source(components.database, components.storages)
    export(source, found, path, world.clock(), watcher)
    return found


def imported(world: World, folder: ExportFolder, watcher: Watcher = WATCHER) -> int:
    """Import an export of everything."""
    components = world.components
    grace = components.settings.storage_sweep_grace
    target = Target(components.database, components.storage, grace, workers=1)
    return restore(target, folder, verified(folder, watcher), world.clock(), watcher)


def recipient_of(world: World) -> Recipient:
    """A registry that takes groups; it trusts one issuer."""
    return Recipient(
        database=world.components.database,
        storage=world.components.storage,
        archive_limits=ArchiveLimits(),
        max_file_size=10_000_000,
        issuers=frozenset({"https://ci.example.org"}),
        by=MACHINE,
        clock=world.clock,
        workers=2,
    )


def brought(
    world: World,
    folder: ExportFolder,
    into: str | None = None,
    *,
    watcher: Watcher = WATCHER,
    with_members: bool = True,
) -> Brought:
    """Import an export of a group."""
    return import_group(
        recipient_of(world),
        folder,
        verified(folder, WATCHER),
        into,
        watcher,
        with_members=with_members,
    )
