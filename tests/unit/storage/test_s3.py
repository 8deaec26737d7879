"""What only a bucket can show: parts, failures of a service, temporary addresses."""

import hashlib
import http.client
import os
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pyregistry.storage.errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)
from pyregistry.storage.interfaces import Shown, StoredObject
from pyregistry.storage.s3.client import LazyClients
from pyregistry.storage.s3.options import S3Options
from pyregistry.storage.s3.storage import S3Storage
from tests.factories.faulty import FaultyS3
from tests.factories.seaweedfs import ACCESS_KEY, READER_KEY, SECRET_KEY, SeaweedFS, free_ports

HELLO = hashlib.sha256(b"hello").hexdigest()
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHOWN = Shown('attachment; filename="a b.whl"', "public, max-age=60, immutable", anyone=True)
MEBIBYTE = 1024 * 1024
PART_SIZE = 5 * MEBIBYTE
"""The least that services take for every part but the last."""
LARGE = b"x" * (PART_SIZE + 1)


@pytest.fixture
def faulty(seaweedfs: SeaweedFS) -> Iterator[FaultyS3]:
    """The server behind something that breaks."""
    made = FaultyS3(seaweedfs.port)
    yield made
    made.stop()


@pytest.fixture
def options(s3_options: S3Options, faulty: FaultyS3) -> S3Options:
    return replace(
        s3_options,
        endpoint=faulty.endpoint,
        part_size=PART_SIZE,
    )


@pytest.fixture
def storage(options: S3Options) -> Iterator[S3Storage]:
    made = S3Storage(options)
    made.prepare()
    yield made
    made.close()


def store(storage: S3Storage, content: bytes) -> StoredObject:
    with storage.begin() as pending:
        pending.write(content)
        return pending.store()


def leftovers(storage: S3Storage) -> list[str]:
    return [left.name for left in storage.pending(datetime.now(UTC) + timedelta(days=1))]


def raw(storage: S3Storage) -> object:
    """The client that the storage uses, for what no storage does."""
    return storage._clients.get().service


def test_an_object_lies_at_its_digest(storage: S3Storage, options: S3Options) -> None:
    store(storage, b"hello")
    [found] = raw(storage).list_objects_v2(Bucket=options.bucket, Prefix=options.prefix)["Contents"]
    assert found["Key"] == f"{options.prefix}/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"


def test_making_one_calls_nobody(options: S3Options, faulty: FaultyS3) -> None:
    S3Storage(options)
    assert faulty.seen == []
    assert not options.spool_folder.exists()


def test_the_spool_is_made_by_the_first_upload(options: S3Options) -> None:
    """Another host may have prepared the bucket."""
    store(S3Storage(options), b"hello")
    assert list(options.spool_folder.iterdir()) == []
    assert options.spool_folder.stat().st_mode & 0o777 == 0o750


def test_a_large_file_goes_in_parts(storage: S3Storage, faulty: FaultyS3) -> None:
    content = os.urandom(2 * PART_SIZE + 17)
    made = store(storage, content)
    assert b"".join(storage.open(made.sha256)) == content
    parts = [seen for seen in faulty.seen if "partNumber=" in seen.path]
    assert [int(part.headers["content-length"]) for part in parts] == [*[PART_SIZE] * 2, 17]
    assert all("content-md5" in part.headers for part in parts)
    assert leftovers(storage) == []


def test_memory_stays_flat(s3_options: S3Options) -> None:
    storage = S3Storage(s3_options)
    block = os.urandom(65_536)
    store(storage, b"what is loaded once")
    tracemalloc.start()
    try:
        with storage.begin() as pending:
            for _ in range(400):
                pending.write(block)
            sha256 = pending.store().sha256
        # Of 25 MiB; in parts of 16 MiB, each read from the disk while it is sent.
        assert tracemalloc.get_traced_memory()[1] < 3 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert storage.size(sha256) == 400 * 65_536


