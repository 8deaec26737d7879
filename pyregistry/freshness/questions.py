"""Asking the database whether anything has changed, past everything that is made for more.

An answer that is remembered needs to know only this, at every request: so no session, no pool and
no object of SQLAlchemy is on the way. Whoever asks has another way where the database does not
answer: every error is theirs to catch (`QUESTION_ERRORS`).
"""

import logging
import select
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

import psycopg
from psycopg import pq
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from pyregistry.db import Database

log = logging.getLogger(__name__)

_SOON_MILLISECONDS: Final = 1
"""Most answers have come by then; for one that has not, others are not kept waiting."""
_SILENCE: Final = 1.0
"""Seconds without questions after one that failed."""

_OF_A_NAME: Final = (
    "SELECT access_serial.value, found.latest, found.number, '' FROM access_serial,"
    " (SELECT max(serial) AS latest, count(*) AS number FROM packages"
    " WHERE normalized_name = {}) AS found"
)
# Files change their storage without a serial; other files come and go with one.
_OF_A_FILE: Final = (
    "SELECT access_serial.value, found.latest, found.number, found.storages FROM access_serial,"
    " (SELECT max(packages.serial) AS latest, count(*) AS number,"
    " coalesce(min(files.storage) || ' ' || max(files.storage), '') AS storages"
    " FROM files JOIN packages ON packages.id = files.package_id"
    " WHERE files.sha256 = {} AND files.filename = {}) AS found"
)
_OF_EVERYTHING: Final = (
    "SELECT access_serial.value, registry_serial.value, 0, '' FROM access_serial, registry_serial"
)


_A_NAME: Final = b"standing_of_a_name"
_A_FILE: Final = b"standing_of_a_file"
_EVERYTHING: Final = b"standing_of_everything"
"""How the statements are called that PostgreSQL has prepared."""

_PREPARED: Final = {
    _A_NAME: _OF_A_NAME.format("$1"),
    _A_FILE: _OF_A_FILE.format("$1", "$2"),
    _EVERYTHING: _OF_EVERYTHING,
}


class FileSubject(NamedTuple):
    """All files of certain bytes and of one name, in whatever projects."""

    sha256: str
    filename: str


Subject = str | FileSubject | None
"""What a question is about: the packages of a normalised name, files, or (None) everything."""


class Standing(NamedTuple):
    """The numbers of which one is another when an answer may be another.

    `access` is drawn anew with each change of who may read what. `latest` and `number` are the
    last serial and the number of the packages that are asked about, or that have the files:
    every change gives one of them a serial that is higher than all others, and what goes is
    missing from the number. `storages` names the first and the last of the storages that hold
    the files. `lost` counts the connections that broke: behind a new one may be a database of
    yesterday.
    """

    access: int
    latest: int | None
    number: int
    storages: str = ""
    lost: int = 0


class Freshness(Protocol):
    """Answers whether something has changed since.

    `give_way` is called where it takes longer than others should wait for it.
    """

    def mark(self, subject: Subject, since: int, give_way: Callable[[], None]) -> object:
        """What stays the same as long as nothing changes anywhere; None: not known.

        Asked for after `since` (nanoseconds of `monotonic_ns`), perhaps for somebody else.
        """

    def standing(self, subject: Subject, give_way: Callable[[], None]) -> Standing:
        """The standing of what is asked about."""

    def forget(self) -> None:
        """Leave the connections to the process that this one was forked from."""

    def close(self) -> None:
        """Close the connections."""


class Unanswered(Exception):
    """A question that is not asked, or has no answer."""


def freshness_of(database: Database) -> "Freshness":
    """What asks that database. Nothing is opened before the first question."""
    if database.kind == "sqlite":
        return _OfSQLite(database.impatient_engine)
    return _OfPostgreSQL(database.impatient_engine, database.pool_size)


QUESTION_ERRORS: Final = (
    sqlite3.Error,
    psycopg.Error,
    SQLAlchemyError,
    OSError,
    Unanswered,
)
"""What a question raises where the database does not answer it."""


