"""Registries that many cases share: they are asked, and left as they were."""

from collections.abc import Callable, Iterator

import pytest
from pyramid.registry import Registry
from webtest import TestApp

from tests.conftest import NewDatabase
from tests.factories.world import Clock, World, new_components
from tests.functional.conftest import application
from tests.policy.reading import Setting
from tests.policy.staging import Stage

__all__ = ["application"]

NewWorld = Callable[..., World]
Stages = Callable[..., Stage]


@pytest.fixture(scope="session")
def new_world(
    application: tuple[object, Registry],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[NewWorld]:
    """Gives an empty registry, beside others: each request is answered by the one it is sent to."""
    made: list[World] = []

    def new(database: str = "sqlite") -> World:
        create: NewDatabase = request.getfixturevalue(f"new_{database}")
        clock = Clock()
        components = new_components(create(), tmp_path_factory.mktemp("files"), clock)
        wsgi, registry = application

        def answer(environ: dict[str, object], start_response: object) -> object:
            registry["pyregistry.components"] = world.components
            return wsgi(environ, start_response)

        world = World(
            components, clock, TestApp(answer, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
        )
        made.append(world)
        return world

    yield new
    for world in made:
        world.components.recorder.stop()
        world.components.database.dispose()


@pytest.fixture(scope="session")
def stages(application: tuple[object, Registry], new_world: NewWorld) -> Stages:
    """Gives the registry of a setting, made once."""
    made: dict[tuple[Setting, str], Stage] = {}

    def get(setting: Setting, database: str = "sqlite") -> Stage:
        key = (setting, database)
        if key not in made:
            made[key] = Stage(new_world(database), application[1], setting)
        return made[key]

    return get
