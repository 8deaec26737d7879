"""What the database could not do this time, and whether it can be tried again.

The database refuses some transactions though nothing is wrong with them: another one came
between, or the connection was lost. Where nothing of the transaction can have been kept, to
repeat it is exact. Where the connection was lost while COMMIT was on its way, nobody knows.
"""

import logging
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Final, TypeVar

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 3
"""How often a transaction is tried in all."""

_FIRST_PAUSE: Final = 0.02
"""Seconds; two that stood in each other's way must not begin again in step."""

_COMMITTING: Final = "pyregistry.committing"
_MARK: Final = "pyregistry_commit_was_sent"
_AFTER_LOST_CONNECTION: Final = "8s2b"
"""SQLAlchemy's code of what follows a lost connection that somebody passed over."""

_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL})
"""Also `SQLITE_BUSY_SNAPSHOT` and its like: the lowest byte is the same."""
_SQLITE_FULL: Final = sqlite3.SQLITE_FULL
_DISK_FULL: Final = "53100"
"""PostgreSQL's SQLSTATE of the same."""
_TRANSACTION_ROLLBACK: Final = "40"
"""The class of SQLSTATE of serialisation failures and deadlocks."""
_TOO_LATE: Final = frozenset({"55P03", "57014"})
"""SQLSTATE of a lock that was not given, and of a statement that was stopped, in time."""
_CONNECTIONS: Final = ("08", "57P0", "25P03", "53300")
"""SQLSTATE of connections that are lost or not to be had: broken, ended by an administrator or by a
crash, the server starting, idle for too long, too many."""

T = TypeVar("T")


class Failure(Enum):
    """Why the database did not do what it was asked, where nothing is wrong with that."""

    CONFLICT = "another transaction was in the way"
    LOST = "the connection was lost"
    UNKNOWN = "the connection was lost during the commit"
    """Whether the transaction was committed is not known."""
    LATE = "it took too long"
    """A statement, a lock or a free connection was waited for as long as the settings let one."""
    FULL = "there is no room left"
    """The volume of the database is full, or its quota."""

    @property
    def may_be_repeated(self) -> bool:
        """Whether nothing was kept, and another attempt may well succeed."""
        return self in (Failure.CONFLICT, Failure.LOST)


def failure_of(error: BaseException | None) -> Failure | None:
    """What kind of failure an error is; None for all those that would come again."""
    if isinstance(error, DBAPIError):
        return _failure_of_driver(error)
    if isinstance(error, PoolTimeout):
        return Failure.LATE
    if isinstance(error, StaleDataError):
        return Failure.CONFLICT
    if isinstance(error, PendingRollbackError) and error.code == _AFTER_LOST_CONNECTION:
        return Failure.LOST
    return None


def _failure_of_driver(error: DBAPIError) -> Failure | None:
    if getattr(error, _MARK, False):
        return Failure.UNKNOWN
    if error.connection_invalidated:
        return Failure.LOST
    if isinstance(error.orig, sqlite3.Error):
        return _failure_of_sqlite(error.orig)
    if isinstance(error.orig, psycopg.Error):
        return _failure_of_postgresql(error.orig)
    return None


def _failure_of_sqlite(error: sqlite3.Error) -> Failure | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code & 0xFF == _SQLITE_FULL:
        return Failure.FULL
    return Failure.CONFLICT if code & 0xFF in _SQLITE_BUSY else None


def _failure_of_postgresql(error: psycopg.Error) -> Failure | None:
    state = error.sqlstate
    if state is None:
        # Not the server's word, but the driver's: it cannot talk to it.
        is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return Failure.LOST if is_away else None
    if state.startswith(_TRANSACTION_ROLLBACK):
        return Failure.CONFLICT
    if state in _TOO_LATE:
        return Failure.LATE
    if state == _DISK_FULL:
        return Failure.FULL
    return Failure.LOST if state.startswith(_CONNECTIONS) else None


def watch_commits(engine: Engine) -> None:
    """Have errors of `engine` tell `failure_of` whether COMMIT had been sent."""
    event.listen(engine, "begin", _note_begin)
    event.listen(engine, "commit", _note_commit)
    event.listen(engine, "handle_error", _mark_lost_commit)


def _note_begin(connection: Connection) -> None:
    connection.info[_COMMITTING] = False


def _note_commit(connection: Connection) -> None:
    connection.info[_COMMITTING] = True


def _mark_lost_commit(context: ExceptionContext) -> None:
    connection, error = context.connection, context.original_exception
    if connection is None or connection.invalidated or not connection.info.get(_COMMITTING):
        return
    # The driver may not have noticed yet what the server has told already.
    is_told = isinstance(error, psycopg.Error) and _failure_of_postgresql(error) is Failure.LOST
    if context.is_disconnect or is_told:
        setattr(context.sqlalchemy_exception, _MARK, True)


def repeated(
    session_of: Callable[[], AbstractContextManager[Session]],
    work: Callable[[Session], T],
    *,
    finds_its_work: bool = False,
) -> T:
    """What `work` gives in a session of its own, tried again where nothing of it was kept.

    With `finds_its_work` it is also tried again where that is unknown: `work` must then see what
    an earlier attempt has committed, and give what it gave. The error of the last attempt is
    raised, and every other error at once.
    """
    for attempt in range(ATTEMPTS):
        try:
            with session_of() as session:
                result = work(session)
            break
        except Exception as error:
            failure = failure_of(error)
            if failure is None or attempt + 1 == ATTEMPTS:
                raise
            if not (failure.may_be_repeated or (finds_its_work and failure is Failure.UNKNOWN)):
                raise
            note_repetition(failure, error)
            pause(attempt)
    return result


def note_repetition(failure: Failure, error: BaseException) -> None:
    """Log that something is tried again."""
    logger.warning("tried again, %s: %s", failure.value, first_line(error))


def first_line(error: Any) -> str:
    """The first line of what an error says, that of the driver where there is one."""
    lines = str(getattr(error, "orig", None) or error).splitlines()
    return lines[0] if lines else "no reason given"


def pause(attempt: int) -> None:
    """Wait a moment before the attempt that follows `attempt`, which counts from 0."""
    # Not for secrets: any number will do.
    time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311 -- no secret
