"""The questions about freshness, asked of PostgreSQL."""

import logging
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from psycopg import pq
from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from pyregistry.freshness.questions import (
    OF_A_FILE,
    OF_A_NAME,
    OF_EVERYTHING,
    FileSubject,
    LastMark,
    Standing,
    Subject,
    Unanswered,
)

log = logging.getLogger(__name__)

_SOON_MILLISECONDS: Final = 1
"""Most answers have come by then; for one that has not, others are not kept waiting."""
_SILENCE: Final = 1.0
"""Seconds without questions after one that failed."""

_A_NAME: Final = b"standing_of_a_name"
_A_FILE: Final = b"standing_of_a_file"
_EVERYTHING: Final = b"standing_of_everything"
"""How the statements are called that PostgreSQL has prepared."""

_PREPARED: Final = {
    _A_NAME: OF_A_NAME.format("$1"),
    _A_FILE: OF_A_FILE.format("$1", "$2"),
    _EVERYTHING: OF_EVERYTHING,
}


class FreshnessOfPostgreSQL:
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
        self._mark = LastMark()
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
    if found is None:
        raise Unanswered
    # Until there is none: then the connection is free for the next query.
    while connection.get_result() is not None:
        pass
    return found


def _check(result: pq.abc.PGresult) -> None:
    """Raise `Unanswered` where a statement has failed."""
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise Unanswered(result.error_message.decode("utf-8", "replace"))
