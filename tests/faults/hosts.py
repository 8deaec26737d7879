"""A host: `pserve production.ini`, with its workers, in a folder of its own."""

import http.client
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from click.testing import CliRunner

from pyregistry.cli import main
from tests.clients.environments import OWN_COMMANDS, REPOSITORY
from tests.faults.programs import Program, until

WORKERS = 2
"""How many production.ini asks for."""


class Host:
    """One of the machines that serve a registry; here they differ in port and folder."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        """Nothing is started yet. `settings` is what the environment says."""
        self.folder = folder
        self.port = port
        self._settings = settings
        self._program = Program(folder / "server.log")
        (folder / "home").mkdir(parents=True)
        self._ini = REPOSITORY / "production.ini"

    @property
    def log(self) -> str:
        """What the server has said."""
        return self._program.log

    @property
    def spool(self) -> Path:
        """Where uploads lie until they are stored."""
        return self.folder / "spool"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the server and of the `pyregistry` command."""
        return {
            "PATH": f"{OWN_COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "PORT": str(self.port),
            # What is installed may be another checkout than the one under test.
            "PYTHONPATH": str(REPOSITORY),
            "PYREGISTRY_DATA": str(self.folder),
            "PYREGISTRY_METRICS_FOLDER": str(self.folder / "metrics"),
            "PYREGISTRY_STORAGE_LOCAL_FOLDER": str(self.folder / "files"),
            "PYREGISTRY_STORAGE_S3_SPOOL_FOLDER": str(self.spool),
            **self._settings,
        }

    def command(self, *arguments: str) -> str:
        """What `pyregistry` prints with these arguments; run in this process."""
        runner = CliRunner(env=self.environ)
        result = runner.invoke(main, ["--config", str(self._ini), *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    def start(self) -> None:
        """Start it, and wait until all of its workers are there and it is ready."""
        self._program.start([OWN_COMMANDS / "pserve", self._ini], self.environ, self.folder)
        until(lambda: not self._program.runs or self.is_ready(), f"{self.folder.name} was ready")
        assert self._program.runs, self.log
        self.wait_for_workers()

    def wait_for_workers(self) -> None:
        """Wait until all of its workers are there."""
        until(lambda: len(self.workers()) == WORKERS, "all workers ran")

    def is_ready(self) -> bool:
        """Whether it answers that its database and its storage work."""
        # Less than the patience of who asks: it must learn of a server that has ended.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/-/readiness")
            return connection.getresponse().status == 200
        return False

    @property
    def processes(self) -> list[int]:
        """The process ids of the server and its workers."""
        return [self._program.pid, *self.workers()]

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        return self._program.children()

    def receiving(self, size: int) -> list[int]:
        """The workers that receive an upload of which there are so many bytes, or more."""
        return [worker for worker in self.workers() if _largest_upload(worker) >= size]

    def kill(self) -> None:
        """End all of it at once by SIGKILL. Safe to repeat."""
        self._program.kill()

    def stop(self) -> None:
        """End it as an administrator does, and check that it ended well."""
        assert self._program.end() == 0, self.log


def _largest_upload(worker: int) -> int:
    """The bytes of the largest upload that a process writes at the moment; 0 without any."""
    sizes = [0]
    with suppress(OSError):
        for descriptor in Path(f"/proc/{worker}/fd").iterdir():
            with suppress(OSError):
                if descriptor.readlink().suffix == ".part":
                    sizes.append(descriptor.stat().st_size)
    return max(sizes)
