"""A registry whose files lie in a bucket, or in a folder and a bucket."""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pyramid.registry import Registry
from sqlalchemy import URL, update

from pyregistry.components import Components
from pyregistry.packaging.models import File
from pyregistry.packaging.services.references import named_digests
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.sweeper import sweep
from tests.factories.distributions import wheel
from tests.factories.faulty import FaultyS3
from tests.factories.seaweedfs import SECRET_KEY, SeaweedFS
from tests.factories.world import World, new_components
from tests.functional.support import PROJECT, contents
from tests.functional.watched import watched

WHEEL = wheel()
ADDRESS = f"/{PROJECT}/-/files/{WHEEL.sha256}/{WHEEL.filename}"
TAG = f'"{WHEEL.sha256}"'


@pytest.fixture
def faulty(seaweedfs: SeaweedFS) -> Iterator[FaultyS3]:
    made = FaultyS3(seaweedfs.port)
    yield made
    made.stop()


class Places:
    """Gives the world other settings of where files are."""

    def __init__(
        self, world: World, registry: Registry, folder: Path, server: SeaweedFS, faulty: FaultyS3
    ) -> None:
        self.world = world
        self._registry = registry
        self._folder = folder
        self._options = server.options(folder / "spool", endpoint=faulty.endpoint)

    def use(
        self, storage: str, *, bucket: bool = True, accel: str = "", **settings: str
    ) -> Components:
        """New files go to that storage; `bucket` is whether there is the other one."""
        options = self._options
        keys: dict[str, str] = {"storage": storage, "storage__local__accel": accel}
        if bucket:
            named: dict[str, Any] = {
                "bucket": options.bucket,
                "endpoint": options.endpoint,
                "region": options.region,
                "prefix": options.prefix,
                "addressing": "path",
                "retries": "0",
                **settings,
            }
            keys |= {f"storage__s3__{name}": value for name, value in named.items()}
        made = new_components(
            self.world.components.settings.database_url, self._folder, self.world.clock, **keys
        )
        self.world.components = made
        self._registry["pyregistry.components"] = made
        return made


@pytest.fixture
def places(
    world: World,
    application: tuple[object, Registry],
    tmp_path: Path,
    seaweedfs: SeaweedFS,
    faulty: FaultyS3,
    monkeypatch: pytest.MonkeyPatch,
) -> Places:
    # As boto3 finds them by itself: settings of tests have no environment.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests-access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    return Places(world, application[1], tmp_path, seaweedfs, faulty)


@pytest.fixture
def bucket(places: Places) -> World:
    """A registry with a public project and a wheel, which lies in the bucket."""
    places.use("s3")
    places.world.project(PROJECT, "public")
    places.world.upload(PROJECT, WHEEL)
    return places.world


@pytest.fixture
def streaming(bucket: World, places: Places) -> World:
    """The same, where files come through the registry."""
    places.use("s3", download="stream")
    return bucket


