"""Programs that a test starts, kills and starts again, each with the processes it makes."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 120
"""Seconds until a test that hangs is given up."""


def until(condition: Callable[[], object], said: str, patience: float = PATIENCE) -> None:
    """Wait until it holds; fail with `said` where it does not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {said}"
        time.sleep(0.05)


def lasting_ports(number: int) -> list[int]:
    """Free ports that no client of this machine is given for its end of a connection.

    What is started again finds its port free.
    """
    first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    found: list[int] = []
    # Not for secrets: two runs at once must begin at different ones.
    for port in random.sample([*range(10_000, int(first)), *range(int(last) + 1, 65_000)], 2_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == number:
            return found
    raise AssertionError("this machine has no free ports")


class Program:
    """One program and whatever it starts: a process group of its own, with a log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[object], environ: Mapping[str, str], folder: Path) -> None:
        """Start it; whether it works is for the caller to find out."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environ),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process that was started; that of its group, too."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process that was started has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What it has said since it was first started."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def children(self) -> list[int]:
        """The ids of the processes that it has started and that run."""
        return [child for child in _children_of(self.pid) if _is_alive(child)]

    def kill(self) -> None:
        """End all of its processes by SIGKILL, as a power cut does. Safe to repeat."""
        if self._process is None:
            return
        # Its group is there for as long as one of its processes is.
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def end(self) -> int:
        """End it as an administrator does; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self.kill()


def _children_of(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in listed.split()]
    return []


def _is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        # The name, in parentheses, may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
