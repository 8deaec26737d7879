"""The application under WebTest, with a registry of its own for each test."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyramid.registry import Registry
from sqlalchemy import URL
from webtest import TestApp

from pyregistry.config import configure
from pyregistry.remembering import Remembering
from tests.factories.world import Clock, World, new_components
from tests.functional.support import Limited
from tests.openapi.application import obeying

_HERE = Path(__file__).parent
_TURNS = 1 if os.environ.get("CASES") == "all" else 3


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the cases of one test, run every third on PostgreSQL; all of them with CASES=all.

    They run the same statements with other values, and all of them on SQLite. What the
    statements make of values is tested below `tests/unit`, in every case on both.
    """
    met: Counter[tuple[Path, str]] = Counter()
    kept, left_out = [], []
    for item in items:
        turn = 0
        if _HERE in item.path.parents and item.get_closest_marker("postgresql") is not None:
            name = item.nodeid.partition("[")[0]
            turn = met[item.path, name] % _TURNS
            met[item.path, name] += 1
        (left_out if turn else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, Registry]:
    """The WSGI application, built once; each test puts its own parts into the registry.

    Whatever it answers below `/api/v4` is held against the OpenAPI document.
    """
    folder = tmp_path_factory.mktemp("unused")
    database_url = URL.create("sqlite", database=str(folder / "never-opened.sqlite3"))
    components = new_components(database_url, folder, Clock())
    config = configure(components)
    return Remembering(obeying(config), config.registry), config.registry


@pytest.fixture
def world(
    application: tuple[object, Registry], database_url: URL, tmp_path: Path
) -> Iterator[World]:
    """A registry with nothing in it, on SQLite and on PostgreSQL."""
    wsgi, registry = application
    clock = Clock()
    components = new_components(database_url, tmp_path, clock)
    registry["pyregistry.components"] = components
    yield World(components, clock, TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.7"}))
    components.recorder.stop()
    components.database.dispose()


@pytest.fixture
def limited(world: World, application: tuple[object, Registry], tmp_path: Path) -> Limited:
    """Gives the world small limits: `sign_in_per_account="2 per day"`."""

    def limit(**rates: str) -> World:
        ini = {f"throttle__{name}": rate for name, rate in rates.items()}
        url = world.components.settings.database_url
        made = new_components(url, tmp_path, world.clock, **ini)
        world.components = replace(
            world.components, throttle=made.throttle, request_limits=made.request_limits
        )
        application[1]["pyregistry.components"] = world.components
        return world

    return limit
