"""A registry without its web application, for tests of services."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from webtest import TestApp

from tests.factories.world import Clock, World, new_components


@pytest.fixture
def world(database_url: URL, tmp_path: Path) -> Iterator[World]:
    """A registry with nothing in it, on SQLite and on PostgreSQL; it answers no requests."""
    clock = Clock()
    components = new_components(database_url, tmp_path, clock)
    yield World(components, clock, TestApp(None))
    components.recorder.stop()
    components.database.dispose()
