"""Writing down what requests have no time to write: pulls, and when tokens were used.

A read must not wait for a writer. It leaves a note here, in memory; a thread of
this process writes the notes down every few seconds, many in one transaction. A
normal stop writes the last of them. A process that is killed loses the notes of
the last interval: that is the price of reads that do not write.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from pyregistry.commits import TransactionNumber, transaction_number, was_committed
from pyregistry.db import Database
from pyregistry.retries import Failure, failure_of, first_line

logger = logging.getLogger(__name__)

Writer = Callable[[Session, Sequence[Any]], None]


class Recorder:
    """Collects notes of several kinds and writes each kind with its own writer.

    The thread starts with the first note, never at import: servers fork after they
    have built the application, and threads do not survive a fork.
    """

    def __init__(
        self, database: Database, writers: Mapping[type, Writer], *, interval: float, wake_at: int
    ) -> None:
        """`writers` has the function that writes notes of each class.

        `interval` is in seconds; `wake_at` notes are written without waiting for it.
        """
        self._database = database
        self._writers = dict(writers)
        self._interval = interval
        self._wake_at = wake_at
        self._notes: list[Any] = []
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def backlog(self) -> int:
        """How many notes wait to be written."""
        return len(self._notes)

    def add(self, note: object) -> None:
        """Take a note; it is written soon."""
        with self._lock:
            self._notes.append(note)
            many = len(self._notes) >= self._wake_at
            # A thread that ended by a mistake of ours, or was left behind by a fork, is replaced.
            if not self._stopping and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(
                    target=self._run, name="pyregistry-recorder", daemon=True
                )
                self._thread.start()
        if many:
            self._wake.set()

    def flush(self) -> None:
        """Write every note taken until now; where that fails, keep them and raise."""
        with self._flushing:
            with self._lock:
                notes, self._notes = self._notes, []
            if not notes:
                return
            try:
                self._write(notes)
            except (DataError, IntegrityError):
                self._write_apart(notes)
            except BaseException:
                self._keep(notes)
                raise

    def stop(self) -> None:
        """Write the last notes and end the thread. Safe to repeat."""
        self._stopping = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        self.flush()

    def _write(self, notes: Sequence[Any]) -> None:
        transaction: TransactionNumber = None

        def write(session: Session) -> None:
            nonlocal transaction
            for kind, writer in self._writers.items():
                chosen = [note for note in notes if type(note) is kind]
                if chosen:
                    writer(session, chosen)
            transaction = transaction_number(session)

        try:
            self._database.write(write)
        except SQLAlchemyError as error:
            is_unknown = failure_of(error) is Failure.UNKNOWN
            if not (is_unknown and was_committed(self._database, transaction)):
                raise

    def _write_apart(self, notes: Sequence[Any]) -> None:
        """Write each note in a transaction of its own.

        The database refuses one of them, and always will: it must not hold back the rest.
        """
        for place, note in enumerate(notes):
            try:
                self._write([note])
            except (DataError, IntegrityError):
                logger.exception("a note is dropped, the database refuses it")
            except BaseException:
                self._keep(notes[place:])
                raise

    def _keep(self, notes: Sequence[Any]) -> None:
        with self._lock:
            self._notes = [*notes, *self._notes]

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._interval)
            self._wake.clear()
            try:
                self.flush()
            except SQLAlchemyError as error:
                # The notes are kept; the database may be back at the next turn.
                sentence = "counts could not be written yet; they are kept in memory: %s"
                # Where the database is away, a traceback at every turn would say no more.
                logger.log(
                    logging.ERROR, sentence, first_line(error), exc_info=failure_of(error) is None
                )
