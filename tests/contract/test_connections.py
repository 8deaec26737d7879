"""How the registry connects: its limits, and the log of what takes long."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.engines import Connecting
from pyregistry.retries import Failure, failure_of


@pytest.fixture
def postgresql_url(database_url: URL) -> URL:
    if database_url.get_backend_name() == "sqlite":
        pytest.skip("these are PostgreSQL's")
    return database_url


LIMITED = Connecting(
    statement_timeout=timedelta(seconds=2),
    idle_in_transaction_timeout=timedelta(minutes=3),
    application_name="registry of Acme",
)


def shown(url: URL, *names: str, connecting: Connecting = LIMITED) -> list[object]:
    database = Database(url, connecting)
    with database.reading() as session:
        found = [session.scalar(text(f"SHOW {name}")) for name in names]
    database.dispose()
    return found


NAMES = ("statement_timeout", "idle_in_transaction_session_timeout", "application_name")


def test_postgresql_is_told_the_limits(postgresql_url: URL) -> None:
    assert shown(postgresql_url, *NAMES) == ["2s", "3min", "registry of Acme"]


def test_there_are_none_where_none_are_given(postgresql_url: URL) -> None:
    assert shown(postgresql_url, *NAMES, connecting=Connecting()) == ["0", "0", "pyregistry"]


def test_what_the_address_says_counts_more(postgresql_url: URL) -> None:
    url = postgresql_url.update_query_dict(
        {"application_name": "mine", "options": "-c statement_timeout=9000 -c work_mem=8MB"}
    )
    assert shown(url, *NAMES, "work_mem") == ["9s", "3min", "mine", "8MB"]


def test_a_statement_that_takes_too_long(postgresql_url: URL) -> None:
    database = Database(postgresql_url, Connecting(statement_timeout=timedelta(seconds=0.1)))
    with pytest.raises(OperationalError) as caught, database.reading() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    assert failure_of(caught.value) is Failure.LATE
    database.dispose()


def test_a_transaction_that_is_forgotten(postgresql_url: URL) -> None:
    database = Database(
        postgresql_url, Connecting(idle_in_transaction_timeout=timedelta(seconds=0.1))
    )

    def ask_now_and_then() -> None:
        with database.reading() as session:
            while True:
                session.execute(text("SELECT 1"))
                threading.Event().wait(0.3)

    with pytest.raises(DBAPIError) as caught:
        ask_now_and_then()
    assert failure_of(caught.value) is Failure.LOST
    database.dispose()


@pytest.mark.parametrize(
    ("state", "failure"),
    [
        ("40001", Failure.CONFLICT),
        ("40P01", Failure.CONFLICT),
        ("55P03", Failure.LATE),
        ("57014", Failure.LATE),
        ("53100", Failure.FULL),
        ("57P01", Failure.LOST),
        ("57P03", Failure.LOST),
        ("08006", Failure.LOST),
        ("23505", None),
        ("22001", None),
        ("42P01", None),
    ],
)
def test_what_postgresql_says(state: str, failure: Failure | None) -> None:
    # As psycopg gives it, whatever class the driver has for the state.
    original = type("Said", (psycopg.OperationalError,), {"sqlstate": state})("said")
    assert failure_of(DBAPIError("SELECT", {}, original)) is failure


class TestPatience:
    def test_a_wrong_address_is_told_at_once(self):
        away = URL.create("postgresql+psycopg", host="127.0.0.1", port=1, database="none")
        database = Database(away, Connecting(patience=timedelta(days=1)))
        with pytest.raises(OperationalError) as caught, database.reading() as session:
            session.execute(text("SELECT 1"))
        assert failure_of(caught.value) is Failure.LOST


class TestSlowQueries:
    @pytest.fixture
    def logged(self, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
        caplog.set_level(logging.WARNING, "pyregistry.slow_queries")
        return caplog

    def test_are_logged_without_values(self, database_url: URL, logged: pytest.LogCaptureFixture):
        database = Database(database_url, Connecting(slow_query=timedelta(0)))
        with database.reading() as session:
            session.execute(
                text("SELECT  count(*)\nFROM users WHERE username = :name"), {"name": "hunter2"}
            )
        said = [each.replace("%(name)s", "?") for each in logged.messages]
        expected = "seconds: SELECT count(*) FROM users WHERE username = ?"
        assert any(line.endswith(expected) for line in said)
        assert "hunter2" not in logged.text
        database.dispose()

    def test_quick_ones_are_not(self, database_url: URL, logged: pytest.LogCaptureFixture):
        database = Database(database_url, Connecting(slow_query=timedelta(hours=1)))
        with database.reading() as session:
            session.execute(text("SELECT 1"))
        assert logged.records == []
        database.dispose()

    def test_those_that_fail_are(self, database_url: URL, logged: pytest.LogCaptureFixture):
        database = Database(database_url, Connecting(slow_query=timedelta(0)))
        with pytest.raises(DBAPIError), database.reading() as session:
            session.execute(text("SELECT 1 FROM nothing_there"))
        assert any("and failed: SELECT 1 FROM nothing_there" in line for line in logged.messages)
        database.dispose()

    def test_long_texts_are_cut(self, database_url: URL, logged: pytest.LogCaptureFixture):
        database = Database(database_url, Connecting(slow_query=timedelta(0)))
        with database.reading() as session:
            session.execute(text(f"SELECT '{'x' * 3000}'"))
        assert all(len(line) < 2200 for line in logged.messages)
        assert any(line.endswith(" …") for line in logged.messages)
        database.dispose()


@pytest.fixture
def one_connection(postgresql_url: URL) -> Iterator[Database]:
    """A database to which there is one connection."""
    database = Database(postgresql_url, Connecting(pool_size=1))
    yield database
    database.dispose()


def test_what_is_read_often_is_prepared(one_connection: Database) -> None:
    for _ in range(8):
        assert one_connection.read(lambda session: session.scalar(text("SELECT 40 + 2"))) == 42
    assert prepared(one_connection, "SELECT 40 + 2")
    # A statement that fails may have met what another transaction is about to take back.
    with pytest.raises(DBAPIError), one_connection.reading() as session:
        session.execute(text("SELECT 1 / 0"))
    assert not prepared(one_connection, "SELECT 40 + 2")


def test_what_is_written_while_reading_is_not_kept(one_connection: Database) -> None:
    def serial(session: Session) -> int | None:
        found: int | None = session.scalar(text("SELECT value FROM registry_serial"))
        return found

    before = one_connection.read(serial)
    with one_connection.reading() as session:
        session.execute(text("UPDATE registry_serial SET value = value + 7"))
    assert one_connection.read(serial) == before


def test_a_connection_that_is_lost_before_the_rollback(one_connection: Database) -> None:
    with one_connection.reading() as session:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with psycopg.connect(driver.info.dsn, password=driver.info.password) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [driver.info.backend_pid])
    assert one_connection.read(lambda session: session.scalar(text("SELECT 1"))) == 1


def prepared(database: Database, statement: str) -> bool:
    """Whether the connection has that statement prepared."""
    asked = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :statement")
    return bool(database.read(lambda s: s.scalar(asked, {"statement": statement})))
