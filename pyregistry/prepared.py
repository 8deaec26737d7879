"""Connections to PostgreSQL that keep their prepared statements.

PostgreSQL plans a statement anew each time, which takes longer than to run it, unless it is
prepared; psycopg prepares what it has executed five times. But it forgets all of that at each
rollback, and every transaction that only reads ends with one: nothing was ever prepared.
"""

from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class PreparingConnection(psycopg.Connection[Any]):
    """A connection whose prepared statements outlive the transactions that end without an error.

    psycopg forgets them because a transaction may have made tables that its rollback removes;
    those of a server that runs make none.
    """

    def rollback(self) -> None:
        """Roll back; as psycopg does where a statement has failed."""
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            # Where the connection is lost, for which libpq has no result, what follows says so.
            with suppress(psycopg.Error, MemoryError):
                self.pgconn.exec_(b"ROLLBACK")
        # Nothing is left to do where that has succeeded.
        super().rollback()
