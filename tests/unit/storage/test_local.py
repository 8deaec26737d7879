"""What only files in a folder can show: layout, modes, full disks, killed processes."""

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pyregistry.storage.errors import ObjectMissing, StorageUnavailable
from pyregistry.storage.local import LocalStorage

HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "files"


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    made = LocalStorage(folder)
    made.prepare()
    return made


def store(storage: LocalStorage, content: bytes) -> None:
    with storage.begin() as pending:
        pending.write(content)
        pending.store()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def leftovers(storage: LocalStorage) -> list[str]:
    return [left.name for left in storage.pending(datetime.now(UTC) + timedelta(days=1))]


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    """A process that has `storage` on a folder and runs some code."""
    start = f"""
        from pathlib import Path
        from pyregistry.storage.errors import StorageFull
        from pyregistry.storage.local import LocalStorage
        storage = LocalStorage(Path({str(folder)!r}))
        """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_making_one_touches_nothing(folder: Path) -> None:
    LocalStorage(folder)
    assert not folder.parent.exists()


def test_an_object_lies_at_its_digest(storage: LocalStorage, folder: Path) -> None:
    store(storage, b"hello")
    assert files_in(folder) == [f"{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"]
    assert storage.local_path(HELLO) == folder / HELLO[:2] / HELLO[2:4] / HELLO


def test_a_pending_file_lies_on_the_same_volume(storage: LocalStorage, folder: Path) -> None:
    with storage.begin() as pending:
        assert pending.path is not None
        assert pending.path.parent == folder / "incoming"
        assert pending.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("umask", ["0o000", "0o022", "0o077"])
def test_modes_do_not_depend_on_the_umask(folder: Path, umask: str) -> None:
    code = f"""
        import os
        os.umask({umask})
        storage.prepare()
        with storage.begin() as pending:
            pending.write(b"hello")
            pending.store()
        """
    assert run(code, folder).wait() == 0
    path = folder / HELLO[:2] / HELLO[2:4] / HELLO
    assert path.stat().st_mode & 0o777 == 0o640
    for made in (folder, folder / "incoming", path.parent, path.parent.parent):
        assert made.stat().st_mode & 0o777 == 0o750


def test_a_folder_that_is_not_there_is_not_made_by_an_upload(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "unmounted")
    with pytest.raises(StorageUnavailable, match="could not begin a new file"):
        storage.begin()
    with pytest.raises(StorageUnavailable):
        storage.check()
    with pytest.raises(StorageUnavailable, match="list"):
        list(storage.objects())
    with pytest.raises(ObjectMissing):
        storage.size(HELLO)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("")
    storage = LocalStorage(tmp_path / "files")
    for attempt in (storage.check, storage.begin, lambda: storage.size(HELLO)):
        with pytest.raises(StorageUnavailable) as caught:
            attempt()
        assert str(tmp_path) not in str(caught.value)


def test_other_files_in_the_folder_are_no_objects(storage: LocalStorage, folder: Path) -> None:
    store(storage, b"hello")
    here = folder / HELLO[:2] / HELLO[2:4]
    (here / "notes.txt").write_text("")
    (here / ("f" * 64)).write_text("in the folder of another digest")
    (folder / "README").write_text("")
    (folder / "incoming" / "notes.txt").write_text("")
    assert [made.sha256 for made in storage.objects()] == [HELLO]
    assert leftovers(storage) == []


def test_removing_keeps_the_folders(storage: LocalStorage, folder: Path) -> None:
    store(storage, b"hello")
    storage.remove(HELLO)
    assert files_in(folder) == []
    assert (folder / HELLO[:2] / HELLO[2:4]).is_dir()


def test_the_age_begins_when_the_object_is_stored(storage: LocalStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"hello")
        pending.finish()
        assert pending.path is not None
        os.utime(pending.path, (1, 1))
        assert pending.store().modified_at.year > 2000
    assert storage.stat(HELLO).modified_at.year > 2000


