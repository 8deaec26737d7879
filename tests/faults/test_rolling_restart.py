"""Two hosts behind nginx with `deploy/nginx.conf`: one is restarted, and no client notices."""

import http.client
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from tests.clients.server import PATIENCE
from tests.factories import uploads
from tests.factories.certificates import new_certificates
from tests.factories.distributions import wheel
from tests.factories.nginx import Nginx
from tests.factories.workers import WorkerServer, wait_for
from tests.factories.world import basic, fields_of

pytestmark = [pytest.mark.faults, pytest.mark.clients]


class Hosts:
    """Two servers that share a database and a folder, and nginx in front of them."""

    def __init__(self, repository: Path, folder: Path) -> None:
        files = folder / "files"
        shared = {
            "PYREGISTRY_STORAGE_LOCAL_FOLDER": str(files),
            "DATA": str(folder / "data"),
            "PYREGISTRY_STORAGE_LOCAL_ACCEL": "/_/accel/",
            "PYREGISTRY_PAGES_PROXY_CACHE": "true",
        }
        self.servers = [WorkerServer(repository, folder / name, **shared) for name in ("a", "b")]
        self.servers[0].command("setup", "--demo")
        options = ("--user", "admin", "--name", "test", "--scope", "api")
        token = self.servers[0].command("token", "create", *options).strip()
        self._headers = basic(token)
        for server in self.servers:
            server.start()
        ports = [server.port for server in self.servers]
        self.nginx = Nginx(folder / "nginx", new_certificates(folder), ports, files)
        self.nginx.start()

    def stop(self) -> None:
        """End everything."""
        self.nginx.stop()
        for server in self.servers:
            server.stop()

    def pull(self, _number: int) -> int:
        """The status of a page, which every process has to ask the database for."""
        return self._ask("GET", "/demo/sandbox/-/simple/", b"", {})

    def publish(self, number: int) -> int:
        """The status of an upload."""
        made = wheel("rolling", f"1.{number}")
        kind, body = uploads.twine(fields_of(made), made.filename, made.content)
        return self._ask("POST", "/demo/sandbox/-/legacy/", body, {"Content-Type": kind})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        trust = ssl.create_default_context(cafile=self.nginx.certificates.authority)
        connection = http.client.HTTPSConnection(
            "localhost", self.nginx.port, timeout=PATIENCE, context=trust
        )
        with closing(connection):
            connection.request(method, path, body, {**self._headers, **headers})
            answer = connection.getresponse()
            answer.read()
            return answer.status


@pytest.fixture
def hosts(repository: Path, tmp_path: Path) -> Iterator[Hosts]:
    made = Hosts(repository, tmp_path)
    yield made
    made.stop()


def test_no_request_fails_while_a_host_is_restarted(hosts: Hosts) -> None:
    ended = Event()
    counts = [0, 0]

    def go_on(place: int, ask: Callable[[int], int]) -> set[int]:
        seen = set()
        while not ended.is_set():
            counts[place] += 1
            seen.add(ask(counts[place]))
        return seen

    def wait_for_more() -> None:
        before = list(counts)
        wait_for(lambda: all(now > then + 3 for now, then in zip(counts, before, strict=True)))

    with ThreadPoolExecutor() as pool:
        pulls = pool.submit(go_on, 0, hosts.pull)
        pushes = pool.submit(go_on, 1, hosts.publish)
        try:
            wait_for_more()
            first, _ = hosts.servers
            first.stop()
            wait_for_more()
            first.start_at_its_port()
            wait_for_more()
        finally:
            ended.set()
        assert pulls.result(PATIENCE) == {200}
        assert pushes.result(PATIENCE) == {200}