class _Mark:
    """The last mark that was asked for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._last: tuple[int, object] = (0, None)

    def since(self, moment: int, ask: Callable[[], object]) -> object:
        """The mark, asked for after that moment."""
        asked_at, mark = self._last
        if asked_at <= moment:
            asked_at = time.monotonic_ns()
            mark = ask()
            # An older one may take the place of a newer one: it is only asked once more.
            self._last = (asked_at, mark)
        return mark


class _OfSQLite:
    """One connection that never writes: SQLite tells it of the changes that others make."""

    def __init__(self, make_engine: Callable[[], Engine]) -> None:
        self._make_engine = make_engine
        self._opened = 0
        self.forget()

    def mark(self, _subject: Subject, since: int, _give_way: Callable[[], None]) -> object:
        """SQLite's `data_version`: a look at shared memory, and no query.

        It means something to one connection only, so it tells which that was.
        """
        return self._mark.since(since, self._data_version)

    def _data_version(self) -> object:
        version: int = self._first("PRAGMA data_version", ())[0]
        return self._opened, version

    def standing(self, subject: Subject, _give_way: Callable[[], None]) -> Standing:
        """As `Freshness` promises, in one query."""
        if subject is None:
            return Standing(*self._first(_OF_EVERYTHING, ()))
        if isinstance(subject, FileSubject):
            return Standing(*self._first(_OF_A_FILE.format("?", "?"), subject))
        return Standing(*self._first(_OF_A_NAME.format("?"), (subject,)))

    def forget(self) -> None:
        """As `Freshness` promises."""
        self._lock = threading.Lock()
        self._mark = _Mark()
        self._pooled: PoolProxiedConnection | None = None
        self._connection: Any = None

    def close(self) -> None:
        """As `Freshness` promises."""
        with self._lock:
            if self._pooled is not None:
                self._pooled.invalidate()
                self._pooled = self._connection = None

    def _first(self, statement: str, parameters: Sequence[str]) -> Any:
        with self._lock:
            if self._connection is None:
                self._pooled = self._make_engine().raw_connection()
                self._connection = self._pooled.driver_connection
                self._opened += 1
            # All rows are taken: a statement that has not ended would hold its snapshot.
            rows = self._connection.execute(statement, parameters).fetchall()
        if len(rows) != 1:
            raise Unanswered
        return rows[0]


class _OfPostgreSQL:
    """Connections outside of transactions: one for each question that is asked at a time.

    Their statements are prepared, and run by libpq itself: psycopg's own cursors take longer than
    the server does.
    """

    def __init__(self, make_engine: Callable[[], Engine], at_most: int) -> None:
        self._make_engine = make_engine
        self._at_most = at_most
        self.forget()

    def mark(self, subject: Subject, since: int, give_way: Callable[[], None]) -> object:
        """The standing of everything; nothing for files, which change their storage without it."""
        if isinstance(subject, FileSubject):
            return None
        return self._mark.since(since, partial(self.standing, None, give_way))

    def standing(self, subject: Subject, give_way: Callable[[], None]) -> Standing:
        """As `Freshness` promises, in one prepared query."""
        if subject is None:
            return self._asked(give_way, _EVERYTHING)
        if isinstance(subject, FileSubject):
            return self._asked(give_way, _A_FILE, *subject)
        return self._asked(give_way, _A_NAME, subject)

    def _asked(self, give_way: Callable[[], None], name: bytes, *parameters: str) -> Standing:
        with self._connected() as connection:
            connection.send_query_prepared(name, [each.encode() for each in parameters])
            found = _result(connection, give_way)
            _check(found)
        if found.ntuples != 1:
            raise Unanswered
        access, latest, number, storages = (found.get_value(0, column) for column in range(4))
        if access is None or number is None or storages is None:
            raise Unanswered
        return Standing(
            int(access),
            None if latest is None else int(latest),
            int(number),
            storages.decode(),
            self._lost,
        )

    def forget(self) -> None:
        """As `Freshness` promises."""
        self._lock = threading.Lock()
        self._mark = _Mark()
        self._engine = self._make_engine()
        self._free: list[PoolProxiedConnection] = []
        self._open = 0
        self._lost = 0
        self._silent_until = 0.0

    def close(self) -> None:
        """As `Freshness` promises."""
        with self._lock:
            while self._free:
                self._free.pop().invalidate()
                self._open -= 1

    @contextmanager
    def _connected(self) -> Iterator[pq.abc.PGconn]:
        pooled = self._taken()
        try:
            yield _libpq(pooled)
        except BaseException as error:
            pooled.invalidate()
            self._failed(error)
            raise
        with self._lock:
            self._free.append(pooled)

    def _failed(self, error: BaseException) -> None:
        """Ask nothing for a moment: others have their own way, and their own patience."""
        with self._lock:
            self._open -= 1
            # The server may be another one now, or the same after a restore.
            self._lost += 1
            self._silent_until = time.monotonic() + _SILENCE
        log.warning("could not ask whether anything has changed: %s", type(error).__name__)

    def _taken(self) -> PoolProxiedConnection:
        with self._lock:
            if time.monotonic() < self._silent_until:
                raise Unanswered
            if self._free:
                return self._free.pop()
            if self._open >= self._at_most:
                raise Unanswered
            self._open += 1
        pooled = None
        try:
            pooled = self._engine.raw_connection()
            for name, statement in _PREPARED.items():
                _check(_libpq(pooled).prepare(name, statement.encode()))
        except BaseException as error:
            if pooled is not None:
                pooled.invalidate()
            self._failed(error)
            raise
        return pooled


def _libpq(pooled: PoolProxiedConnection) -> pq.abc.PGconn:
    connection: Any = pooled.driver_connection
    found: pq.abc.PGconn = connection.pgconn
    return found


def _result(connection: pq.abc.PGconn, give_way: Callable[[], None]) -> pq.abc.PGresult:
    """What the server answers to the query that was sent."""
    # libpq would wait as well, but in psycopg nobody else could run meanwhile.
    coming = select.poll()
    coming.register(connection.socket, select.POLLIN)
    if not coming.poll(_SOON_MILLISECONDS):
        give_way()
    while True:
        connection.consume_input()
        if not connection.is_busy():
            break
        coming.poll()
    found = connection.get_result()
    while found is not None and (more := connection.get_result()) is not None:
        found = more
    if found is None:
        raise Unanswered
    return found


def _check(result: pq.abc.PGresult) -> None:
    """Raise `psycopg.OperationalError` where a statement has failed."""
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace"))
