"""Registries to export, and others to import into."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyramid.registry import Registry
from webtest import TestApp

from tests.conftest import NewDatabase
from tests.factories.world import Clock, World, new_components

NewWorld = Callable[..., World]
"""Gives an empty registry on a kind of database; the application answers for it from then on."""


@pytest.fixture
def new_world(
    application: tuple[object, Registry], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[NewWorld]:
    wsgi, registry = application
    made: list[World] = []

    def new(kind: str, **ini: str) -> World:
        url: NewDatabase = request.getfixturevalue(f"new_{kind}")
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        clock = Clock()
        clock.advance(days=30)
        components = new_components(url(), folder, clock, **ini)
        registry["pyregistry.components"] = components
        made.append(
            World(components, clock, TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.7"}))
        )
        return made[-1]

    yield new
    for world in made:
        world.components.recorder.stop()
        world.components.database.dispose()


WAYS = [
    "sqlite-sqlite",
    pytest.param("sqlite-postgresql", marks=pytest.mark.postgresql),
    pytest.param("postgresql-sqlite", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, new_world: NewWorld) -> tuple[World, Callable[[], World]]:
    """An empty registry to fill and export, and what gives another to import into."""
    here, there = request.param.split("-")
    return new_world(here), lambda: new_world(there)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def onto(request: pytest.FixtureRequest, new_world: NewWorld) -> tuple[World, Callable[[], World]]:
    """The same, where it matters only what is imported into."""
    return new_world("sqlite"), lambda: new_world(request.param)
