"""A registry that was exported and imported is the same to its clients, whatever it runs on."""

from collections.abc import Callable
from pathlib import Path

from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.services.export import Source, export
from pyregistry.backup.services.restore import Target, restore
from pyregistry.backup.services.verify import verified
from pyregistry.stages import Unwatched
from tests.factories.world import World
from tests.functional.backup.rich import fill, seen

WATCHER = Unwatched()


def exported(world: World, folder: Path, path: str | None = None) -> ExportFolder:
    found = ExportFolder(folder)
    components = world.components
    export(Source(components.database, components.storages), found, path, world.clock(), WATCHER)
    return found


def target_of(world: World) -> Target:
    components = world.components
    grace = components.settings.storage_sweep_grace
    return Target(components.database, components.storage, grace)


def imported(world: World, folder: ExportFolder) -> int:
    return restore(target_of(world), folder, verified(folder, WATCHER), world.clock(), WATCHER)


def test_clients_see_what_they_saw(way: tuple[World, Callable[[], World]], tmp_path: Path) -> None:
    world, other = way
    callers = fill(world)
    before = seen(world, callers)
    folder = exported(world, tmp_path / "export")
    restored = other()
    restored.clock.moment = world.clock()
    imported(restored, folder)
    after = seen(restored, callers)
    assert {key: value for key, value in after.items() if value != before[key]} == {}
    assert len({status for status, *_ in before.values()}) > 3
