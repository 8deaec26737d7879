"""An S3 service that fails, before a real server: clients are told, and nothing is half done."""

import http.client
import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.clients.environments import REPOSITORY
from tests.clients.server import Answer
from tests.factories import uploads
from tests.factories.distributions import Distribution, wheel
from tests.factories.faulty import FaultyS3
from tests.factories.running import KillableServer
from tests.factories.seaweedfs import SeaweedFS
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.thorough

PROJECT = "demo/sandbox"
SMALL = wheel("small")
LARGE = wheel("large", files={"large/data.bin": random.Random("large").randbytes(2_000_000)})
FAILURES = {"500": 503, "503": 503, "507": 507, "reset": 503, "stall": 503}
"""What clients are answered where the service fails in this way."""


class Shop:
    """A registry whose files lie in a bucket, and go through it to clients."""

    def __init__(self, server: KillableServer, service: FaultyS3) -> None:
        self.server = server
        self.service = service
        server.command_here("setup", "--demo")
        options = ("--user", "admin", "--name", "test", "--scope", "api")
        self.headers = basic(server.command_here("token", "create", *options).strip())
        server.start()
        for each in (SMALL, LARGE):
            assert self.publish(each).status == 200

    def publish(self, distribution: Distribution) -> Answer:
        """What an upload is answered."""
        content_type, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        headers = {**self.headers, "Content-Type": content_type}
        return self.server.request("POST", f"/{PROJECT}/-/legacy/", body, headers)

    def download(self, distribution: Distribution) -> Answer:
        """What a pull is answered. Raises `http.client.IncompleteRead` where it breaks off."""
        address = f"/{PROJECT}/-/files/{distribution.sha256}/{distribution.filename}"
        return self.server.request("GET", address, None, self.headers)

    def names(self) -> set[str]:
        """The packages that there are."""
        headers = {**self.headers, "Accept": "application/vnd.pypi.simple.v1+json"}
        answer = self.server.request("GET", f"/{PROJECT}/-/simple/", None, headers)
        return {each["name"] for each in json.loads(answer.body)["projects"]}

    @property
    def spool(self) -> Path:
        """Where uploads lie until they are stored."""
        return self.server.data / "spool"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, seaweedfs: SeaweedFS) -> Iterator[Shop]:
    """A registry before a service that fails when a test says so."""
    service = FaultyS3(seaweedfs.port)
    folder = tmp_path_factory.mktemp("failing-store") / "registry"
    environ = seaweedfs.environ(
        endpoint=service.endpoint, download="stream", retries="0", read_timeout="2 seconds"
    )
    server = KillableServer(REPOSITORY, folder, **environ)
    try:
        yield Shop(server, service)
    finally:
        service.stop()
        if server.is_started:
            # Where half of a file was sent, the log has more than a line, which `stop` refuses.
            server.kill()


@pytest.fixture(autouse=True)
def healed(shop: Shop) -> Iterator[None]:
    yield
    shop.service.heal()


@pytest.mark.parametrize("kind", FAILURES)
def test_uploads(shop: Shop, kind: str) -> None:
    sent = wheel(f"sent-{kind}")
    said, before = len(shop.server.log), shop.names()
    shop.service.fail(kind, "PUT")
    answer = shop.publish(sent)
    assert answer.status == FAILURES[kind]
    assert (answer.headers["Retry-After"] is None) is (kind == "507")
    assert shop.names() == before
    assert list(shop.spool.iterdir()) == []
    assert "Traceback" not in shop.server.log[said:]
    shop.service.heal()
    assert shop.publish(sent).status == 200
    assert shop.download(sent).body == sent.content
    assert list(shop.spool.iterdir()) == []


@pytest.mark.parametrize("kind", ["500", "503", "reset", "stall", "truncate"])
def test_downloads(shop: Shop, kind: str) -> None:
    said = len(shop.server.log)
    shop.service.fail(kind, "GET")
    answer = shop.download(SMALL)
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert "Traceback" not in shop.server.log[said:]
    shop.service.heal()
    assert shop.download(SMALL).body == SMALL.content


@pytest.mark.parametrize("kind", ["truncate", "stall in the body"])
def test_half_of_a_download_is_never_taken_for_all_of_it(shop: Shop, kind: str) -> None:
    shop.service.fail(kind, "GET")
    with pytest.raises(http.client.IncompleteRead):
        shop.download(LARGE)
    shop.service.heal()
    assert shop.download(LARGE).body == LARGE.content


def test_what_needs_no_service_is_answered_meanwhile(shop: Shop) -> None:
    shop.service.fail("stall", "PUT")
    sent = wheel("meanwhile")
    content_type, body = uploads.twine(fields_of(sent), sent.filename, sent.content)
    with closing(http.client.HTTPConnection(shop.server.host, timeout=60)) as connection:
        path = f"/{PROJECT}/-/legacy/"
        connection.request("POST", path, body, {**shop.headers, "Content-Type": content_type})
        assert "small" in shop.names()
        assert connection.getresponse().status == 503
