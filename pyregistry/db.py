"""The database: engine, sessions, and the base class of all models.

The same models and migrations serve PostgreSQL and SQLite. On SQLite a
transaction that will write says so when it begins (`BEGIN IMMEDIATE`):
SQLite cannot turn a reading transaction into a writing one when another
writer came between, and SQLAlchemy's default there loses updates silently.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Enum, Integer, MetaData, event, types
from sqlalchemy import create_engine as sqlalchemy_create_engine
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

SQLITE_BUSY_SECONDS = 30
_BEGIN_OPTION = "pyregistry_begin"
_MAXIMUM_PARAMETERS = 10_000
"""SQLite takes a bounded number of parameters in one statement."""
_FOLDER_MODE = 0o750
_FILE_MODE = 0o640

Identifier = BigInteger().with_variant(Integer, "sqlite")
"""Primary keys: SQLite numbers rows by itself only where the type is INTEGER."""


def enum_column(kind: type[StrEnum], name: str) -> Enum:
    """The type of a column of strings with the CHECK `name`, alike on every database."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class UTCDateTime(types.TypeDecorator[datetime]):
    """An aware moment in UTC on every database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What values are, whatever the database keeps."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite keeps no zone, so none is written there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all models. Every constraint gets a name that migrations can use."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """One engine and the two kinds of session it gives."""

    def __init__(self, url: str | URL, *, pool_size: int = 10) -> None:
        self.engine = create_engine(url, pool_size=pool_size)
        begin_write = self.engine.execution_options(**{_BEGIN_OPTION: "BEGIN IMMEDIATE"})
        self._reading = sessionmaker(self.engine, autoflush=False, expire_on_commit=False)
        self._writing = sessionmaker(begin_write, expire_on_commit=False)

    @property
    def kind(self) -> str:
        """Which kind of database it is: 'sqlite' or 'postgresql'."""
        return self.engine.dialect.name

    def reading_session(self) -> Session:
        """A session for reads; its owner closes it."""
        return self._reading()

    def writing_session(self) -> Session:
        """A session whose transaction may write; its owner commits and closes it."""
        return self._writing()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads, closed at the end."""
        with self._reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back by an exception."""
        with self._writing.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection, as a forked worker must before its first use."""
        self.engine.dispose()


def in_batches(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in order, each batch small enough for the parameters of one statement."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _MAXIMUM_PARAMETERS):
        yield ordered[start : start + _MAXIMUM_PARAMETERS]


def reason_of(error: DBAPIError) -> str:
    """The first line of what the database says; it may say several, and name no secret."""
    lines = str(error.orig).splitlines()
    return lines[0] if lines else "no reason given"


def create_engine(url: str | URL, *, pool_size: int = 10) -> Engine:
    """An engine with this project's conventions for the database that `url` names.

    No connection is opened here: servers build the application before they fork. Errors do
    not show the values of a statement: they are logged, and values are people's.
    """
    url = make_url(url)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool_size)
    return sqlalchemy_create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _sqlite_engine(url: URL, pool_size: int) -> Engine:
    if url.database:
        _prepare_sqlite_file(url.database)
    engine = sqlalchemy_create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite_file(database: str) -> None:
    """Make the folder and the file where they are missing, neither of them for everybody.

    The database holds digests of credentials and what private packages say of themselves.
    SQLite gives its other files the mode of this one.

    A file that exists is never opened here: closing it again would drop the locks that
    other connections of this process hold on it (POSIX), and the database would be
    destroyed.
    """
    Path(database).parent.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    if database.startswith((":memory:", "file:")):
        return
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE))


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by its own rules: `_begin_on_sqlite` does.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        # An acknowledged upload must survive a power cut, so every commit is flushed.
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN_OPTION, "BEGIN"))
