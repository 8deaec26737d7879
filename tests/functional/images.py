"""What many tests begin with is made once, and copied into the registry of each of them.

On SQLite, where a database is a file; on PostgreSQL it is made each time.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyramid.registry import Registry
from sqlalchemy import URL
from webtest import TestApp

from tests.conftest import NewDatabase
from tests.factories.world import Clock, World, new_components

Make = Callable[[World], Any]
"""Puts something into an empty registry, and gives what tests need of it: no open rows."""


@dataclass(frozen=True)
class Image:
    """A registry as it was when something had been made in it."""

    database: URL
    files: Path
    moment: datetime
    users: dict[str, int]
    told: Any


class Images:
    """The images of a test process. `folder` is for what they hold."""

    def __init__(
        self, application: tuple[Any, Registry], new_sqlite: NewDatabase, folder: Path
    ) -> None:
        self._application = application
        self._new_sqlite = new_sqlite
        self._folder = folder
        self._images: dict[Make, Image] = {}

    def put(self, make: Make, world: World) -> Any:
        """Have what `make` makes in an empty registry; what it gives."""
        settings = world.components.settings
        if settings.database_url.get_backend_name() != "sqlite":
            return make(world)
        if make not in self._images:
            self._images[make] = self._image_of(make)
        image = self._images[make]
        assert not world.users, "what is in the world already would be gone"
        copy_database(image.database, settings.database_url)
        shutil.copytree(image.files, settings.storage_local_folder, dirs_exist_ok=True)
        world.clock.moment = image.moment
        world.users.update(image.users)
        return image.told

    def _image_of(self, make: Make) -> Image:
        wsgi, registry = self._application
        clock, folder = Clock(), self._folder / str(len(self._images))
        components = new_components(self._new_sqlite(), folder, clock)
        world = World(components, clock, TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.7"}))
        asked = registry["pyregistry.components"]
        registry["pyregistry.components"] = components
        try:
            told = make(world)
        finally:
            registry["pyregistry.components"] = asked
            components.recorder.stop()
            components.database.dispose()
        settings = components.settings
        files = settings.storage_local_folder
        return Image(settings.database_url, files, clock.moment, dict(world.users), told)


def copy_database(source: URL, target: URL) -> None:
    """Copy all of a database on SQLite over another."""
    with (
        closing(sqlite3.connect(source.database or "")) as there,
        closing(sqlite3.connect(target.database or "")) as here,
    ):
        there.backup(here)
