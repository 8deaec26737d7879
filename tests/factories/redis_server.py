"""A Redis server of a test's own, where the machine has one."""

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis

PATIENCE = 60


class RedisServer:
    """A server on a free loopback port that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        """Start it; the test is skipped where there is no Redis."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"redis://127.0.0.1:{port}/0"
        options = {"bind": "127.0.0.1", "port": port, "dir": folder, "save": "", "appendonly": "no"}
        arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        self._wait()

    def stop(self) -> None:
        """End it, and everything that it knew."""
        self._process.terminate()
        self._process.wait(PATIENCE)

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        with redis.from_url(self.address) as client:
            while time.monotonic() < deadline:
                with suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.05)
        self.stop()
        pytest.fail("redis-server did not start")
