"""A registry as a company runs it: hosts, a database server, an object store, and nginx."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pyregistry.storage.s3.storage import S3Storage
from tests.factories.seaweedfs import free_ports
from tests.faults.database import PostgreSQL
from tests.faults.front import Front, nginx_program
from tests.faults.hosts import Host
from tests.faults.object_store import ObjectStore

PROJECT = "acme/core"
HOSTS = 2


class Cluster:
    """Two hosts with two workers each, PostgreSQL, three volume servers, and nginx."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        nginx_program()
        self._stack = ExitStack()
        self.database = PostgreSQL(folder / "postgresql")
        self.objects = ObjectStore(folder / "objects")
        front, *ports = free_ports(1 + HOSTS)
        self._folder = folder
        self._ports = ports
        self.front = Front(folder / "nginx", front, ports)
        self.hosts: list[Host] = []
        self.token = ""
        self.settings: dict[str, str] = {}

    def start(self) -> None:
        """Start all of it, with a private project and somebody who may do everything in it."""
        for part in (self.database, self.objects):
            self._start(part.start, part.stop)
        self.settings = {
            **self.objects.environ(),
            "PYREGISTRY_DATABASE_URL": self.database.url.render_as_string(hide_password=False),
            "PYREGISTRY_PUBLIC_URL": f"https://127.0.0.1:{self.front.port}",
        }
        for number, port in enumerate(self._ports, 1):
            self.hosts.append(Host(self._folder / f"host{number}", port, self.settings))
        self._set_up(self.hosts[0])
        for host in self.hosts:
            self._start(host.start, host.kill)
        self._start(self.front.start, self.front.stop)

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
