"""Registries that many cases share: they are asked, and left as they were."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyramid.registry import Registry
from webtest import TestApp

from tests.conftest import NewDatabase
from tests.factories.world import Clock, World, new_components
from tests.functional.conftest import application
from tests.policy.reading import Setting
from tests.policy.staging import Stage

__all__ = ["application"]

NewWorld = Callable[[], World]
Stages = Callable[..., Stage]
Application = tuple[Callable[..., Any], Registry]

_NONSENSE = Path(__file__).with_name("test_nonsense.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask each endpoint nonsense of one kind on one database, and of the next on the other.

    With CASES=all everything is asked on both. What quick tests ask stays.
    """
    if os.environ.get("CASES") == "all":
        return
    rows: dict[str, list[str]] = {}
    kept, left_out = [], []
    for item in items:
        name, _, case = item.nodeid.partition("[")
        kind, _, row = case.partition("-")
        both = item.path == _NONSENSE and kind in ("sqlite", "postgresql")
        if not both or item.get_closest_marker("thorough") is None:
            kept.append(item)
            continue
        met = rows.setdefault(name, [])
        if row not in met:
            met.append(row)
        turn = (met.index(row) + list(rows).index(name)) % 2
        (kept if kind == ("sqlite", "postgresql")[turn] else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@contextmanager
def worlds(
    application: Application, new_database: NewDatabase, folder: Path, **ini: str
) -> Iterator[NewWorld]:
    """Gives empty registries, each beside the others: a request is answered by its own."""
    wsgi, registry = application
    made: list[World] = []

    def new() -> World:
        clock = Clock()
        components = new_components(
            new_database(), folder / str(len(made)), clock, passwords__basic="true", **ini
        )

        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            registry["pyregistry.components"] = world.components
            return wsgi(environ, start_response)

        client = TestApp(answer, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
        world = World(components, clock, client)
        made.append(world)
        return world

    yield new
    for world in made:
        world.components.recorder.stop()
        world.components.database.dispose()


@pytest.fixture(scope="session")
def sqlite_worlds(
    application: Application, new_sqlite: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewWorld]:
    """Gives empty registries on SQLite."""
    with worlds(application, new_sqlite, tmp_path_factory.mktemp("worlds")) as new:
        yield new


@pytest.fixture(scope="session")
def postgresql_worlds(
    application: Application, new_postgresql: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewWorld]:
    """Gives empty registries on PostgreSQL."""
    with worlds(application, new_postgresql, tmp_path_factory.mktemp("worlds")) as new:
        yield new


@pytest.fixture(scope="session")
def stages(application: Application, request: pytest.FixtureRequest) -> Stages:
    """Gives the registry of a setting, made once."""
    made: dict[tuple[Setting, str], Stage] = {}

    def get(setting: Setting, database: str = "sqlite") -> Stage:
        key = (setting, database)
        if key not in made:
            new: NewWorld = request.getfixturevalue(f"{database}_worlds")
            made[key] = Stage(new(), application[1], setting)
        return made[key]

    return get


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_world(request: pytest.FixtureRequest) -> NewWorld:
    """Gives empty registries; every test that uses it runs on both databases."""
    found: NewWorld = request.getfixturevalue(f"{request.param}_worlds")
    return found
