"""The contract of `IFileStorage`, kept by every storage.

Another storage is one more entry in `STORAGES`: a function that gives an
empty storage which is ready for use. That of S3 speaks with a real server.
"""

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from pyregistry.storage.errors import ObjectMissing
from pyregistry.storage.interfaces import IFileStorage, StoredObject
from pyregistry.storage.local import LocalStorage
from pyregistry.storage.s3.storage import S3Storage

EMPTY = hashlib.sha256(b"").hexdigest()
NOWHERE = "0" * 64


def local(request: pytest.FixtureRequest) -> IFileStorage:
    return LocalStorage(request.getfixturevalue("tmp_path") / "files")


def s3(request: pytest.FixtureRequest) -> IFileStorage:
    return S3Storage(request.getfixturevalue("s3_options"))


STORAGES: dict[str, Callable[[pytest.FixtureRequest], IFileStorage]] = {"local": local, "s3": s3}


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.thorough)])
def storage(request: pytest.FixtureRequest) -> Iterator[IFileStorage]:
    made = STORAGES[request.param](request)
    made.prepare()
    yield made
    made.close()


def stored(storage: IFileStorage, content: bytes) -> StoredObject:
    with storage.begin() as pending:
        pending.write(content)
        return pending.store()


def content_of(storage: IFileStorage, sha256: str) -> bytes:
    return b"".join(storage.open(sha256))


def leftovers(storage: IFileStorage) -> list[str]:
    later = datetime.now(UTC) + timedelta(days=1)
    return [leftover.name for leftover in storage.pending(later)]


def test_it_has_a_name(storage: IFileStorage) -> None:
    assert storage.name in {"local", "s3"}


def test_preparing_again_keeps_the_objects(storage: IFileStorage) -> None:
    kept = stored(storage, b"kept")
    storage.prepare()
    assert storage.exists(kept.sha256)


def test_a_check_leaves_nothing(storage: IFileStorage) -> None:
    storage.check()
    assert list(storage.objects()) == []
    assert leftovers(storage) == []


def test_it_says_how_much_room_it_has(storage: IFileStorage) -> None:
    free = storage.free_bytes()
    assert free is None or free > 0


def test_stored_bytes_come_back(storage: IFileStorage) -> None:
    content = b"hello " * 1000
    with storage.begin() as pending:
        pending.write(content[:10])
        pending.write(content[10:])
        assert pending.size == len(content)
        made = pending.store()
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert made.size == len(content)
    assert content_of(storage, made.sha256) == content
    assert storage.size(made.sha256) == len(content)
    assert storage.exists(made.sha256)
    assert leftovers(storage) == []


def test_an_empty_object(storage: IFileStorage) -> None:
    assert stored(storage, b"").sha256 == EMPTY
    assert content_of(storage, EMPTY) == b""
    assert storage.size(EMPTY) == 0


def test_digests_are_known_when_the_writing_is_finished(storage: IFileStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"hello")
        with pytest.raises(ValueError, match="finished"):
            assert pending.digests
        digests = pending.finish()
        assert pending.digests == digests == pending.finish()
    assert digests.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert digests.blake2b_256 == hashlib.blake2b(b"hello", digest_size=32).hexdigest()
    assert digests.md5 == hashlib.md5(b"hello").hexdigest()


def test_a_finished_file_can_be_inspected(storage: IFileStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"hello")
        pending.finish()
        path = pending.path
        assert path is None or path.read_bytes() == b"hello"
        with pytest.raises(ValueError, match="finished"):
            pending.write(b" more")
        pending.store()
        assert path is None or not path.exists()


@pytest.mark.parametrize("end", ["store", "discard"])
def test_nothing_works_on_what_was_stored_or_discarded(storage: IFileStorage, end: str) -> None:
    with storage.begin() as pending:
        getattr(pending, end)()
        for forbidden in (lambda: pending.write(b"x"), pending.finish, pending.store):
            with pytest.raises(ValueError, match="file"):
                forbidden()
        pending.discard()


def test_pending_bytes_are_seen_by_nobody(storage: IFileStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"hello")
        sha256 = pending.finish().sha256
        assert not storage.exists(sha256)
        assert list(storage.objects()) == []


def test_leaving_discards_what_was_not_stored(storage: IFileStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"hello")
        sha256 = pending.finish().sha256
    with suppress(ZeroDivisionError), storage.begin() as pending:
        pending.write(b"x" * 100_000)
        raise ZeroDivisionError
    assert leftovers(storage) == []
    assert not storage.exists(sha256)


def test_leaving_keeps_what_was_stored(storage: IFileStorage) -> None:
    with suppress(ZeroDivisionError), storage.begin() as pending:
        pending.write(b"hello")
        made = pending.store()
        raise ZeroDivisionError
    assert content_of(storage, made.sha256) == b"hello"


def test_the_same_bytes_are_one_object_with_a_new_age(storage: IFileStorage) -> None:
    first = stored(storage, b"same")
    path = storage.local_path(first.sha256)
    if path is not None:  # make it old; elsewhere a new age cannot be older
        os.utime(path, (1, 1))
        assert storage.stat(first.sha256).modified_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    again = stored(storage, b"same")
    assert again.sha256 == first.sha256
    assert again.modified_at >= first.modified_at
    assert storage.stat(first.sha256) == again
    assert [made.sha256 for made in storage.objects()] == [first.sha256]


