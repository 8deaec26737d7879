"""The registry in several processes, as `production.ini` serves it."""

import json
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from pyregistry.db import Database
from pyregistry.events.models import UsageCount
from tests.factories import uploads
from tests.factories.distributions import Distribution, wheel
from tests.factories.workers import WorkerServer, wait_for
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.clients

UPLOAD = "/demo/sandbox/-/legacy/"


@dataclass(frozen=True)
class Served:
    """A server with two workers, and what is sent to it."""

    server: WorkerServer
    headers: Mapping[str, str]
    database: Database

    def publish(self, distribution: Distribution) -> None:
        """Publish a file."""
        kind, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        headers = {**self.headers, "Content-Type": kind}
        assert self.server.request("POST", UPLOAD, body, headers).status == 200

    def pull(self, distribution: Distribution) -> None:
        """Pull a file."""
        path = f"/demo/sandbox/-/files/{distribution.sha256}/{distribution.filename}"
        answer = self.server.request("GET", path, headers=self.headers)
        assert answer.body == distribution.content

    def counted(self) -> int:
        """How many pulls the database knows of."""
        with self.database.reading() as session:
            counts = select(UsageCount.count).where(UsageCount.action == "file.pulled")
            return sum(session.scalars(counts))


@pytest.fixture
def served(repository: Path, tmp_path: Path, database_url: URL) -> Iterator[Served]:
    server = WorkerServer(
        repository,
        tmp_path / "registry",
        PYREGISTRY_DATABASE_URL=database_url.render_as_string(hide_password=False),
        PYREGISTRY_STORAGE_LOCAL_FOLDER=str(tmp_path / "files"),
        # Nothing but a stop writes them down.
        PYREGISTRY_EVENTS_FLUSH_INTERVAL="1 day",
    )
    server.command("setup", "--demo")
    secret = server.command(
        "token", "create", "--user", "admin", "--name", "test", "--scope", "api"
    ).strip()
    server.start()
    database = Database(database_url)
    yield Served(server, basic(secret), database)
    database.dispose()
    server.stop()


def test_no_worker_loses_what_it_or_another_has_counted(served: Served) -> None:
    distribution = wheel()
    served.publish(distribution)
    first, second = served.server.workers
    for still in (second, first):
        os.kill(still, signal.SIGSTOP)
        try:
            for _ in range(3):
                served.pull(distribution)
        finally:
            os.kill(still, signal.SIGCONT)
    assert served.counted() == 0
    os.kill(first, signal.SIGTERM)
    wait_for(lambda: first not in served.server.workers)
    assert served.counted() == 3
    served.server.stop()
    assert served.counted() == 6
    served.server.start_at_its_port()


def test_what_is_no_request_is_not_taken_for_the_last_one(served: Served) -> None:
    for _ in range(40):
        assert served.server.request("GET", "/-/health/live").status == 200
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", served.server.port)) as client:
            client.sendall(b"nonsense\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400 ")
    told = [json.loads(line) for line in served.server.log.splitlines() if "nonsense" in line]
    assert len(told) == 40
    assert [line for line in told if "request_id" in line] == []
