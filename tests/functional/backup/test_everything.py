"""A registry that was exported and imported is the same to its clients, whatever it runs on."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from pyregistry import schema
from pyregistry.backup.errors import (
    DamagedExport,
    FilesMissing,
    FolderInUse,
    NoExport,
    NotEmpty,
    OtherExport,
)
from pyregistry.backup.services.restore import SERIALS_SKIPPED
from pyregistry.errors import Refusal
from pyregistry.namespaces.services.create import create_group
from pyregistry.packaging.models import File, RegistrySerial
from pyregistry.tree.services.delete import delete_namespace
from tests.factories.distributions import wheel
from tests.factories.watchers import Unwatched
from tests.factories.world import FOUNDER, World
from tests.functional.backup.carrying import exported, imported
from tests.functional.backup.rich import ALPHA, fill, seen
from tests.functional.support import database_dump

Way = tuple[World, Callable[[], World]]


def test_clients_see_what_they_saw(way: Way, tmp_path: Path) -> None:
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


def test_what_is_new_gets_numbers_that_nothing_had(way: Way, tmp_path: Path) -> None:
    world, other = way
    owner = world.user("owner")
    world.group("acme")
    gone = world.group("gone")
    with world.components.database.writing() as session:
        delete_namespace(session, gone, FOUNDER, world.clock())
    with world.components.database.writing() as session:
        serial = session.scalars(select(RegistrySerial.value)).one()
    folder = exported(world, tmp_path / "export")
    restored = other()
    imported(restored, folder)
    assert restored.user("another") == owner + 1
    assert restored.group("new") == gone + 1
    with restored.components.database.reading() as session:
        after = session.scalars(select(RegistrySerial.value)).one()
    assert after == serial + SERIALS_SKIPPED


def test_an_import_that_was_interrupted_goes_on(onto: Way, tmp_path: Path) -> None:
    world, other = onto
    world.project("acme/core")
    for version in ("1.0", "2.0", "3.0"):
        world.upload("acme/core", wheel("demo", version))
    folder = exported(world, tmp_path / "export")
    restored = other()
    before = database_dump(restored)
    with pytest.raises(Interrupted):
        imported(restored, folder, Interrupting(after=3 + 2))
    assert database_dump(restored) == before
    assert restored.stored_objects()
    imported(restored, folder)
    assert restored.count(File) == 3
    assert restored.stored_objects() == world.stored_objects()
    assert restored.leftovers() == []


class Interrupted(Exception):
    """What ends a command in the middle."""


class Interrupting(Unwatched):
    """Ends whatever it watches after so many things are done."""

    def __init__(self, after: int) -> None:
        self._left = after

    def advance(self, size: int) -> None:
        self._left -= 1
        if self._left == 0:
            raise Interrupted


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _set(key: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))

    return change


OBJECT = f"files/{ALPHA.sha256[:2]}/{ALPHA.sha256[2:4]}/{ALPHA.sha256}"
DAMAGES: list[tuple[Callable[[Path], None], type[Refusal]]] = [
    (lambda folder: (folder / "manifest.json").unlink(), NoExport),
    (lambda folder: (folder / "manifest.json").write_bytes(b"{"), NoExport),
    (lambda folder: _flip(next(folder.glob("rows-*/users.jsonl"))), DamagedExport),
    (lambda folder: next(folder.glob("rows-*/events.jsonl")).unlink(), DamagedExport),
    (lambda folder: _flip(folder / OBJECT), DamagedExport),
    (lambda folder: (folder / OBJECT).unlink(), DamagedExport),
    (_set("schema", "0001"), OtherExport),
    (_set("format_version", 2), OtherExport),
    (_set("rows_folder", "../../etc"), NoExport),
    (_set("version", "\x1b[2J"), NoExport),
    (_set("schema", ["0006"]), NoExport),
    (_set("files_count", 7), DamagedExport),
]


@pytest.fixture
def small(new_world: Callable[..., World]) -> World:
    """A registry with one file."""
    world = new_world("sqlite")
    world.project("acme/core")
    world.upload("acme/core", ALPHA)
    return world


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_of_a_damaged_export_nothing_is_imported(
    small: World, new_world: Callable[..., World], tmp_path: Path, number: int
) -> None:
    damage, refusal = DAMAGES[number]
    folder = exported(small, tmp_path / "export")
    damage(folder.path)
    restored = new_world("sqlite")
    before = database_dump(restored)
    with pytest.raises(refusal):
        imported(restored, folder)
    assert database_dump(restored) == before
    assert restored.stored_objects() == set()


def test_only_an_empty_registry_takes_everything(
    small: World, new_world: Callable[..., World], tmp_path: Path
) -> None:
    folder = exported(small, tmp_path / "export")
    restored = new_world("sqlite")
    restored.user("somebody")
    with pytest.raises(NotEmpty, match="has users"):
        imported(restored, folder)
    assert restored.stored_objects() == set()


def test_the_rows_are_those_of_one_moment(way: Way, tmp_path: Path) -> None:
    world, _ = way
    world.project("acme/core")

    class Publishing(Unwatched):
        """Publishes and creates in the middle of the rows."""

        done = False

        def advance(self, size: int) -> None:
            if not self.done:
                self.done = True
                with world.components.database.writing() as session:
                    create_group(session, "later", actor=FOUNDER, now=world.clock())

    folder = exported(world, tmp_path / "export", watcher=Publishing())
    manifest = folder.manifest()
    paths = {row["full_path"] for row in folder.rows(manifest.rows_folder, "namespaces")}
    assert paths == {"acme", "acme/core"}
    events = folder.rows(manifest.rows_folder, "events")
    assert "later" not in {row["namespace_path"] for row in events}
    assert manifest.schema == schema.HEAD


def test_the_same_folder_again(small: World, tmp_path: Path) -> None:
    folder = exported(small, tmp_path / "export")
    first = folder.manifest()
    path = folder.object_path(ALPHA.sha256)
    copied = path.stat().st_mtime_ns
    beta = wheel("beta", "1.0")
    small.upload("acme/core", beta)
    small.clock.advance(hours=1)
    with pytest.raises(Interrupted):
        exported(small, folder.path, watcher=Interrupting(after=3))
    assert folder.manifest() == first
    exported(small, folder.path)
    second = folder.manifest()
    assert (first.files_count, second.files_count) == (1, 2)
    assert path.stat().st_mtime_ns == copied
    assert [each.name for each in folder.path.glob("rows-*")] == [second.rows_folder]
    _flip(path)
    exported(small, folder.path)
    assert folder.object_size(ALPHA.sha256, lambda: None) == len(ALPHA.content)


def test_only_its_owner_reads_an_export(small: World, tmp_path: Path) -> None:
    folder = exported(small, tmp_path / "export")
    for path in [folder.path, *folder.path.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_folder_with_other_things_is_left_alone(small: World, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("mine")
    with pytest.raises(NotEmpty):
        exported(small, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]


def test_without_all_bytes_there_is_no_manifest(small: World, tmp_path: Path) -> None:
    small.components.storage.remove(ALPHA.sha256)
    with pytest.raises(FilesMissing, match=ALPHA.filename):
        exported(small, tmp_path / "export")
    assert not (tmp_path / "export" / "manifest.json").exists()


def test_one_export_at_a_time_is_written_to_a_folder(small: World, tmp_path: Path) -> None:
    folder = exported(small, tmp_path / "export")
    with folder.writing(), pytest.raises(FolderInUse):
        exported(small, folder.path)
    exported(small, folder.path)


def test_what_a_killed_export_left_is_removed(small: World, tmp_path: Path) -> None:
    folder = exported(small, tmp_path / "export")
    part = folder.object_path(ALPHA.sha256).with_name("0123.part")
    part.write_bytes(b"half")
    (folder.path / "rows-20200101T000000Z").mkdir()
    exported(small, folder.path)
    assert not part.exists()
    assert len(list(folder.path.glob("rows-*"))) == 1
