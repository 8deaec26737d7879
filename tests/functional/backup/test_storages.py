"""Exports from a bucket and into one, and what may come between on the way."""

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from pyregistry.backup.errors import FilesMissing
from pyregistry.packaging.models import File
from pyregistry.storage.errors import StorageUnavailable
from tests.factories.distributions import sdist, wheel
from tests.factories.seaweedfs import ACCESS_KEY, SECRET_KEY, SeaweedFS
from tests.factories.watchers import Unwatched
from tests.factories.world import World
from tests.functional.backup.carrying import exported, imported
from tests.functional.backup.conftest import NewWorld
from tests.functional.support import database_dump

WHEEL = wheel()


@pytest.fixture
def small(new_world: NewWorld) -> World:
    """A registry with two files in a folder."""
    world = new_world("sqlite")
    world.project("acme/core", "public")
    for each in (WHEEL, sdist()):
        world.upload("acme/core", each)
    return world


@pytest.fixture
def bucket(seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of an empty part of a bucket."""
    # As boto3 finds them by itself: settings of tests have no environment.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    options = seaweedfs.options(tmp_path / "spool")
    names = ("bucket", "endpoint", "region", "prefix")
    values = {name: str(getattr(options, name)) for name in names}
    keys = {f"storage__s3__{name}": value for name, value in values.items()}
    return {"storage": "s3", "storage__s3__addressing": "path", **keys}


def test_into_a_bucket_and_back(
    small: World, new_world: NewWorld, bucket: dict[str, str], tmp_path: Path
) -> None:
    there = new_world("sqlite", **bucket)
    imported(there, exported(small, tmp_path / "export"))
    assert there.stored_objects() == small.stored_objects()
    row = there.file_named(WHEEL.filename)
    assert row is not None
    assert row.storage == "s3"
    with there.components.database.writing() as session:
        # As if it had been moved since: no bytes are in the folder that the row names.
        session.execute(update(File).values(storage="local"))
        there.components.settings.storage_local_folder.mkdir(parents=True)
    back = new_world("sqlite")
    imported(back, exported(there, tmp_path / "back"))
    address = f"/acme/core/-/files/{WHEEL.sha256}/{WHEEL.filename}"
    assert back.app.get(address).body == WHEEL.content


def test_what_the_sweeper_would_take_is_stored_anew(
    small: World, new_world: NewWorld, tmp_path: Path
) -> None:
    there = new_world("sqlite")
    folder = exported(small, tmp_path / "export")
    there.clock.moment = there.clock.moment.fromtimestamp(time.time(), there.clock.moment.tzinfo)
    storage = there.components.storage
    for each in (WHEEL, sdist()):
        with storage.begin() as pending:
            pending.write(each.content)
            pending.store()
    path = storage.local_path(WHEEL.sha256)
    assert path is not None
    long_ago = time.time() - there.components.settings.storage_sweep_grace.total_seconds()
    os.utime(path, (long_ago, long_ago))
    other = storage.stat(sdist().sha256).modified_at
    imported(there, folder)
    assert storage.stat(WHEEL.sha256).modified_at.timestamp() > long_ago + 1
    assert storage.stat(sdist().sha256).modified_at == other


def test_no_row_names_bytes_that_have_vanished(
    small: World, new_world: NewWorld, tmp_path: Path
) -> None:
    there = new_world("sqlite")
    folder = exported(small, tmp_path / "export")
    before = database_dump(there)

    class Sweeping(Unwatched):
        """Removes an object between files and rows."""

        def stage(self, name: str, count: int, size: int) -> None:
            if not size:
                there.components.storage.remove(WHEEL.sha256)

    with pytest.raises(StorageUnavailable, match="vanished"):
        imported(there, folder, Sweeping())
    assert database_dump(there) == before


def test_bytes_that_are_others_in_the_storage_are_not_exported(
    small: World, tmp_path: Path
) -> None:
    path = small.components.storage.local_path(WHEEL.sha256)
    assert path is not None
    path.write_bytes(b"something else")
    with pytest.raises(FilesMissing, match=WHEEL.filename):
        exported(small, tmp_path / "export")
    assert not (tmp_path / "export" / "manifest.json").exists()
