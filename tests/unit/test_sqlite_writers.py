"""Threads that write to SQLite at once, and wait for each other."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.sqlite_writers import WriterQueue

End = Callable[[Session], object]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'some.sqlite3'}")
    with database.writing() as session:
        session.execute(text("CREATE TABLE numbers (number INTEGER)"))
    yield database
    database.dispose()


def close_driver(session: Session) -> None:
    session.connection().invalidate()
    session.close()


@pytest.mark.parametrize("end", [Session.commit, Session.rollback, Session.close, close_driver])
def test_the_next_writes_when_one_has_ended(database: Database, end: End) -> None:
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            asked.append(threading.current_thread().name)

    def write() -> None:
        database.write(lambda session: session.execute(text("INSERT INTO numbers VALUES (2)")))

    event.listen(database.engine, "before_cursor_execute", note)
    first = database.writing_session()
    first.execute(text("INSERT INTO numbers VALUES (1)"))
    thread = threading.Thread(target=write, name="second")
    thread.start()
    # It waits for us, and does not ask SQLite.
    thread.join(0.1)
    assert asked == ["MainThread"]
    end(first)
    thread.join()
    first.close()
    assert asked == ["MainThread", "second"]
    kept = [2] if end is not Session.commit else [1, 2]
    found = database.read(lambda session: session.scalars(text("SELECT number FROM numbers")).all())
    assert found == kept


def test_who_cannot_begin_lets_the_next_one_write(database: Database) -> None:
    def refuse(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            raise OperationalError(statement, None, Exception("no"))

    event.listen(database.engine, "before_cursor_execute", refuse)
    with pytest.raises(OperationalError):
        database.write(lambda session: session.execute(text("SELECT 1")))
    event.remove(database.engine, "before_cursor_execute", refuse)
    database.write(lambda session: session.execute(text("INSERT INTO numbers VALUES (1)")))


def test_readers_wait_for_nobody(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO numbers VALUES (1)"))
        counted = database.read(lambda s: s.scalar(text("SELECT count(*) FROM numbers")))
    assert counted == 0


def test_who_has_waited_for_long_goes_on_without_a_turn() -> None:
    queue = WriterQueue(0.01)
    assert queue.wait()
    assert not queue.wait()
    queue.leave()
    assert queue.wait()
