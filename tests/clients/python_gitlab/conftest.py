"""A company for each test, in the registry that the tests of a process share."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL
from webtest import TestApp

from tests.clients.python_gitlab.company import Company
from tests.clients.server import Registry
from tests.factories.world import Clock, World, new_components


@pytest.fixture(scope="session")
def inside(registry: Registry) -> Iterator[World]:
    """The database of the running registry."""
    data = registry.server.data
    clock = Clock(datetime.now(UTC))
    url = URL.create("sqlite", database=str(data / "pyregistry.sqlite3"))
    components = new_components(url, data, clock)
    yield World(components, clock, TestApp(None))
    components.database.dispose()


@pytest.fixture
def company(registry: Registry, inside: World) -> Company:
    """A company that no other test uses."""
    return Company.new(registry.server, inside)
