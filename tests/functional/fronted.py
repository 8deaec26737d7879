"""The registry as `production.ini` serves it, behind the real nginx with `deploy/nginx.conf`."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.server import PATIENCE, Answer
from tests.factories import uploads
from tests.factories.certificates import new_certificates
from tests.factories.distributions import Distribution
from tests.factories.nginx import Nginx
from tests.factories.workers import WorkerServer
from tests.factories.world import basic, fields_of

UPLOAD = "/demo/sandbox/-/legacy/"


@dataclass(frozen=True)
class Front:
    """nginx, with a server that nobody answers at and one that works behind it."""

    nginx: Nginx
    server: WorkerServer
    files: Path
    token: str

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request with the token, and read the whole answer."""
        return self.anonymously(method, path, body, **{**basic(self.token), **headers})

    def anonymously(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request without the token, and read the whole answer."""
        context = ssl.create_default_context(cafile=self.nginx.certificates.authority)
        connection = http.client.HTTPSConnection(
            "localhost", self.nginx.port, timeout=PATIENCE, context=context
        )
        with closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.reason, response.headers, response.read())

    def publish(self, distribution: Distribution, body: Any = None, **headers: str) -> Answer:
        """Send an upload; `body` gives its bytes in another way."""
        kind, whole = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        sent = body(whole) if body else whole
        length = {"Content-Type": kind, "Content-Length": str(len(whole))}
        return self.request("POST", UPLOAD, sent, **{**length, **headers})


@contextmanager
def fronted(folder: Path) -> Iterator[Front]:
    """A registry with a demonstration behind nginx, in a folder."""
    files = folder / "files"
    server = WorkerServer(
        Path(__file__).parents[2],
        folder / "registry",
        PYREGISTRY_STORAGE_LOCAL_FOLDER=str(files),
        PYREGISTRY_STORAGE_LOCAL_ACCEL="/_/accel/",
        PYREGISTRY_PAGES_PROXY_CACHE="true",
    )
    # Where nobody listens: a port that only those who are told of it use.
    nginx = Nginx(folder / "nginx", new_certificates(folder), [9], files)
    server.command("setup", "--demo")
    options = ("--user", "admin", "--name", "test", "--scope", "api")
    secret = server.command("token", "create", *options).strip()
    server.start()
    nginx.servers = [9, server.port]
    nginx.start()
    try:
        yield Front(nginx, server, files, secret)
    finally:
        nginx.stop()
        server.stop()
