"""Renewing the lease of a job while it runs."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.jobs.errors import ClaimLost
from pyregistry.jobs.moments import SharedClock
from pyregistry.jobs.services.claim import Claim, renew
from pyregistry.jobs.work import Work
from pyregistry.retries import first_line

logger = logging.getLogger(__name__)

_BEATS: Final = 6
"""How often in the time of a lease it is renewed, so that some of them may fail."""


class Heartbeat:
    """A thread that renews the lease of a job, writes how the job stands, and looks for a stop.

    Where it could not renew for as long as the lease lasts, the job must be taken for another
    worker's: that is reckoned without any clock that can jump.
    """

    def __init__(
        self,
        database: Database,
        claim: Claim,
        work: Work,
        lease: timedelta,
        clock: SharedClock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._claim = claim
        self._work = work
        self._lease = lease
        self._clock = clock
        self._ended = threading.Event()
        self._monotonic = monotonic
        self._renewed = monotonic()
        self._thread = threading.Thread(
            target=self._run, name=f"pyregistry-job-{claim.job_id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def beat(self) -> None:
        """Renew the lease once; tell the job to end where it is lost, or was cancelled."""
        begun = self._monotonic()
        try:
            if self._database.write(self._renew, finds_its_work=True):
                self._work.cancel()
        except ClaimLost:
            self._work.lose()
            return
        except SQLAlchemyError as error:
            logger.warning(
                "job %d: the lease could not be renewed: %s", self._claim.job_id, first_line(error)
            )
        else:
            # Before the database was asked: when it answered does not count.
            self._renewed = begun
        if self._monotonic() - self._renewed > self._lease.total_seconds():
            self._work.lose()

    def _renew(self, session: Session) -> bool:
        now = self._clock(session)
        return renew(session, self._claim, self._work.standing, self._lease, now)

    def _run(self) -> None:
        while not self._ended.wait(self._lease.total_seconds() / _BEATS):
            self.beat()
