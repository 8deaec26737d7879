"""Files move between a folder and a bucket while a real server is pulled from and published to."""

import hashlib
import http.client
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clients.environments import OWN_COMMANDS
from tests.clients.server import PATIENCE, Server
from tests.factories import uploads
from tests.factories.distributions import Distribution, wheel
from tests.factories.faulty import FaultyS3, Seen
from tests.factories.seaweedfs import SeaweedFS
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.clients

FILES = 8
MORE = 4
"""Files that are published while others move."""
PROJECT = "/demo/sandbox"


class Gate(FaultyS3):
    """Lets so many objects be written, and keeps the others waiting until it is opened."""

    def __init__(self, port: int, objects: int) -> None:
        super().__init__(port)
        self.is_reached = threading.Event()
        self._left = objects
        self._lock = threading.Lock()
        self._is_open = threading.Event()

    def open(self) -> None:
        """Let everything pass."""
        self._is_open.set()

    def ask(self, seen: Seen, body: bytes) -> HTTPResponse:
        if seen.method == "PUT" and "/check/" not in seen.path:
            with self._lock:
                self._left -= 1
                must_wait = self._left < 0
            if must_wait:
                self.is_reached.set()
                self._is_open.wait(PATIENCE)
        return super().ask(seen, body)


class Moving:
    """A server whose files move."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.command_here("setup", "--demo")
        options = ("--user", "admin", "--name", "test", "--scope", "api")
        self.headers = basic(server.command_here("token", "create", *options).strip())
        self.published: dict[str, str] = {}

    def publish(self, number: int) -> None:
        """Publish a wheel, and remember its digest."""
        sent = distribution(number)
        content_type, body = uploads.twine(fields_of(sent), sent.filename, sent.content)
        headers = {**self.headers, "Content-Type": content_type}
        answer = self.server.request("POST", f"{PROJECT}/-/legacy/", body, headers)
        assert answer.status == 200, answer.body
        self.published[sent.filename] = sent.sha256

    def pull(self, filename: str, sha256: str) -> bytes:
        """What a client gets for a file, wherever it is led to."""
        path = f"{PROJECT}/-/files/{sha256}/{filename}"
        answer = self.server.request("GET", path, headers=self.headers)
        if answer.status == 302:
            parts = urlsplit(answer.headers["Location"])
            with closing(http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)) as connection:
                connection.request("GET", f"{parts.path}?{parts.query}")
                led_to = connection.getresponse()
                assert led_to.status == 200, led_to.read()
                return led_to.read()
        assert answer.status == 200, answer.body
        return answer.body

    def rows(self) -> dict[str, str]:
        """The storage of every file."""
        with closing(sqlite3.connect(self.server.data / "pyregistry.sqlite3")) as database:
            return dict(database.execute("SELECT filename, storage FROM files"))

    @contextmanager
    def used(self, first: int) -> Iterator[None]:
        """Meanwhile somebody publishes, from that number on, and somebody pulls everything."""
        ended, pulled = threading.Event(), threading.Event()

        def publish() -> None:
            for number in range(first, first + MORE):
                self.publish(number)

        def pull() -> None:
            while not ended.is_set():
                for filename, sha256 in list(self.published.items()):
                    content = self.pull(filename, sha256)
                    assert hashlib.sha256(content).hexdigest() == sha256
                pulled.set()

        with ThreadPoolExecutor(3) as pool:
            working = [pool.submit(work) for work in (publish, pull, pull)]
            try:
                yield
                wait(working[:1])
                pulled.wait(PATIENCE)
            finally:
                ended.set()
        for done in working:
            done.result()


def distribution(number: int) -> Distribution:
    payload = hashlib.sha512(str(number).encode()).digest() * 1000
    return wheel(f"demo-{number}", files={f"demo_{number}/payload.bin": payload})


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory, seaweedfs: SeaweedFS) -> Iterator[Moving]:
    """A server whose new files go to a folder, and which has a bucket as well."""
    environ = seaweedfs.environ() | {"PYREGISTRY_STORAGE": "local"}
    server = Server(Path(__file__).parents[2], tmp_path_factory.mktemp("moving"), **environ)
    moving = Moving(server)
    server.start()
    for number in range(FILES):
        moving.publish(number)
    yield moving
    server.stop()


def test_there_and_back_while_the_registry_runs(moving: Moving) -> None:
    server = moving.server
    with moving.used(FILES):
        report = server.command_here("storage", "migrate", "--to", "s3")
    assert report.startswith("Moved to s3: ")
    # What was published at the end of it went to the folder still.
    server.command_here("storage", "migrate", "--to", "s3")
    assert set(moving.rows().values()) == {"s3"}
    assert len(moving.rows()) == FILES + MORE
    assert f"In order: {FILES + MORE} objects" in server.command_here("storage", "verify")

    with moving.used(FILES + MORE):
        server.command_here("storage", "migrate", "--to", "local", "--workers", "2")
        # Within the grace period nothing goes that clients may still be led to.
        assert "Removed 0 unused objects" in server.command_here("storage", "sweep")
    assert set(moving.rows().values()) == {"local"}
    assert "Missing: 0" in server.command_here("storage", "verify", "--storage", "local")
    server.command_here("storage", "sweep", "--grace", "0")
    for filename, sha256 in moving.published.items():
        assert hashlib.sha256(moving.pull(filename, sha256)).hexdigest() == sha256


def test_stopped_in_the_middle_and_run_again(moving: Moving, seaweedfs: SeaweedFS) -> None:
    server = moving.server
    gate = Gate(seaweedfs.port, 3)
    # One after the other: when the fourth is written, three are moved.
    command = ("storage", "migrate", "--to", "s3", "--workers", "1")
    process = subprocess.Popen(
        [OWN_COMMANDS / "pyregistry", "--config", server._ini, *command],
        env={**server.environ, "PYREGISTRY_STORAGE_S3_ENDPOINT": gate.endpoint},
        cwd=server.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert gate.is_reached.wait(PATIENCE)
    process.terminate()
    while process.poll() is None and is_caught(process.pid, signal.SIGTERM):
        time.sleep(0.02)
    gate.open()
    told, errors = process.communicate(timeout=PATIENCE)
    gate.stop()
    assert process.returncode == 128 + signal.SIGTERM, errors
    assert "It was stopped. Run it again to go on." in told
    assert "Traceback" not in errors
    rows = list(moving.rows().values())
    assert 3 <= rows.count("s3") < FILES
    assert list((server.data / "spool").iterdir()) == []

    again = server.command_here("storage", "migrate", "--to", "s3")
    assert f"Already there: {rows.count('s3')} object" in again
    assert set(moving.rows().values()) == {"s3"}
    server.command_here("storage", "verify")


def is_caught(process: int, number: signal.Signals) -> bool:
    """Whether a process still has a handler for a signal: the first one takes it away."""
    status = Path(f"/proc/{process}/status").read_text()
    [mask] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(mask, 16) & 1 << (number - 1))
