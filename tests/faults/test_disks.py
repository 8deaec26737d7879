"""A disk that is full, and a folder that can only be read: clients are told, nothing is half done.

Each is a disk of a few megabytes that only the server sees.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.clients.environments import REPOSITORY
from tests.clients.server import Answer
from tests.factories import uploads
from tests.factories.distributions import Distribution, wheel
from tests.factories.small_disk import OnSmallDisk, small_disks_can_be_had
from tests.factories.world import basic, fields_of

pytestmark = pytest.mark.thorough

PROJECT = "demo/sandbox"
ROOM = 100_000
"""Bytes that are left on a full disk: the beginning of an upload has room."""


class Shop:
    """A registry with one file in it, and somebody who may publish."""

    def __init__(self, server: OnSmallDisk) -> None:
        self.server = server
        server.command_here("setup", "--demo")
        options = ("--user", "admin", "--name", "test", "--scope", "api")
        self._headers = basic(server.command_here("token", "create", *options).strip())
        server.start()
        self._taken: list[Distribution] = []
        assert self.publish(wheel("already-there")).status == 200

    def publish(self, distribution: Distribution) -> Answer:
        """What an upload is answered."""
        content_type, body = uploads.twine(
            fields_of(distribution), distribution.filename, distribution.content
        )
        headers = {**self._headers, "Content-Type": content_type}
        answer = self.server.request("POST", f"/{PROJECT}/-/legacy/", body, headers)
        if answer.status == 200:
            self._taken.append(distribution)
        return answer

    def readiness(self) -> int:
        """What load balancers are answered."""
        return self.server.request("GET", "/-/readiness").status

    def check(self) -> None:
        """Every file that was taken can be had, and there is nothing of any other."""
        for each in self._taken:
            assert each.sha256.encode() in self._get(f"simple/{_name(each)}/")
            assert self._get(f"files/{each.sha256}/{each.filename}") == each.content
        index = json.loads(self._get("simple/", Accept="application/vnd.pypi.simple.v1+json"))
        shown = sorted(each["name"] for each in index["projects"])
        assert shown == sorted(_name(each) for each in self._taken)
        seen_by_the_server = Path(f"/proc/{self.server.pid}/root{self.server.data}")
        assert list((seen_by_the_server / "files" / "incoming").iterdir()) == []

    def _get(self, path: str, **headers: str) -> bytes:
        sent = {**self._headers, **headers}
        answer = self.server.request("GET", f"/{PROJECT}/-/{path}", None, sent)
        assert answer.status == 200, answer
        return answer.body


def _name(distribution: Distribution) -> str:
    return distribution.filename.partition("-")[0].replace("_", "-")


@contextmanager
def shop_with(small: str, folder: Path) -> Iterator[Shop]:
    """A registry with that folder of its data on a small disk."""
    if not small_disks_can_be_had():
        pytest.skip("only with namespaces of mounts")
    url = URL.create("sqlite", database=str(folder / "registry/data/base/registry.sqlite3"))
    environ = {"PYREGISTRY_DATABASE_URL": url.render_as_string()}
    server = OnSmallDisk(REPOSITORY, folder / "registry", small, **environ)
    shop = Shop(server)
    try:
        yield shop
    finally:
        server.stop()


@pytest.fixture(scope="module")
def small_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The files lie on a small disk."""
    with shop_with("files", tmp_path_factory.mktemp("small-storage")) as shop:
        yield shop


@pytest.fixture
def small_database(tmp_path: Path) -> Iterator[Shop]:
    """The database lies on a small disk."""
    with shop_with("base", tmp_path) as shop:
        yield shop


def large(name: str) -> Distribution:
    """A wheel of half a megabyte."""
    return wheel(name, files={f"{name}/data.bin": random.Random(name).randbytes(500_000)})


def test_no_room_for_files(small_storage: Shop) -> None:
    small_storage.server.fill(ROOM)
    answer = small_storage.publish(large("full"))
    assert answer.status == 507
    assert b"storage is full" in answer.body
    small_storage.check()
    small_storage.server.empty()
    assert small_storage.publish(large("full")).status == 200
    small_storage.check()


def test_files_can_only_be_read(small_storage: Shop) -> None:
    small_storage.server.remount("ro")
    assert small_storage.readiness() == 503
    answer = small_storage.publish(large("readable"))
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    small_storage.check()
    small_storage.server.remount("rw")
    assert small_storage.readiness() == 200
    assert small_storage.publish(large("readable")).status == 200
    small_storage.check()


def test_no_room_for_the_database(small_database: Shop) -> None:
    small_database.server.fill()
    answer = small_database.publish(wheel("described", description="x" * 50_000))
    assert answer.status == 507
    assert b"database is full" in answer.body
    small_database.check()
    small_database.server.empty()
    assert small_database.publish(wheel("described", description="x" * 50_000)).status == 200
    small_database.check()