def test_bytes_stored_again_are_uploaded_again(storage: S3Storage, faulty: FaultyS3) -> None:
    """So their age is new for objects of every size, with services that refuse self-copies."""
    store(storage, b"hello")
    store(storage, b"hello")
    puts = [seen for seen in faulty.seen if seen.method == "PUT"]
    assert len(puts) == 2
    assert not any("x-amz-copy-source" in put.headers for put in puts)


def test_more_objects_than_a_page_of_the_listing(storage: S3Storage, options: S3Options) -> None:
    digests = sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(1003))

    def put(sha256: str) -> None:
        key = f"{options.prefix}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        raw(storage).put_object(Bucket=options.bucket, Key=key, Body=b"x")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, digests))
    assert [found.sha256 for found in storage.objects()] == digests


def test_other_keys_are_no_objects(storage: S3Storage, options: S3Options) -> None:
    store(storage, b"hello")
    for key in ("README", f"{HELLO[:2]}/notes", f"00/00/{HELLO}", f"backup/{HELLO}"):
        raw(storage).put_object(Bucket=options.bucket, Key=f"{options.prefix}/{key}", Body=b"x")
    assert [found.sha256 for found in storage.objects()] == [HELLO]


def test_registries_that_share_a_bucket(storage: S3Storage, options: S3Options) -> None:
    other = S3Storage(replace(options, prefix=f"{options.prefix}-other"))
    store(storage, b"hello")
    assert not other.exists(HELLO)
    assert list(other.objects()) == []


class TestRenewing:
    @pytest.fixture
    def options(self, options: S3Options) -> S3Options:
        """A busy machine must not look like a service that takes no copies."""
        return replace(options, read_timeout=timedelta(seconds=60))

    def test_nothing_is_sent(self, storage: S3Storage, faulty: FaultyS3) -> None:
        store(storage, b"hello")
        faulty.seen.clear()
        storage.renew(HELLO)
        [put] = [seen for seen in faulty.seen if seen.method == "PUT"]
        assert "x-amz-copy-source" in put.headers
        assert not any(seen.method == "GET" for seen in faulty.seen)
        assert b"".join(storage.open(HELLO)) == b"hello"

    def test_a_large_object_is_copied_in_parts(self, options: S3Options, faulty: FaultyS3) -> None:
        storage = S3Storage(replace(options, copy_limit=PART_SIZE))
        content = os.urandom(PART_SIZE + 17)
        made = store(storage, content)
        faulty.seen.clear()
        storage.renew(made.sha256)
        copies = [seen for seen in faulty.seen if "partNumber=" in seen.path]
        assert len(copies) == 2
        assert all("x-amz-copy-source-range" in copy.headers for copy in copies)
        assert b"".join(storage.open(made.sha256)) == content
        assert leftovers(storage) == []

    def test_a_service_that_takes_no_copies(self, storage: S3Storage, faulty: FaultyS3) -> None:
        store(storage, b"hello")
        faulty.fail("500", "PUT", times=1)
        storage.renew(HELLO)
        assert b"".join(storage.open(HELLO)) == b"hello"

    def test_damaged_bytes_are_not_stored_again(
        self, storage: S3Storage, options: S3Options, faulty: FaultyS3
    ) -> None:
        key = f"{options.prefix}/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"
        raw(storage).put_object(Bucket=options.bucket, Key=key, Body=b"other")
        faulty.fail("500", "PUT", times=1)
        with pytest.raises(StorageUnavailable, match="other bytes"):
            storage.renew(HELLO)
        assert [found.sha256 for found in storage.objects()] == [HELLO]

    def test_credentials_that_only_read(self, storage: S3Storage, options: S3Options) -> None:
        store(storage, b"hello")
        with pytest.raises(StorageReadOnly):
            S3Storage(replace(options, access_key=READER_KEY)).renew(HELLO)


