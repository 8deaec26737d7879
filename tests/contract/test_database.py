"""What the database promises, on SQLite and on PostgreSQL."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, bindparam, event, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from pyregistry.accounts.models import User
from pyregistry.db import Database, rows_of
from pyregistry.namespaces.models import Membership
from pyregistry.packaging.models import RegistrySerial
from pyregistry.packaging.services.serials import next_serial
from tests.conftest import NewDatabase

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite(new_sqlite: NewDatabase) -> Iterator[Database]:
    database = Database(new_sqlite())
    yield database
    database.dispose()


def user(name: str, created_at: datetime = NOW) -> User:
    return User(
        username=name,
        username_key=name,
        email=f"{name}@example.org",
        name=name,
        is_admin=False,
        is_bot=False,
        is_external=False,
        created_at=created_at,
    )


def test_rows_are_those_that_the_session_will_have_written(database: Database) -> None:
    statement = select(User.username, User.created_at).where(User.username == bindparam("name"))
    with database.writing() as session:
        session.add(user("ann"))
        assert [tuple(row) for row in rows_of(session, statement, {"name": "ann"})] == [
            ("ann", NOW)
        ]


class TestMoments:
    def test_naive_one_is_refused(self, database: Database):
        with (
            database.writing() as session,
            pytest.raises(StatementError, match="without a time zone"),
        ):
            session.execute(select(User).where(User.created_at == NOW.replace(tzinfo=None)))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
    @given(
        st.datetimes(
            datetime(1970, 1, 2),  # noqa: DTZ001 -- Hypothesis adds the time zone
            datetime(9999, 12, 30),  # noqa: DTZ001 -- Hypothesis adds the time zone
            timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
        )
    )
    def test_round_trip(self, database: Database, moment: datetime):
        with database.writing() as session:
            session.execute(text("DELETE FROM users"))
            session.add(user("alice", moment))
        with database.reading() as session:
            stored = session.scalars(select(User.created_at)).one()
        assert stored == moment
        assert stored.tzinfo is UTC or stored.utcoffset() == timedelta()

    def test_none(self, database: Database):
        with database.writing() as session:
            session.add(user("alice"))
        with database.reading() as session:
            assert session.scalars(select(User.blocked_at)).one() is None

    def test_comparison_in_the_database(self, database: Database):
        with database.writing() as session:
            session.add(user("alice"))
        east = NOW.astimezone(timezone(timedelta(hours=9)))
        with database.reading() as session:
            for moment, found in ((east - timedelta(seconds=1), 1), (east, 0)):
                query = select(func.count()).select_from(User).where(User.created_at > moment)
                assert session.scalars(query).one() == found


class TestTransactions:
    def test_refused_change_leaves_nothing(self, database: Database):
        class Oops(Exception):
            pass

        def change() -> None:
            with database.writing() as session:
                session.add(user("alice"))
                session.flush()
                raise Oops

        with pytest.raises(Oops):
            change()
        with database.reading() as session:
            assert session.scalars(select(User)).all() == []

    def test_foreign_keys_are_checked(self, database: Database):
        with pytest.raises(IntegrityError), database.writing() as session:
            session.add(Membership(namespace_id=1, user_id=1, role=10, created_at=NOW))

    def test_rows_can_be_read_after_the_session(self, database: Database):
        with database.writing() as session:
            alice = user("alice")
            session.add(alice)
        assert alice.username == "alice"

    def test_no_increment_is_lost(self, sqlite: Database):
        with sqlite.writing() as session:
            session.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
            session.execute(text("INSERT INTO counter VALUES (0)"))

        def increment(_turn: int) -> None:
            for _ in range(100):
                with sqlite.writing() as session:
                    value = session.scalar(text("SELECT value FROM counter"))
                    session.execute(text("UPDATE counter SET value = :new"), {"new": value + 1})

        with ThreadPoolExecutor(8) as pool:
            # "database is locked" would be raised here.
            list(pool.map(increment, range(8)))
        with sqlite.reading() as session:
            assert session.scalar(text("SELECT value FROM counter")) == 800

    def test_readers_do_not_wait_for_a_writer(self, database: Database):
        with database.writing() as session:
            session.add(user("alice"))
            session.flush()
            with database.reading() as other:
                assert other.scalars(select(User)).all() == []

    def test_others_on_the_machine_cannot_read_it(self, tmp_path: Path):
        tmp_path.chmod(0o755)
        database = Database(URL.create("sqlite", database=str(tmp_path / "new.sqlite3")))
        with database.writing() as session:
            session.execute(text("CREATE TABLE secrets (secret TEXT)"))
            modes = {path.name: path.stat().st_mode & 0o007 for path in tmp_path.iterdir()}
        database.dispose()
        assert len(modes) > 1
        assert set(modes.values()) == {0}

    def test_reading_does_not_take_the_write_lock(self, sqlite: Database):
        begun: list[str] = []
        event.listen(
            sqlite.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_rest: begun.append(statement),
        )
        with sqlite.reading() as session:
            session.scalars(select(User)).all()
        with sqlite.writing() as session:
            session.scalars(select(User)).all()
        assert [item for item in begun if item.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]

    @pytest.mark.parametrize(
        ("pragma", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)]
    )
    def test_sqlite_is_set_up(self, sqlite: Database, pragma: str, value: object):
        with sqlite.reading() as session:
            assert session.scalar(text(f"PRAGMA {pragma}")) == value


class TestSerials:
    def test_one_after_the_other(self, database: Database):
        with database.writing() as session:
            assert [next_serial(session) for _ in range(3)] == [1, 2, 3]
        with database.reading() as session:
            assert session.scalars(select(RegistrySerial.value)).one() == 3

    def test_number_of_a_refused_change_is_given_again(self, database: Database):
        with database.writing() as session:
            next_serial(session)
            session.rollback()
        with database.writing() as session:
            assert next_serial(session) == 1

    def test_numbers_grow_in_the_order_of_commits(self, database: Database):
        def take(turn: int) -> int:
            delays = random.Random(turn)
            time.sleep(delays.random() / 50)
            with database.writing() as session:
                serial = next_serial(session)
                # Every smaller number has been committed: no reader will see it appear later.
                assert session.scalar(select(func.count()).select_from(User)) == serial - 1
                session.add(user(f"user-{serial}"))
                session.flush()
                time.sleep(delays.random() / 50)
            return serial

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(take, range(40))) == list(range(1, 41))


def test_a_second_engine_keeps_the_locks_of_the_first(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "locked.sqlite3"))
    first = Database(url)
    with first.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (number INTEGER)")
        Database(url).dispose()
        # Another process can leave the WAL mode only where nobody holds a lock.
        code = (
            "import sqlite3, sys; "
            "connection = sqlite3.connect(sys.argv[1], timeout=0); "
            "print(connection.execute('PRAGMA journal_mode = DELETE').fetchone()[0])"
        )
        command = [sys.executable, "-c", code, str(url.database)]
        other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "delete" not in other.stdout
    assert "locked" in other.stderr
    first.dispose()
