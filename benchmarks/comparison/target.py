"""What is measured: servers that hold the corpus, each in a folder of its own."""

import http.client
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from benchmarks.comparison.asks import Ask, Question
from tests.factories.distributions import Distribution
from tests.faults.programs import Program, until


class Target(Protocol):
    """A server."""

    name: str

    def start(self) -> None:
        """Start it, with the corpus in it, and wait until it answers."""

    def stop(self) -> None:
        """End what was started, by its process id. Safe to repeat."""

    def question(self, ask: Ask) -> Question:
        """How it is asked. Raises `NotOffered` where it does not have that."""

    def upload(self, distribution: Distribution, /) -> "Upload":
        """How a file is published. Raises `NotOffered` where it takes none."""

    @property
    def processes(self) -> list[int]:
        """The ids of all of its processes; not those of its database server."""


class Upload:
    """A request that publishes a file, as twine sends it."""

    def __init__(self, port: int, path: str, headers: dict[str, str], body: bytes) -> None:
        self.port, self.path, self.headers, self.body = port, path, headers, body


def listens(port: int) -> bool:
    """Whether a server of this machine answers, whatever it says."""
    return status_of(port, "/") is not None


def status_of(port: int, path: str, headers: Mapping[str, str] | None = None) -> int | None:
    """The status of an answer; None without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers=dict(headers or {}))
        return connection.getresponse().status
    return None


def started(program: Program, port: int, label: str, path: str = "/") -> None:
    """Wait until a program answers. Raises `AssertionError` with its log where it has ended."""
    good = {200, 401, 403, 404, 302, 303}
    until(lambda: not program.runs or status_of(port, path) in good, f"{label} answered")
    assert program.runs, program.log[-3000:]


def ended(program: Program) -> None:
    """End a program. Safe to repeat."""
    if program.runs:
        program.end()


def descendants(process: int) -> list[int]:
    """A process and all that it has started, and so on."""
    found = [process]
    for each in found:
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found