class TestLeftovers:
    def begun(self, storage: S3Storage, options: S3Options) -> None:
        where = {
            "Bucket": options.bucket,
            "Key": f"{options.prefix}/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}",
        }
        client = raw(storage)
        upload = client.create_multipart_upload(**where)["UploadId"]
        client.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x" * 1000)

    def test_an_unfinished_upload(self, storage: S3Storage, options: S3Options) -> None:
        self.begun(storage, options)
        now = datetime.now(UTC)
        assert list(storage.pending(now - timedelta(hours=1))) == []
        [left] = storage.pending(now + timedelta(hours=1))
        assert left.size == 1000
        assert left.name.startswith(f"{HELLO}:")
        storage.remove_pending(left.name)
        storage.remove_pending(left.name)
        assert leftovers(storage) == []

    def test_that_of_another_registry(self, storage: S3Storage, options: S3Options) -> None:
        self.begun(storage, options)
        assert leftovers(S3Storage(replace(options, prefix="tests/other"))) == []


OPERATIONS: dict[str, tuple[str, Callable[[S3Storage], object]]] = {
    "store": ("PUT", lambda storage: store(storage, b"other")),
    "store in parts": ("PUT", lambda storage: store(storage, LARGE)),
    "begin parts": ("POST", lambda storage: store(storage, LARGE)),
    "open": ("GET", lambda storage: storage.open(HELLO)),
    "stat": ("HEAD", lambda storage: storage.stat(HELLO)),
    "exists": ("HEAD", lambda storage: storage.exists(HELLO)),
    "list": ("GET", lambda storage: list(storage.objects())),
    "pending": ("GET", leftovers),
    "renew": ("PUT", lambda storage: storage.renew(HELLO)),
    "remove": ("DELETE", lambda storage: storage.remove(HELLO)),
    "check": ("PUT", lambda storage: storage.check()),
    "prepare": ("HEAD", lambda storage: storage.prepare()),
}


class TestFailures:
    @pytest.mark.parametrize("kind", ["500", "reset", "stall"])
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_operation(
        self, options: S3Options, storage: S3Storage, faulty: FaultyS3, kind: str, operation: str
    ) -> None:
        store(storage, b"hello")
        method, attempt = OPERATIONS[operation]
        faulty.fail(kind, method)
        impatient = S3Storage(replace(options, read_timeout=timedelta(seconds=0.5)))
        with pytest.raises(StorageUnavailable) as caught:
            attempt(impatient if kind == "stall" else storage)
        tells_no_secret(caught.value)
        faulty.heal()
        assert leftovers(storage) == []
        assert [found.sha256 for found in storage.objects()] == [HELLO]

    def test_no_room(self, storage: S3Storage, faulty: FaultyS3) -> None:
        faulty.fail("507", "PUT")
        with pytest.raises(StorageFull, match="no room"):
            store(storage, b"hello")

    def test_an_answer_that_makes_no_sense(self, storage: S3Storage, faulty: FaultyS3) -> None:
        faulty.fail("garbage", "GET")
        with pytest.raises(StorageUnavailable):
            list(storage.objects())

    @pytest.mark.parametrize("size", [5, PART_SIZE + 1])
    def test_bytes_that_arrive_otherwise(
        self, storage: S3Storage, faulty: FaultyS3, size: int
    ) -> None:
        faulty.fail("damage", "PUT")
        with pytest.raises(StorageUnavailable):
            store(storage, b"h" * size)
        faulty.heal()
        assert list(storage.objects()) == []
        assert leftovers(storage) == []

    def test_the_same_again_where_it_helps(self, options: S3Options, faulty: FaultyS3) -> None:
        storage = S3Storage(replace(options, retries=2))
        for kind in ("500", "503", "reset"):
            faulty.fail(kind, "PUT", times=1)
            store(storage, kind.encode())
        assert len(list(storage.objects())) == 3

    @pytest.mark.parametrize("kind", ["truncate", "stall in the body"])
    @pytest.mark.parametrize("start", [0, 1])
    def test_a_body_that_ends_early(
        self, options: S3Options, faulty: FaultyS3, kind: str, start: int
    ) -> None:
        """Whoever sends the bytes on learns that they are not all."""
        storage = S3Storage(replace(options, read_timeout=timedelta(seconds=3)))
        made = store(storage, b"x" * MEBIBYTE)
        faulty.fail(kind, "GET")
        reader = storage.open(made.sha256, start=start)
        received = 0
        with pytest.raises(StorageUnavailable):  # noqa: PT012 -- the first bytes do come
            for chunk in reader:
                received += len(chunk)
        assert received < MEBIBYTE
        reader.close()

    def test_nobody_there(self, options: S3Options) -> None:
        [port] = free_ports(1)
        storage = S3Storage(replace(options, endpoint=f"http://127.0.0.1:{port}"))
        with pytest.raises(StorageUnavailable, match="it cannot be reached"):
            storage.check()

    @pytest.mark.parametrize(
        ("key", "secret"), [("nobody", SECRET_KEY), (ACCESS_KEY, "wrong"), (READER_KEY, SECRET_KEY)]
    )
    def test_wrong_credentials(self, options: S3Options, key: str, secret: str) -> None:
        storage = S3Storage(replace(options, access_key=key, secret_key=secret))
        with pytest.raises(StorageUnavailable, match="does not let these credentials") as caught:
            store(storage, b"hello")
        tells_no_secret(caught.value)

    def test_no_bucket(self, options: S3Options) -> None:
        storage = S3Storage(replace(options, bucket="nowhere"))
        sentence = "has no bucket nowhere: create it, or set"
        with pytest.raises(StorageUnavailable, match=sentence):
            storage.prepare()
        attempts: list[Callable[[], object]] = [
            storage.check,
            lambda: store(storage, b"hello"),
            lambda: storage.stat(HELLO),
            lambda: storage.open(HELLO),
            lambda: list(storage.objects()),
        ]
        for attempt in attempts:
            with pytest.raises(StorageUnavailable, match="the bucket does not exist"):
                attempt()

    def test_a_bucket_is_made_where_that_is_allowed(self, options: S3Options) -> None:
        name = f"made-{options.prefix[-12:]}"
        storage = S3Storage(replace(options, bucket=name, create_bucket=True))
        storage.prepare()
        storage.prepare()
        store(storage, b"hello")
        assert storage.exists(HELLO)


