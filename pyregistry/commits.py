"""Whether a transaction was committed whose connection was lost during the commit.

PostgreSQL remembers what became of a transaction for a while. What it tells of one that a crash
ended can be of another that got the same number since: so this is for counts, not for promises.
SQLite has no connection to lose.
"""

import time
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from pyregistry.db import Database

TransactionNumber = str | None
"""PostgreSQL's number of a transaction that has written something."""

_IN_PROGRESS: Final = "in progress"
_QUESTIONS: Final = 50
_PAUSE: Final = 0.1


def transaction_number(session: Session) -> TransactionNumber:
    """The number of the session's transaction; None on SQLite, or where it has written nothing."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    number: str | None = session.scalar(
        text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
    )
    return number


def was_committed(database: Database, number: TransactionNumber) -> bool:
    """Whether the transaction with that number was committed; one that still runs is waited for.

    False, too, where it still runs after five seconds. Raises what the database raises.
    """
    if number is None:
        return False
    statement = text("SELECT pg_xact_status(CAST(:number AS xid8))").bindparams(number=number)
    for _ in range(_QUESTIONS):
        status: str | None = database.read(lambda session: session.scalar(statement))
        if status != _IN_PROGRESS:
            return status == "committed"
        time.sleep(_PAUSE)
    return False
