"""Trouble with the database of a registry, made on purpose."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from tests.factories.world import World


class Trouble:
    """Breaks statements of a registry, as often as it is told."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.left = 0
        self.tried = 0

    @contextmanager
    def at(self, beginning: str, times: int = 1) -> Iterator["Trouble"]:
        """Break what begins like that, so many times."""
        self.left, self.tried = times, 0

        def break_it(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(beginning):
                return
            self.tried += 1
            if self.left:
                self.left -= 1
                break_once(connection)

        event.listen(self._engine, "before_cursor_execute", break_it)
        try:
            yield self
        finally:
            event.remove(self._engine, "before_cursor_execute", break_it)

    @contextmanager
    def at_commit(self, *, committed: bool) -> Iterator["Trouble"]:
        """Lose the connection at the next commit: before the server has done it, or after."""
        self.left = 1

        def lose(connection: Connection) -> None:
            if not self.left:
                return
            self.left -= 1
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            if committed:
                driver.commit()
            driver.close()

        event.listen(self._engine, "commit", lose)
        try:
            yield self
        finally:
            event.remove(self._engine, "commit", lose)


def break_once(connection: Connection) -> None:
    """Have the server say that it is a deadlock; on SQLite the driver, that it is locked."""
    if connection.dialect.name == "sqlite":
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error
    cursor = connection.connection.cursor()
    cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'forced' USING ERRCODE = '40P01'; END $$")


@contextmanager
def trouble_after(world: World, statements: int) -> Iterator[None]:
    """Break the statement that comes after so many SELECTs, once."""
    seen = 0

    def count(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        if statement.startswith("SELECT"):
            seen += 1
            if seen == statements:
                break_once(connection)

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
