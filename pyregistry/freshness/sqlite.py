"""The questions about freshness, asked of SQLite."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

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


class FreshnessOfSQLite:
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
            return Standing(*self._first(OF_EVERYTHING, ()))
        if isinstance(subject, FileSubject):
            return Standing(*self._first(OF_A_FILE.format("?", "?"), subject))
        return Standing(*self._first(OF_A_NAME.format("?"), (subject,)))

    def forget(self) -> None:
        """As `Freshness` promises."""
        self._lock = threading.Lock()
        self._mark = LastMark()
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