class TestWhatIsSaid:
    def test_class_and_encryption(self, options: S3Options, faulty: FaultyS3) -> None:
        told = replace(
            options,
            storage_class="STANDARD_IA",
            server_side_encryption="aws:kms",
            kms_key="key-1",
        )
        for size in (5, PART_SIZE + 1):
            faulty.seen.clear()
            # The server of the tests has no key management.
            with pytest.raises(StorageError):
                store(S3Storage(told), b"x" * size)
            headers = faulty.seen[0].headers
            assert headers["x-amz-storage-class"] == "STANDARD_IA"
            assert headers["x-amz-server-side-encryption"] == "aws:kms"
            assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == "key-1"

    def test_no_checksums_that_other_services_do_not_know(
        self, storage: S3Storage, faulty: FaultyS3
    ) -> None:
        store(storage, b"hello")
        for seen in faulty.seen:
            assert "aws-chunked" not in seen.headers.get("content-encoding", "")
            assert not any(name.startswith("x-amz-checksum") for name in seen.headers)

    def test_options_show_no_secret(self, options: S3Options) -> None:
        assert SECRET_KEY not in repr(options)
        assert ACCESS_KEY not in repr(options)


class TestAddresses:
    def address(self, storage: S3Storage, now: datetime = NOW, shown: Shown = SHOWN) -> str:
        found = storage.address(HELLO, shown, now)
        assert found is not None
        return found.address

    def fetch(self, address: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()

    def test_the_file_with_its_headers(self, storage: S3Storage) -> None:
        store(storage, b"hello")
        answer, body = self.fetch(self.address(storage, datetime.now(UTC)))
        assert (answer.status, body) == (200, b"hello")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == SHOWN.content_disposition
        assert answer.headers["Cache-Control"] == SHOWN.cache_control

    def test_a_part(self, storage: S3Storage) -> None:
        store(storage, b"hello")
        answer, body = self.fetch(self.address(storage, datetime.now(UTC)), Range="bytes=1-2")
        assert (answer.status, body) == (206, b"el")

    def test_only_for_that_object_and_that_time(self, storage: S3Storage) -> None:
        other = store(storage, b"other").sha256
        store(storage, b"hello")
        now = datetime.now(UTC)
        address = self.address(storage, now)
        stolen = address.replace(HELLO, other).replace(
            f"/{HELLO[:2]}/{HELLO[2:4]}/", f"/{other[:2]}/{other[2:4]}/"
        )
        assert self.fetch(stolen)[0].status == 403
        assert self.fetch(self.address(storage, now - timedelta(hours=2)))[0].status == 403

    def test_the_same_for_half_of_its_life(self, options: S3Options) -> None:
        """Whichever process is asked: caches know files by their address."""
        one, other = S3Storage(options), S3Storage(options)
        first = one.address(HELLO, SHOWN, NOW)
        assert first is not None
        assert first.fresh_for == timedelta(minutes=30)
        assert self.address(other, NOW + timedelta(minutes=29, seconds=59)) == first.address
        later = one.address(HELLO, SHOWN, NOW + timedelta(minutes=29))
        assert later is not None
        assert later.fresh_for == timedelta(minutes=1)
        assert self.address(one, NOW + timedelta(minutes=30)) != first.address

    @pytest.mark.parametrize(("anyone", "seconds"), [(True, 3600), (False, 300)])
    def test_what_is_private_ends_sooner(
        self, storage: S3Storage, anyone: bool, seconds: int
    ) -> None:
        query = parse_qs(urlsplit(self.address(storage, shown=replace(SHOWN, anyone=anyone))).query)
        assert query["X-Amz-Expires"] == [str(seconds)]

    def test_at_the_address_of_clients(self, options: S3Options) -> None:
        public = replace(options, public_endpoint="https://files.example.org")
        assert self.address(S3Storage(public)).startswith("https://files.example.org/registry/")

    @pytest.mark.parametrize(
        ("addressing", "start"),
        [
            ("auto", "https://s3.example.org/registry/"),
            ("path", "https://s3.example.org/registry/"),
            ("virtual", "https://registry.s3.example.org/"),
        ],
    )
    def test_addressing(self, options: S3Options, addressing: str, start: str) -> None:
        told = replace(options, endpoint="https://s3.example.org", addressing=addressing)
        assert self.address(S3Storage(told)).startswith(start)

    def test_at_the_host_of_the_region(self, options: S3Options) -> None:
        """Amazon's host for all regions would lead on to where the signature is wrong."""
        told = replace(options, endpoint=None, region="eu-central-1", addressing="auto")
        host = urlsplit(self.address(S3Storage(told))).hostname
        assert host is not None
        assert host.endswith("s3.eu-central-1.amazonaws.com")

    def test_nobody_is_asked(self, options: S3Options, faulty: FaultyS3) -> None:
        self.address(S3Storage(options))
        assert faulty.seen == []

    def test_the_secret_is_not_in_it(self, storage: S3Storage) -> None:
        assert SECRET_KEY not in self.address(storage)

    def test_none_where_files_stream_through(self, options: S3Options) -> None:
        assert S3Storage(replace(options, redirects=False)).address(HELLO, SHOWN, NOW) is None

    def test_without_credentials(
        self, options: S3Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        storage = S3Storage(replace(options, access_key=None, secret_key=None))
        with pytest.raises(StorageUnavailable, match="no credentials"):
            self.address(storage)
        with pytest.raises(StorageUnavailable, match="no credentials"):
            storage.check()


def test_a_forked_process_has_clients_of_its_own(
    options: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = LazyClients(options)
    before = clients.get()
    assert clients.get() is before
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert clients.get() is not before


def test_closed_clients_are_made_anew(storage: S3Storage) -> None:
    store(storage, b"hello")
    storage.close()
    storage.close()
    assert storage.exists(HELLO)
    with pytest.raises(ObjectMissing):
        storage.stat("0" * 64)


def tells_no_secret(error: BaseException | None) -> None:
    """Neither the sentence nor anything that led to it."""
    while error is not None:
        for secret in (SECRET_KEY, ACCESS_KEY, "Signature="):
            assert secret not in str(error)
        error = error.__context__