def fetch(address: str, **headers: str) -> tuple[int, bytes]:
    """What the service answers at an address."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


class TestUploads:
    def test_the_row_names_the_storage(self, bucket: World) -> None:
        row = bucket.file_named(WHEEL.filename)
        assert row is not None
        assert row.storage == "s3"
        assert bucket.stored_objects() == {WHEEL.sha256}
        assert bucket.leftovers() == []

    @pytest.mark.parametrize("kind", ["500", "reset"])
    def test_a_service_that_fails(self, bucket: World, faulty: FaultyS3, kind: str) -> None:
        before = contents(bucket)
        faulty.fail(kind, "PUT")
        response = bucket.upload(PROJECT, wheel("other"), status=503)
        assert response.headers["Retry-After"]
        faulty.heal()
        assert contents(bucket) == before
        bucket.upload(PROJECT, wheel("other"))

    def test_no_room(self, bucket: World, faulty: FaultyS3) -> None:
        faulty.fail("507", "PUT")
        bucket.upload(PROJECT, wheel("other"), status=507)


class TestRedirects:
    def test_a_download_is_led_on(self, bucket: World) -> None:
        response = bucket.app.get(ADDRESS, status=302)
        assert response.body == b""
        for header in ("ETag", "Content-Disposition", "Accept-Ranges", "Content-Type"):
            assert header not in response.headers
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Authorization" in response.headers["Vary"]

    @pytest.mark.parametrize("mount", ["projects/acme%2Fcore", "groups/acme/-"])
    def test_so_does_the_api(self, bucket: World, mount: str) -> None:
        address = f"/api/v4/{mount}/packages/pypi/files/{WHEEL.sha256}/{WHEEL.filename}"
        bucket.app.get(address, status=302)

    def test_the_address_works(self, places: Places, bucket: World) -> None:
        bucket.clock.moment = now_of_the_service()
        address = bucket.app.get(ADDRESS).headers["Location"]
        assert fetch(address) == (200, WHEEL.content)
        assert fetch(address, Range="bytes=3-5") == (206, WHEEL.content[3:6])

    def test_the_same_address_in_every_process(self, places: Places, bucket: World) -> None:
        first = bucket.app.get(ADDRESS).headers["Location"]
        bucket.clock.advance(minutes=1)
        places.use("s3")
        assert bucket.app.get(ADDRESS).headers["Location"] == first
        bucket.clock.advance(hours=1)
        assert bucket.app.get(ADDRESS).headers["Location"] != first

    def test_it_is_kept_while_it_works(self, bucket: World) -> None:
        anonymous = bucket.app.get(ADDRESS)
        reader = bucket.app.get(ADDRESS, headers=bucket.as_("ann"))
        assert anonymous.headers["Cache-Control"] == "public, max-age=1800"
        assert reader.headers["Cache-Control"] == "private, max-age=150"
        assert "X-Amz-Expires=3600" in anonymous.headers["Location"]
        assert "X-Amz-Expires=300" in reader.headers["Location"]

    def test_a_head_is_answered_here(self, bucket: World) -> None:
        response = bucket.app.head(ADDRESS, status=200)
        assert response.headers["Content-Length"] == str(len(WHEEL.content))
        assert response.headers["ETag"] == TAG
        assert response.headers["Accept-Ranges"] == "bytes"

    def test_what_is_known_already(self, bucket: World) -> None:
        bucket.app.get(ADDRESS, headers={"If-None-Match": TAG}, status=304)

    def test_ranges(self, bucket: World) -> None:
        bucket.app.get(ADDRESS, headers={"Range": "bytes=3-5"}, status=302)
        bucket.app.get(ADDRESS, headers={"Range": "bytes=999999-"}, status=416)

    def test_our_entity_tag_is_compared_here(self, bucket: World) -> None:
        """The service knows the file by another one, and would send all of it."""
        headers = {"Range": "bytes=3-5", "If-Range": TAG}
        response = bucket.app.get(ADDRESS, headers=headers, status=206)
        assert response.body == WHEEL.content[3:6]
        bucket.app.get(ADDRESS, headers={**headers, "If-Range": '"other"'}, status=302)

    @pytest.mark.parametrize("header", ["PRIVATE-TOKEN", "JOB-TOKEN", "Deploy-Token"])
    def test_no_token_is_passed_on(self, bucket: World, header: str) -> None:
        """Clients leave out `Authorization` on the way to another host, and nothing else."""
        tokens = {
            "PRIVATE-TOKEN": lambda: bucket.token("ann"),
            "JOB-TOKEN": lambda: bucket.job_token(PROJECT),
            "Deploy-Token": lambda: bucket.deploy_token(PROJECT),
        }
        response = bucket.app.get(ADDRESS, headers={header: tokens[header]()}, status=200)
        assert response.body == WHEEL.content

    def test_metadata_comes_from_here(self, bucket: World) -> None:
        assert bucket.app.get(f"{ADDRESS}.metadata", status=200).body == WHEEL.metadata

    def test_pulls_are_counted(self, bucket: World) -> None:
        bucket.app.get(ADDRESS)
        bucket.app.head(ADDRESS)
        bucket.app.get(ADDRESS, headers={"Range": "bytes=3-5"})
        bucket.components.recorder.flush()
        assert [event.action for event in bucket.events()].count("file.pulled") == 1

    def test_metrics_tell_them_apart(self, bucket: World) -> None:
        plain, bucket.app = bucket.app, watched(bucket)
        bucket.app.get(ADDRESS, status=302)
        bucket.app.get(ADDRESS, headers={"Range": "bytes=3-5"}, status=302)
        bucket.app = plain
        bucket.components.metrics.count()
        registry = bucket.components.metrics.registry
        found = {
            way: registry.get_sample_value("pyregistry_downloads_total", {"way": way})
            for way in ("sent", "redirected")
        }
        assert found == {"sent": 0, "redirected": 1}

    def test_no_service_is_asked(self, bucket: World, faulty: FaultyS3) -> None:
        faulty.fail("500")
        bucket.app.get(ADDRESS, status=302)


class TestStreams:
    def test_the_file(self, streaming: World) -> None:
        response = streaming.app.get(ADDRESS, status=200)
        assert response.body == WHEEL.content
        assert response.headers["ETag"] == TAG
        assert "immutable" in response.headers["Cache-Control"]

    def test_nginx_does_not_look_for_it_in_the_folder(
        self, streaming: World, places: Places
    ) -> None:
        places.use("s3", download="stream", accel="/_/accel/")
        response = streaming.app.get(ADDRESS, status=200)
        assert "X-Accel-Redirect" not in response.headers
        assert response.body == WHEEL.content

    @pytest.mark.parametrize(
        ("asked", "part"), [("bytes=3-5", slice(3, 6)), ("bytes=-4", slice(-4, None))]
    )
    def test_a_part(self, streaming: World, asked: str, part: slice) -> None:
        response = streaming.app.get(ADDRESS, headers={"Range": asked}, status=206)
        assert response.body == WHEEL.content[part]

    def test_what_is_known_already(self, streaming: World, faulty: FaultyS3) -> None:
        faulty.fail("500")
        streaming.app.get(ADDRESS, headers={"If-None-Match": TAG}, status=304)
        streaming.app.head(ADDRESS, status=200)

    @pytest.mark.parametrize("kind", ["500", "503", "reset", "garbage"])
    def test_a_service_that_fails(
        self, streaming: World, faulty: FaultyS3, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        faulty.fail(kind, "GET")
        response = streaming.app.get(ADDRESS, status=503)
        assert response.headers["Retry-After"]
        assert "S3 service" in caplog.text
        assert SECRET_KEY not in caplog.text
        streaming.components.recorder.flush()
        assert "file.pulled" not in [event.action for event in streaming.events()]

    def test_a_body_that_ends_early(self, streaming: World, faulty: FaultyS3) -> None:
        """Nothing of a small file is sent before all of it is there."""
        faulty.fail("truncate", "GET")
        assert streaming.app.get(ADDRESS, status=503).headers["Retry-After"]

    def test_a_file_that_the_bucket_lost(self, streaming: World) -> None:
        streaming.components.storage.remove(WHEEL.sha256)
        streaming.app.get(ADDRESS, status=503)


class TestSeveralStorages:
    def test_each_file_comes_from_where_it_is(self, places: Places, bucket: World) -> None:
        places.use("local")
        other = wheel("other")
        bucket.upload(PROJECT, other)
        row = bucket.file_named(other.filename)
        assert row is not None
        assert row.storage == "local"
        address = f"/{PROJECT}/-/files/{other.sha256}/{other.filename}"
        assert bucket.app.get(address, status=200).body == other.content
        bucket.app.get(ADDRESS, status=302)

    def test_a_storage_that_is_not_configured(
        self, places: Places, bucket: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        places.use("local", bucket=False)
        for ask in (bucket.app.get, bucket.app.head):
            response = ask(ADDRESS, status=503)
            assert response.headers["Retry-After"]
        assert "the storage s3, which is not configured" in caplog.text
        bucket.app.get(f"{ADDRESS}.metadata", status=200)

    def test_the_same_bytes_in_both(self, places: Places, bucket: World) -> None:
        """What a row of one storage names is no reason to keep the other's object."""
        places.use("local")
        bucket.project("acme/second", "public")
        bucket.upload("acme/second", WHEEL)
        components = bucket.components
        with components.database.writing() as session:
            session.execute(update(File).values(storage="local"))
        assert [each.name for each in components.storages.configured()] == ["local", "s3"]
        swept(components)
        assert not components.storages.named("s3").exists(WHEEL.sha256)
        assert components.storages.named("local").exists(WHEEL.sha256)

    def test_what_is_configured(self, database_url: URL, tmp_path: Path, world: World) -> None:
        made = new_components(database_url, tmp_path / "only local", world.clock)
        assert [each.name for each in made.storages.configured()] == ["local"]
        with pytest.raises(StorageUnavailable, match="the storage tape, which is not configured"):
            made.storages.named("tape")


def swept(components: Components) -> None:
    """Sweep everything that no row names, however new."""
    for storage in components.storages.configured():
        ask = named_digests(components.database, storage.name)
        later = now_of_the_service() + timedelta(days=2)
        list(sweep(storage, ask, grace=timedelta(days=1), now=later))


def now_of_the_service() -> datetime:
    """The service has its own clock."""
    return datetime.now(UTC)
