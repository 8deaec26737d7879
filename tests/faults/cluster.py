"""A registry as a company runs it: hosts, a database server, an object store, and nginx."""

import ssl
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPSConnection
from pathlib import Path

from pyregistry.storage.s3.storage import S3Storage
from tests.factories.certificates import new_certificates
from tests.factories.nginx import Nginx
from tests.faults.database import PostgreSQL
from tests.faults.hosts import Host
from tests.faults.object_store import ObjectStore
from tests.faults.programs import PATIENCE, lasting_ports

PROJECT = "acme/core"
HOSTS = 2


class Cluster:
    """Two hosts with two workers each, PostgreSQL, three volume servers, and nginx."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self._stack = ExitStack()
        self._folder = folder
        certificates = new_certificates(folder)
        self._trust = ssl.create_default_context(cafile=certificates.authority)
        self._ports = lasting_ports(HOSTS)
        self.front = Nginx(folder / "nginx", certificates, self._ports, folder)
        self.database = PostgreSQL(folder / "postgresql")
        self.objects = ObjectStore(folder / "objects")
        self.hosts: list[Host] = []
        self.settings: dict[str, str] = {}
        self.token = ""

    def start(self) -> None:
        """Start all of it, with a private project and somebody who may do everything in it."""
        for part in (self.front, self.database, self.objects):
            self._start(part.start, part.stop)
        self.settings = {
            **self.objects.environ(),
            "PYREGISTRY_DATABASE_URL": self.database.url.render_as_string(hide_password=False),
            "PYREGISTRY_PUBLIC_URL": self.front.address,
            "PYREGISTRY_PAGES_PROXY_CACHE": "true",
        }
        for number, port in enumerate(self._ports, 1):
            self.hosts.append(Host(self._folder / f"host{number}", port, self.settings))
        self._set_up(self.hosts[0])
        for host in self.hosts:
            self._start(host.start, host.kill)

    def connection(self) -> HTTPSConnection:
        """A client's connection, to nginx."""
        return HTTPSConnection("localhost", self.front.port, timeout=PATIENCE, context=self._trust)

    def storage(self) -> S3Storage:
        """The storage of the hosts; its owner closes it."""
        prefix = self.settings["PYREGISTRY_STORAGE_S3_PREFIX"]
        return S3Storage(self.objects.options(self._folder / "spool", prefix=prefix))

    def stop(self) -> None:
        """End everything that was started, each by its process id."""
        self._stack.close()

    def _start(self, start: Callable[[], None], stop: Callable[[], None]) -> None:
        # First: what fails to start may have started half of itself.
        self._stack.callback(stop)
        start()

    def _set_up(self, host: Host) -> None:
        host.command("setup")
        host.command("group", "create", "acme")
        host.command("project", "create", PROJECT)
        options = ("--user", "admin", "--name", "tests", "--scope", "api")
        self.token = host.command("token", "create", *options).strip()