def test_times_are_aware_and_recent(storage: IFileStorage) -> None:
    made = stored(storage, b"now")
    assert made.modified_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - made.modified_at) < timedelta(minutes=10)
    with storage.begin() as pending:
        pending.write(b"x")
        later = datetime.now(UTC) + timedelta(days=1)
        assert all(left.modified_at.utcoffset() == timedelta(0) for left in storage.pending(later))


def test_an_object_that_is_not_there(storage: IFileStorage) -> None:
    for refused in (storage.open, storage.stat, storage.size):
        with pytest.raises(ObjectMissing, match=NOWHERE):
            refused(NOWHERE)
    assert not storage.exists(NOWHERE)
    assert storage.local_path(NOWHERE) is None
    storage.remove(NOWHERE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "../../etc/passwd",
        "A" * 64,
        "a" * 63,
        "a" * 65,
        "a" * 64 + "\n",
        "/" * 64,
        "٣" * 64,
    ],
)
def test_only_a_digest_is_an_address(storage: IFileStorage, text: str) -> None:
    for refused in (
        storage.open,
        storage.stat,
        storage.size,
        storage.exists,
        storage.local_path,
        storage.renew,
        storage.remove,
    ):
        with pytest.raises(ValueError, match="64 lower-case hexadecimal digits"):
            refused(text)


@pytest.mark.parametrize("name", ["", "..", "../x", "a" * 64, "/etc/passwd", "x.part"])
def test_only_a_listed_name_is_a_leftover(storage: IFileStorage, name: str) -> None:
    with pytest.raises(ValueError, match="pending"):
        storage.remove_pending(name)


@pytest.mark.parametrize("start", [0, 1, 255_999, 256_000, 999_999, 1_000_000, 2_000_000])
@pytest.mark.parametrize("length", [None, 0, 1, 262_144, 262_145, 5_000_000])
def test_ranges(storage: IFileStorage, start: int, length: int | None) -> None:
    content = random.Random(1).randbytes(1_000_000)
    made = stored(storage, content)
    chunks = list(storage.open(made.sha256, start=start, length=length))
    end = len(content) if length is None else start + length
    assert b"".join(chunks) == content[start:end]
    assert all(chunks)
    assert all(len(chunk) >= 65_536 for chunk in chunks[:-1])


@pytest.mark.parametrize("wrong", [{"start": -1}, {"length": -1}])
def test_a_negative_range(storage: IFileStorage, wrong: dict[str, int]) -> None:
    made = stored(storage, b"hello")
    with pytest.raises(ValueError, match="negative"):
        storage.open(made.sha256, **wrong)


def test_a_reader_can_be_closed_early_and_twice(storage: IFileStorage) -> None:
    made = stored(storage, b"x" * 1_000_000)
    reader = storage.open(made.sha256)
    assert next(reader)
    reader.close()
    reader.close()
    assert list(reader) == []


def test_an_open_object_can_be_removed_and_stored_again(storage: IFileStorage) -> None:
    made = stored(storage, b"hello")
    path = storage.local_path(made.sha256)
    assert path is None or path.read_bytes() == b"hello"
    storage.remove(made.sha256)
    assert not storage.exists(made.sha256)
    stored(storage, b"hello")
    assert content_of(storage, made.sha256) == b"hello"


def test_renewing_begins_the_age_anew(storage: IFileStorage) -> None:
    before = stored(storage, b"hello")
    while datetime.now(UTC) < before.modified_at + timedelta(seconds=1):
        time.sleep(0.05)  # services tell whole seconds
    storage.renew(before.sha256)
    after = storage.stat(before.sha256)
    assert after.modified_at > before.modified_at
    assert (after.sha256, after.size) == (before.sha256, before.size)
    assert content_of(storage, before.sha256) == b"hello"
    assert list(storage.objects()) == [after]


def test_what_is_not_there_cannot_be_renewed(storage: IFileStorage) -> None:
    with pytest.raises(ObjectMissing):
        storage.renew(NOWHERE)


def test_objects_are_listed_in_order(storage: IFileStorage) -> None:
    made = [stored(storage, str(number).encode()) for number in range(50)]
    assert list(storage.objects()) == sorted(made, key=lambda each: each.sha256)


def test_an_upload_under_way_is_pending_by_age(storage: IFileStorage) -> None:
    with storage.begin() as pending:
        pending.write(b"x" * 100_000)
        pending.finish()
        now = datetime.now(UTC)
        assert list(storage.pending(now - timedelta(hours=1))) == []
        [left] = storage.pending(now + timedelta(hours=1))
        assert left.size == 100_000
        storage.remove_pending(left.name)
        storage.remove_pending(left.name)
        assert list(storage.pending(now + timedelta(hours=1))) == []


def test_many_threads_store_the_same_and_different_bytes(storage: IFileStorage) -> None:
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for number in range(20):
                made = stored(storage, f"shared {number}".encode() * 5000)
                assert content_of(storage, made.sha256) == f"shared {number}".encode() * 5000
                stored(storage, f"{seed} {number}".encode())
        except BaseException as failure:  # noqa: BLE001 - shown by the main thread
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(list(storage.objects())) == 20 + 8 * 20
    assert leftovers(storage) == []
