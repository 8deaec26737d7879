"""The registry as `production.ini` serves it, in several processes."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.clients.server import PATIENCE, Server


class WorkerServer(Server):
    """`pserve production.ini`, with two workers."""

    def __init__(self, repository: Path, folder: Path, **environ: str) -> None:
        own = {"PYREGISTRY_METRICS_FOLDER": str(folder / "metrics")}
        super().__init__(repository, folder, **own, **environ)
        self._ini = repository / "production.ini"

    def start(self) -> None:
        """Start, and wait until both of them are there."""
        super().start()
        wait_for(lambda: len(self.workers) == 2)

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers that there are now."""
        assert self._process is not None
        pid = self._process.pid
        return [int(item) for item in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def most_memory(self) -> int:
        """The bytes that the largest of the processes has ever held."""
        assert self._process is not None
        return max(_memory(pid) for pid in [self._process.pid, *self.workers])


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def _memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")
