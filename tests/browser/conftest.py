"""A server and a Chromium for each test process, and new browsers for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser
from pyramid.registry import Registry

from tests.browser.access import ISSUER
from tests.browser.chromium import running_chromium
from tests.browser.content import fill, new_world
from tests.browser.journeys import Travel
from tests.browser.visits import Visits
from tests.clients.environments import REPOSITORY
from tests.clients.server import Server
from tests.conftest import NewDatabase
from tests.factories.world import World


class Filled(NamedTuple):
    """A registry with its content, as the tests see it from inside, and its server."""

    world: World
    application: Registry
    server: Server
    ids: dict[str, int]


@pytest.fixture(scope="session")
def filled(new_sqlite: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The registry of this process; its server is not started."""
    folder, url = tmp_path_factory.mktemp("browser"), new_sqlite()
    address = url.render_as_string(hide_password=False)
    settings = {
        "PYREGISTRY_DATABASE_URL": address,
        "PYREGISTRY_OIDC_ISSUERS": ISSUER,
        # Files could be moved there; nobody asks it for anything.
        "PYREGISTRY_STORAGE_S3_BUCKET": "registry",
    }
    server = Server(REPOSITORY, folder, **settings)
    world, application = new_world(url, folder, server.data)
    yield Filled(world, application, server, fill(world))
    world.components.recorder.stop()
    world.components.database.dispose()


@pytest.fixture(scope="session")
def world(filled: Filled) -> World:
    """The registry that the server serves; tests add to it, and change nothing of others."""
    return filled.world


@pytest.fixture(scope="session")
def server(filled: Filled) -> Iterator[Server]:
    """The running server."""
    filled.server.start()
    yield filled.server
    filled.server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this process."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def visits(chromium: Browser, server: Server, world: World) -> Iterator[Visits]:
    """Opens browsers. Fails a test in which one of them met an error.

    That is: an error or a warning in the console, a script that failed, a dialogue, a request
    to another host, something that the Content-Security-Policy forbids, a refusal of anything
    but a page, or an answer of the registry that it could not do something (5xx).
    """
    visits = Visits(chromium, server, world)
    yield visits
    troubles = visits.end()
    assert not troubles, "\n".join(troubles)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for pictures, which git ignores."""
    folder = REPOSITORY / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def travel(visits: Visits, world: World, screenshots: Path) -> Travel:
    """Where journeys begin."""
    return Travel(visits, world, screenshots)
