"""Connections that are lost or not to be had, and a SQLite that another process has locked."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from pyramid.registry import Registry
from sqlalchemy import Connection, Engine, event, text

from pyregistry.authnz.roles import Role
from pyregistry.config import connecting_of
from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.packaging.models import File
from pyregistry.retries import ATTEMPTS
from tests.factories.distributions import sdist
from tests.factories.world import World
from tests.functional.support import PROJECT, send_json

HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""
API = "/api/v4/projects/acme%2Fcore"


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """The headers of a maintainer of a private project."""
    world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    return world.as_("mia")


def only(kind: str, world: World) -> None:
    if world.components.database.kind != kind:
        pytest.skip(f"only {kind} has this")


def kill_connections(world: World, administration: Engine) -> None:
    """End every connection to the world's database, as an administrator or a restart does."""
    with administration.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": world.components.settings.database_url.database},
        )


@pytest.mark.thorough
class TestLostConnections:
    def test_between_requests(
        self, world: World, headers: dict[str, str], request: pytest.FixtureRequest
    ):
        only("postgresql", world)
        administration = request.getfixturevalue("postgresql_administration")
        for _ in range(3):
            kill_connections(world, administration)
            world.app.get(API, headers=headers, status=200)
            kill_connections(world, administration)
            world.upload(PROJECT, sdist(), headers)

    def test_in_the_middle(
        self, world: World, headers: dict[str, str], request: pytest.FixtureRequest
    ):
        """Killed before each of the statements of a request, one after the other."""
        only("postgresql", world)
        administration = request.getfixturevalue("postgresql_administration")
        user = world.user("dev")
        body = {"access_level": 30, "user_id": user}
        reads = killed_before_each(
            world, administration, lambda: world.app.get(API, headers=headers, status=200)
        )

        def change() -> None:
            send_json(world, "POST", f"{API}/members", headers, 201, **body)
            send_json(world, "DELETE", f"{API}/members/{user}", headers, 204)

        changes = killed_before_each(world, administration, change)
        assert reads >= 2
        assert changes >= 10
        actions = [found.action for found in world.events()]
        assert actions.count("member.added") == actions.count("member.removed") == changes + 1

    def test_in_the_middle_of_an_upload(
        self, world: World, headers: dict[str, str], request: pytest.FixtureRequest
    ):
        """Before the body is read the request begins again; then its own transactions do."""
        only("postgresql", world)
        administration = request.getfixturevalue("postgresql_administration")
        versions = count(1)
        statements = killed_before_each(
            world,
            administration,
            lambda: world.upload(PROJECT, sdist(version=f"{next(versions)}.0"), headers),
        )
        assert statements >= 10
        assert world.count(File) == statements + 1
        world.components.recorder.flush()
        actions = [found.action for found in world.events()]
        assert actions.count("file.pushed") == statements + 1


def killed_before_each(world: World, administration: Engine, act: Callable[[], object]) -> int:
    """Do it once for each of its statements, the connections killed before that; how many."""
    engine, number = world.components.database.engine, 0
    seen = 0

    def kill(_connection: Connection, _cursor: Any, _statement: str, *_rest: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            kill_connections(world, administration)

    event.listen(engine, "before_cursor_execute", kill)
    try:
        while True:
            number, seen = number + 1, 0
            act()
            if seen < number:
                return number - 1
    finally:
        event.remove(engine, "before_cursor_execute", kill)


class TestLockedSqlite:
    @pytest.fixture
    def impatient(self, world: World, application: tuple[object, Registry]) -> Iterator[World]:
        """Waits a tenth of a second in each attempt."""
        only("sqlite", world)
        database = Database(
            world.components.settings.database_url,
            replace(connecting_of(world.components.settings), busy_timeout=timedelta(seconds=0.1)),
        )
        world.components = replace(world.components, database=database)
        application[1]["pyregistry.components"] = world.components
        yield world
        database.dispose()

    @contextmanager
    def lock(self, world: World) -> Iterator[Callable[[], object]]:
        """Another process has the write lock, until it is told to give it back."""
        file = world.components.settings.database_url.database
        with subprocess.Popen(
            [sys.executable, "-c", HOLD_THE_LOCK, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"locked\n"
            # It goes on when its standard input ends.
            yield other.communicate

    def test_longer_than_every_attempt(self, impatient: World, headers: dict[str, str]):
        body = {"name": "other"}
        with self.lock(impatient):
            response = impatient.app.put_json(API, body, headers=headers, status=503)
            upload = impatient.upload(PROJECT, sdist(), headers, status=503)
            # Who only reads waits for nobody.
            impatient.app.get(API, headers=headers, status=200)
        assert response.headers["Retry-After"] == upload.headers["Retry-After"] == "10"
        assert "Too many others" in response.json["message"]
        impatient.upload(PROJECT, sdist(), headers)

    def test_no_longer_than_two_attempts(self, impatient: World, headers: dict[str, str]):
        begun = 0
        with self.lock(impatient) as unlock:

            def note(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
                nonlocal begun
                if statement == "BEGIN IMMEDIATE":
                    begun += 1
                    if begun == ATTEMPTS:
                        unlock()

            event.listen(impatient.components.database.engine, "before_cursor_execute", note)
            impatient.upload(PROJECT, sdist(), headers)
        assert begun == ATTEMPTS
        assert impatient.count(File) == 1


def test_a_full_pool_is_no_mistake(
    world: World, headers: dict[str, str], application: tuple[object, Registry]
) -> None:
    connecting = Connecting(pool_size=1, pool_timeout=timedelta(seconds=0.1))
    database = Database(world.components.settings.database_url, connecting)
    world.components = replace(world.components, database=database)
    application[1]["pyregistry.components"] = world.components
    with database.engine.connect(), database.engine.connect():
        response = world.app.get(API, headers=headers, status=503)
    assert response.headers["Retry-After"] == "10"
    assert "too much to do" in response.json["message"]
    world.app.get(API, headers=headers, status=200)
    database.dispose()
