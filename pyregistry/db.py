"""The database: engine, sessions, and the base class of all models.

The same models and migrations serve PostgreSQL and SQLite. On SQLite a
transaction that will write says so when it begins (`BEGIN IMMEDIATE`):
SQLite cannot turn a reading transaction into a writing one when another
writer came between, and SQLAlchemy's default there loses updates silently.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    delete,
    select,
    types,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker

from pyregistry.engines import BEGIN_OPTION, Connecting, create_engine
from pyregistry.retries import first_line, repeated

T = TypeVar("T")
_MAXIMUM_PARAMETERS = 10_000
"""SQLite takes a bounded number of parameters in one statement."""

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


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that are built once and give no objects.

    Such a statement costs a fifth of one for objects that is built when it is needed.
    """
    return Base.metadata.tables[model.__tablename__]


class Database:
    """One engine and the two kinds of session it gives."""

    def __init__(self, url: str | URL, connecting: Connecting | None = None) -> None:
        self._url = url
        self._connecting = connecting or Connecting()
        self.engine = create_engine(url, self._connecting)
        begin_write = self.engine.execution_options(**{BEGIN_OPTION: "BEGIN IMMEDIATE"})
        self._reading = sessionmaker(self.engine, autoflush=False, expire_on_commit=False)
        self._writing = sessionmaker(begin_write, expire_on_commit=False)

    @property
    def kind(self) -> str:
        """Which kind of database it is: 'sqlite' or 'postgresql'."""
        return self.engine.dialect.name

    @property
    def pool_size(self) -> int:
        """How many connections are kept."""
        return self._connecting.pool_size

    def impatient_engine(self) -> Engine:
        """Another engine for the same database, which waits for no server that is away."""
        return create_engine(self._url, replace(self._connecting, patience=timedelta(0)))

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

    def read(self, work: Callable[[Session], T]) -> T:
        """What `work` gives in a session for reads, tried again where the database failed.

        Raises the error of the last attempt (`pyregistry.retries`).
        """
        return repeated(self.reading, work)

    def write(self, work: Callable[[Session], T], *, finds_its_work: bool = False) -> T:
        """What `work` gives in a transaction, tried again where nothing of it was kept.

        `work` has no effect outside of the database. Where it would see what an attempt whose
        commit was not acknowledged has left, and give the same for it, say `finds_its_work`.
        Raises the error of the last attempt (`pyregistry.retries`).
        """
        return repeated(self.writing, work, finds_its_work=finds_its_work)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Leave the pooled connections to the process that this one was forked from."""
        self.engine.dispose(close=False)


def rows_of(
    session: Session, statement: Select[*tuple[Any, ...]], parameters: dict[str, Any]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of a statement that selects columns, and no objects, in the session's transaction.

    `Session.execute` looks for objects in them, which takes as long again as everything else:
    this is for what every request asks. What the session has not written yet is written first.
    """
    session.flush()
    return session.connection().execute(statement, parameters).all()


def in_batches(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in order, each batch small enough for the parameters of one statement."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _MAXIMUM_PARAMETERS):
        yield ordered[start : start + _MAXIMUM_PARAMETERS]


def delete_some(
    session: Session,
    key: InstrumentedAttribute[Any],
    condition: ColumnElement[bool],
    at_most: int,
) -> int:
    """Delete rows of which a condition holds, at most so many; how many there were.

    `key` is their primary key. Rows that somebody else has locked are passed over: two who
    delete the same ones in another order would wait for each other.
    """
    chosen = select(key).where(condition).limit(at_most).with_for_update(skip_locked=True)
    statement = delete(key.class_).where(key.in_(chosen)).returning(key)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())


def reason_of(error: DBAPIError) -> str:
    """The first line of what the database says; it may say several, and name no secret."""
    return first_line(error)