def test_a_reader_goes_on_after_the_object_is_removed(storage: LocalStorage) -> None:
    store(storage, b"hello")
    reader = storage.open(HELLO)
    storage.remove(HELLO)
    assert b"".join(reader) == b"hello"


def test_a_killed_process_leaves_only_a_pending_file(storage: LocalStorage, folder: Path) -> None:
    code = """
        import time
        pending = storage.begin()
        for _ in range(100):
            pending.write(b"x" * 10_000)
        print("half", flush=True)
        time.sleep(600)
        """
    process = run(code, folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    [name] = leftovers(storage)
    assert files_in(folder) == [f"incoming/{name}"]
    assert list(storage.objects()) == []
    storage.remove_pending(name)
    assert files_in(folder) == []


@pytest.mark.parametrize("size", [50_000, 3_000_000])
def test_a_full_disk_leaves_nothing(storage: LocalStorage, folder: Path, size: int) -> None:
    """A limit on file sizes is the full disk that every machine can have."""
    code = f"""
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        pending = storage.begin()
        try:
            for _ in range({size} // 1000):
                pending.write(b"x" * 1000)
            pending.store()
        except StorageFull as error:
            print(error)
            pending.discard()
        """
    output, _ = run(code, folder).communicate()
    assert output == "The storage could not write a file: File too large\n"
    assert files_in(folder) == []


def test_a_failing_store_leaves_nothing(storage: LocalStorage, folder: Path) -> None:
    (folder / HELLO[:2]).write_text("in the way")
    pending = storage.begin()
    pending.write(b"hello")
    with pytest.raises(StorageUnavailable, match="store a file"):
        pending.store()
    assert files_in(folder) == [HELLO[:2]]


def test_the_bytes_reach_the_disk_before_their_address(storage: LocalStorage, folder: Path) -> None:
    """The order of the system calls, as `os` passes them on."""
    code = """
        import os
        steps = []
        fsync, replace = os.fsync, os.replace
        def seen_fsync(descriptor):
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            steps.append("flush " + ("file" if path.endswith(".part") else path))
            fsync(descriptor)
        def seen_replace(source, target):
            steps.append("rename")
            replace(source, target)
        os.fsync, os.replace = seen_fsync, seen_replace
        for _ in range(2):
            with storage.begin() as pending:
                pending.write(b"hello")
                pending.store()
        print("\\n".join(steps))
        """
    # Somebody else has made one of the folders, who may have been killed before flushing it.
    (folder / HELLO[:2]).mkdir()
    output, _ = run(code, folder).communicate()
    real = folder.resolve()
    stored = ["flush file", "rename", f"flush {real / HELLO[:2] / HELLO[2:4]}"]
    once = [f"flush {real}", f"flush {real / HELLO[:2]}"]
    assert output.splitlines() == [stored[0], *once, *stored[1:], *stored]


def test_a_folder_that_is_made_again_is_flushed_again(storage: LocalStorage, folder: Path) -> None:
    """Folders are never removed; where a hand has removed them, the new ones are durable too."""
    code = """
        import os, shutil
        steps = []
        fsync = os.fsync
        def seen_fsync(descriptor):
            steps.append(os.readlink(f"/proc/self/fd/{descriptor}"))
            fsync(descriptor)
        os.fsync = seen_fsync
        for _ in range(2):
            with storage.begin() as pending:
                pending.write(b"hello")
                address = pending.store().sha256
            shutil.rmtree(storage.local_path(address).parent.parent)
        print("\\n".join(steps))
        """
    output, _ = run(code, folder).communicate()
    assert output.splitlines().count(str(folder.resolve())) == 2


def test_memory_stays_flat(storage: LocalStorage) -> None:
    block = b"x" * 65_536
    tracemalloc.start()
    try:
        with storage.begin() as pending:
            for _ in range(800):
                pending.write(block)
            sha256 = pending.store().sha256
        assert sum(len(chunk) for chunk in storage.open(sha256)) == 800 * 65_536
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
