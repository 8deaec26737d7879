"""Engines: how this process reaches its database, and how long it waits for it."""

import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy import create_engine as sqlalchemy_create_engine
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from pyregistry.prepared import PreparingConnection
from pyregistry.retries import watch_commits
from pyregistry.slow_queries import log_slow_queries
from pyregistry.sqlite_writers import QueueingConnection, WriterQueue

BEGIN_OPTION: Final = "pyregistry_begin"
"""The execution option with the statement that begins a transaction on SQLite."""
_FOLDER_MODE: Final = 0o750
_FILE_MODE: Final = 0o640

_PATIENCE_STEP: Final = 0.2
_KEEPALIVE: Final = {
    # A host that is gone without a word is noticed after a minute, and not after two hours.
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}


@dataclass(frozen=True, slots=True)
class Connecting:
    """How a process connects to its database, and how long it waits. None is no limit."""

    pool_size: int = 10
    """Connections that are kept; as many again are opened while all of these are in use."""
    pool_timeout: timedelta = timedelta(seconds=10)
    """How long a free connection is waited for."""
    busy_timeout: timedelta = timedelta(seconds=10)
    """How long SQLite waits for its write lock in one attempt."""
    connect_timeout: timedelta = timedelta(seconds=5)
    patience: timedelta = timedelta(seconds=10)
    """How long a server is waited for that took connections before, and takes none now."""
    statement_timeout: timedelta | None = None
    idle_in_transaction_timeout: timedelta | None = None
    slow_query: timedelta | None = None
    """Statements that take longer are logged."""
    application_name: str = "pyregistry"


def create_engine(url: str | URL, connecting: Connecting | None = None) -> Engine:
    """An engine with this project's conventions for the database that `url` names.

    No connection is opened here: servers build the application before they fork. Errors do
    not show the values of a statement: they are logged, and values are people's.
    """
    url, connecting = make_url(url), connecting or Connecting()
    is_sqlite = url.get_backend_name() == "sqlite"
    make = _sqlite_engine if is_sqlite else _postgresql_engine
    engine = make(
        url,
        connecting,
        {
            "pool_size": connecting.pool_size,
            "max_overflow": connecting.pool_size,
            "pool_timeout": connecting.pool_timeout.total_seconds(),
            "hide_parameters": True,
        },
    )
    watch_commits(engine)
    if connecting.slow_query is not None:
        log_slow_queries(engine, connecting.slow_query)
    return engine


def _postgresql_engine(url: URL, connecting: Connecting, options: Mapping[str, Any]) -> Engine:
    patience = _Patience(connecting.patience.total_seconds())
    own = _connect_arguments(url, connecting)

    def connect() -> DBAPIConnection:
        arguments, parameters = engine.dialect.create_connect_args(url)
        make: Callable[..., Any] = PreparingConnection.connect
        return patience.connected(lambda: make(*arguments, **{**parameters, **own}))

    engine = sqlalchemy_create_engine(url, pool_pre_ping=True, creator=connect, **options)
    return engine


def _connect_arguments(url: URL, connecting: Connecting) -> dict[str, str]:
    """What libpq is told besides the address; what the address says itself counts more."""
    limits = {
        "statement_timeout": connecting.statement_timeout,
        "idle_in_transaction_session_timeout": connecting.idle_in_transaction_timeout,
    }
    given = " ".join(
        f"-c {name}={int(limit.total_seconds() * 1000)}"
        for name, limit in limits.items()
        if limit is not None
    )
    own = url.query.get("options")
    # Of two, libpq's server takes the last.
    options = " ".join(part for part in (given, own) if isinstance(part, str) and part)
    arguments = {
        "application_name": connecting.application_name,
        "connect_timeout": str(max(1, int(connecting.connect_timeout.total_seconds()))),
        **_KEEPALIVE,
    }
    kept = {name: value for name, value in arguments.items() if name not in url.query}
    return {**kept, "options": options} if options else kept


class _Patience:
    """Waits for a server that is restarted, so that whoever asks meanwhile does not see it.

    Only for one that has taken connections before: a wrong address or password is told at
    once. While a server stays away for longer than `seconds`, nobody waits for it any more.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._has_connected = False
        self._away_since = self._failed_at = -math.inf

    def connected(self, connect: Callable[[], DBAPIConnection]) -> DBAPIConnection:
        """A new connection. Raises what the last attempt raised."""
        while True:
            try:
                connection = connect()
            except Exception:
                if not self._waits():
                    raise
                self._sleep(_PATIENCE_STEP)
            else:
                with self._lock:
                    self._has_connected, self._failed_at = True, -math.inf
                return connection

    def _waits(self) -> bool:
        now = self._clock()
        with self._lock:
            if now - self._failed_at > self._seconds:
                # Nobody has failed lately: it went away just now.
                self._away_since = now
            self._failed_at = now
            return self._has_connected and now - self._away_since < self._seconds


def _sqlite_engine(url: URL, connecting: Connecting, options: Mapping[str, Any]) -> Engine:
    if url.database:
        _prepare_sqlite_file(url.database)
    seconds = connecting.busy_timeout.total_seconds()
    own = {"timeout": seconds, "factory": QueueingConnection}
    engine = sqlalchemy_create_engine(url, connect_args=own, **options)
    queue = WriterQueue(seconds)

    def prepare(connection: QueueingConnection, _record: Any) -> None:
        connection.queue = queue
        _prepare_sqlite_connection(connection)

    event.listen(engine, "connect", prepare)
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


def _prepare_sqlite_connection(connection: sqlite3.Connection) -> None:
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
    statement = connection.get_execution_options().get(BEGIN_OPTION)
    if statement is None:
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, QueueingConnection)  # noqa: S101 -- the engine makes no others
    driver.wait_for_turn()
    try:
        connection.exec_driver_sql(statement)
    except BaseException:
        driver.end_turn()
        raise
