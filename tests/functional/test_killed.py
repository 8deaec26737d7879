"""A server that is killed in the middle of uploads: what was acknowledged is there."""

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from pyregistry.db import Database
from pyregistry.packaging.models import File
from pyregistry.storage.local import LocalStorage
from tests.factories import uploads
from tests.factories.distributions import Distribution, wheel
from tests.factories.running import KillableServer
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.clients

UPLOADS = 50
THREADS = 8
ACKNOWLEDGED_BEFORE = 15
PROJECT = "/demo/sandbox"


@dataclass
class Killed:
    """A server that was killed while it took uploads, and started again."""

    server: KillableServer
    headers: dict[str, str]
    acknowledged: list[Distribution] = field(default_factory=list)
    lost: list[Distribution] = field(default_factory=list)
    """Those whose senders never saw an answer."""

    def rows(self) -> dict[str, str]:
        """The digest of every file that the database names."""
        database = Database(self.server.database_url)
        with database.reading() as session:
            rows = session.execute(select(File.filename, File.sha256)).all()
        database.dispose()
        return {row.filename: row.sha256 for row in rows}

    @property
    def storage(self) -> LocalStorage:
        """The storage of the server."""
        return LocalStorage(self.server.data / "files")

    def stored(self) -> set[str]:
        """The digests of every object."""
        return {found.sha256 for found in self.storage.objects()}

    def files_on_disk(self) -> set[Path]:
        """Everything in the folder of the storage."""
        return {path for path in (self.server.data / "files").rglob("*") if path.is_file()}

    def get(self, path: str, **headers: str) -> bytes:
        """The body of an answer that must be 200."""
        answer = self.server.request("GET", path, headers={**self.headers, **headers})
        assert answer.status == 200, path
        return answer.body

    def download(self, filename: str, sha256: str) -> bytes:
        """The bytes of a file."""
        return self.get(f"{PROJECT}/-/files/{sha256}/{filename}")


def distribution(number: int) -> Distribution:
    payload = hashlib.sha512(str(number).encode()).digest() * 500
    return wheel(f"demo-{number}", files={f"demo_{number}/payload.bin": payload})


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    repository = Path(__file__).parents[2]
    server = KillableServer(repository, tmp_path_factory.mktemp("killed"))
    server.command("setup", "--demo")
    secret = server.command(
        "token", "create", "--user", "admin", "--name", "test", "--scope", "api"
    ).strip()
    killed = Killed(server, basic(secret))
    enough = threading.Event()

    def upload(number: int) -> None:
        sent = distribution(number)
        content_type, body = uploads.twine(fields_of(sent), sent.filename, sent.content)
        headers = {**killed.headers, "Content-Type": content_type}
        try:
            answer = server.request("POST", f"{PROJECT}/-/legacy/", body, headers)
        except (OSError, http.client.HTTPException):
            killed.lost.append(sent)
            return
        assert answer.status == 200, answer.body
        killed.acknowledged.append(sent)
        if len(killed.acknowledged) >= ACKNOWLEDGED_BEFORE:
            enough.set()

    server.start()
    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(upload, number) for number in range(UPLOADS)]
        assert enough.wait(120)
        server.kill()
    for done in running:
        done.result()
    server.start()
    yield killed
    server.stop()


def test_it_was_in_the_middle(killed: Killed) -> None:
    assert len(killed.acknowledged) >= ACKNOWLEDGED_BEFORE
    assert len(killed.lost) >= 1
    assert len(killed.acknowledged) + len(killed.lost) == UPLOADS


def test_every_acknowledged_file_is_there_and_right(killed: Killed) -> None:
    for sent in killed.acknowledged:
        assert killed.download(sent.filename, sent.sha256) == sent.content


def test_every_file_that_the_database_names_is_there_and_right(killed: Killed) -> None:
    for filename, sha256 in killed.rows().items():
        content = killed.download(filename, sha256)
        assert hashlib.sha256(content).hexdigest() == sha256


def test_the_index_shows_what_the_database_names(killed: Killed) -> None:
    media_type = "application/vnd.pypi.simple.v1+json"
    index = json.loads(killed.get(f"{PROJECT}/-/simple/", Accept=media_type))
    shown = {}
    for project in index["projects"]:
        path = f"{PROJECT}/-/simple/{project['name']}/"
        page = json.loads(killed.get(path, Accept=media_type))
        shown |= {file["filename"]: file["hashes"]["sha256"] for file in page["files"]}
    assert shown == killed.rows()


def test_what_was_lost_can_be_sent_again_and_swept(killed: Killed) -> None:
    # What a killed upload leaves: its bytes half received, and stored but never recorded.
    (killed.server.data / "files" / "incoming" / f"{'0' * 32}.part").write_bytes(b"half")
    with killed.storage.begin() as pending:
        pending.write(b"never recorded")
        pending.store()
    before = killed.files_on_disk()
    assert "Would remove" in killed.server.command("storage", "sweep", "--dry-run", "--grace", "0")
    assert killed.files_on_disk() == before

    assert "Removed" in killed.server.command("storage", "sweep", "--grace", "0")
    assert killed.stored() == set(killed.rows().values())
    assert len(killed.files_on_disk()) == len(killed.stored())

    for sent in killed.lost:
        content_type, body = uploads.twine(fields_of(sent), sent.filename, sent.content)
        headers = {**killed.headers, "Content-Type": content_type}
        answer = killed.server.request("POST", f"{PROJECT}/-/legacy/", body, headers)
        assert answer.status == 200
        assert killed.download(sent.filename, sent.sha256) == sent.content
    assert len(killed.rows()) == UPLOADS
    assert killed.stored() == set(killed.rows().values())
