"""Those who write to SQLite, one after the other.

SQLite has one write lock. Whoever finds it taken sleeps and asks again, ever more rarely, and
whoever comes just when it is free has it: with eight who upload, some waited for many seconds.
So the threads of a process wait here for each other, where the one that waits is woken at once,
and only one thread of each process asks SQLite.
"""

import sqlite3
import threading


class WriterQueue:
    """Where the threads of a process wait for their turn to write to one database."""

    def __init__(self, patience: float) -> None:
        """`patience` is how long one waits, in seconds, before it asks SQLite all the same."""
        self._patience = patience
        self._turn = threading.Lock()

    def wait(self) -> bool:
        """Wait for the turn. False where somebody has had it for too long."""
        return self._turn.acquire(timeout=self._patience)

    def leave(self) -> None:
        """Give the turn to the next."""
        self._turn.release()


class QueueingConnection(sqlite3.Connection):
    """A connection that holds its turn to write for as long as its transaction is open."""

    queue: WriterQueue | None = None
    _has_turn = False

    def wait_for_turn(self) -> None:
        """Wait until no other thread of this process writes, or for as long as one waits.

        SQLite's own lock is what keeps writers apart: who has no turn has to wait for that.
        """
        if self.queue is not None and not self._has_turn:
            self._has_turn = self.queue.wait()

    def end_turn(self) -> None:
        """Let the next one write, unless the transaction is still open."""
        if self._has_turn and self.queue is not None and not self.in_transaction:
            self._has_turn = False
            self.queue.leave()

    def commit(self) -> None:
        """Commit, and let the next one write."""
        super().commit()
        self.end_turn()

    def rollback(self) -> None:
        """Roll back, and let the next one write."""
        super().rollback()
        self.end_turn()

    def close(self) -> None:
        """Close, which rolls back, and let the next one write."""
        super().close()
        if self._has_turn and self.queue is not None:
            self._has_turn = False
            self.queue.leave()
