"""A worker: claims jobs through the database and does them, one at a time."""

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pyregistry.errors import Refusal
from pyregistry.jobs.errors import Cancelled, ClaimLost, Interrupted
from pyregistry.jobs.heartbeat import Heartbeat
from pyregistry.jobs.models import JobState
from pyregistry.jobs.moments import SharedClock, database_now
from pyregistry.jobs.services.claim import Claim, claim, fail, finish, give_back, is_waiting
from pyregistry.jobs.services.enqueue import enqueue_due, is_due
from pyregistry.jobs.stopping import StopRequest
from pyregistry.jobs.work import JobKind, Parts, Work
from pyregistry.retries import failure_of, first_line
from pyregistry.storage.errors import StorageError

logger = logging.getLogger(__name__)

Ending = Callable[[Session, datetime], object]

_RECORDING_PAUSE: Final = 1.0
"""Seconds between attempts to write how a job ended, while the database is away."""


def worker_name() -> str:
    """What this process is called in the table of jobs: its host and its number there."""
    return f"{socket.gethostname()[:200]}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a worker works: how often it looks for jobs, and how long a lease lasts."""

    poll_interval: timedelta = timedelta(seconds=5)
    lease: timedelta = timedelta(minutes=1)
    clock: SharedClock = database_now


class Worker:
    """Does jobs of some kinds until it is asked to stop."""

    def __init__(
        self, parts: Parts, kinds: Mapping[str, JobKind], stop: StopRequest, manner: Manner
    ) -> None:
        self.name = worker_name()
        self._parts = parts
        self._database = parts.database
        self._kinds = kinds
        self._stop = stop
        self._manner = manner

    def run(self, *, once: bool = False) -> None:
        """Do every job that comes, until the stop; with `once`, those that wait now.

        Where the database is away it waits for it. With `once` it raises what the database does.
        """
        while not self._stop.is_asked():
            try:
                if self.do_one():
                    continue
            except SQLAlchemyError as error:
                if once or failure_of(error) is None:
                    raise
                logger.warning("the database cannot be used: %s", first_line(error))
            if once:
                return
            self._stop.wait(self._manner.poll_interval.total_seconds())

    def do_one(self) -> bool:
        """Make the jobs that are due and do one; whether there was one to do."""
        self._make_due()
        taken = self._claim()
        if taken is None:
            return False
        self._do(taken)
        return True

    def _make_due(self) -> None:
        clock = self._manner.clock
        for kind in self._kinds.values():
            if kind.interval is None:
                continue
            made = partial(self._made, name=kind.name, interval=kind.interval)
            with self._database.reading() as session:
                due = is_due(session, kind.name, kind.interval, clock(session))
            if due and self._database.write(made):
                logger.info("a job was made that is due: %s", kind.name)

    def _made(self, session: Session, name: str, interval: timedelta) -> bool:
        return enqueue_due(session, name, interval, self._manner.clock(session))

    def _claim(self) -> Claim | None:
        kinds = self._kinds.keys()
        with self._database.reading() as session:
            # Most often there is none: SQLite's only write lock is not taken to find that out.
            if not is_waiting(session, kinds, self._manner.clock(session)):
                return None
        return self._database.write(
            lambda session: claim(
                session, self.name, kinds, self._manner.lease, self._manner.clock(session)
            )
        )

    def _do(self, taken: Claim) -> None:
        work = Work(taken, self._parts, self._stop)
        manner = self._manner
        logger.info("job %d (%s): begun", taken.job_id, taken.kind)
        with Heartbeat(self._database, taken, work, manner.lease, manner.clock):
            ending = self._ending_of(taken, work)
            if ending is not None:
                self._record(taken, work, ending)

    def _ending_of(self, taken: Claim, work: Work) -> Ending | None:
        """Run the job; how its end is to be written. None where it is another worker's."""

        def over(state: JobState, reason: str | None = None) -> Ending:
            logger.info("job %d (%s): %s", taken.job_id, taken.kind, reason or state)
            return lambda session, now: finish(
                session, taken, state, work.standing, now, reason=reason
            )

        try:
            self._kinds[taken.kind].run(work)
        except ClaimLost:
            logger.warning("job %d (%s): taken by another worker", taken.job_id, taken.kind)
            return None
        except Cancelled:
            return over(JobState.CANCELLED)
        except Interrupted:
            logger.info("job %d (%s): left to another worker", taken.job_id, taken.kind)
            return lambda session, now: give_back(session, taken, work.standing, now)
        except Refusal as refusal:
            return over(JobState.FAILED, refusal.sentence)
        except Exception as error:
            reason = _reason_of(error)
            logger.log(
                logging.WARNING if _is_expected(error) else logging.ERROR,
                "job %d (%s): failed: %s",
                *(taken.job_id, taken.kind, reason),
                exc_info=not _is_expected(error),
            )
            return lambda session, now: fail(session, taken, work.standing, reason, now)
        return over(JobState.SUCCEEDED)

    def _record(self, taken: Claim, work: Work, ending: Ending) -> None:
        """Write how the job ended, for as long as the lease is renewed meanwhile."""
        while True:
            try:
                self._database.write(lambda session: ending(session, self._manner.clock(session)))
            except ClaimLost:
                # Or it is written already, and the answer was lost.
                logger.warning("job %d (%s): no longer of this worker", taken.job_id, taken.kind)
                return
            except SQLAlchemyError as error:
                if failure_of(error) is None:
                    raise
                logger.warning("job %d: not written yet: %s", taken.job_id, first_line(error))
            else:
                return
            if work.is_lost or self._stop.wait(_RECORDING_PAUSE):
                # It will be done again, which changes nothing.
                return


def _is_expected(error: Exception) -> bool:
    return isinstance(error, StorageError | OSError) or failure_of(error) is not None


def _reason_of(error: Exception) -> str:
    if isinstance(error, StorageError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}."
    if failure_of(error) is not None:
        return f"The database could not be used: {first_line(error)}."
    # Its text may quote anything; the log of the worker has it.
    return f"An unexpected error ({type(error).__name__}): see the log of the worker."
