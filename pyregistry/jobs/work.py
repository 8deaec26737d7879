"""What a kind of job is, and what one is given while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from pyregistry.clock import Clock
from pyregistry.db import Database
from pyregistry.jobs.errors import Cancelled, ClaimLost, Interrupted
from pyregistry.jobs.services.claim import Claim, Progress, Standing
from pyregistry.jobs.stopping import StopRequest
from pyregistry.settings import Settings
from pyregistry.storage.storages import Storages


@dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work with."""

    settings: Settings
    database: Database
    storages: Storages
    clock: Clock


class Work:
    """A job while it runs: what is to be done, and where it says how far it is."""

    def __init__(self, claim: Claim, parts: Parts, stop: StopRequest) -> None:
        self.arguments: Mapping[str, Any] = claim.arguments
        self.parts = parts
        self._stop = stop
        self._standing = Standing()
        self._lock = Lock()
        self._is_lost = self._is_cancelled = False

    def check(self) -> None:
        """Return where the job may go on; to be called often, every few seconds at least.

        Raises `ClaimLost`, `Cancelled` or `Interrupted`, which the job lets through.
        """
        if self._is_lost:
            raise ClaimLost
        if self._is_cancelled:
            raise Cancelled
        if self._stop.is_asked():
            raise Interrupted

    def tell(
        self, done: int, total: int | None = None, *, unit: str, report: Mapping[str, Any]
    ) -> None:
        """Say how far the job is and what it has to report until now, and `check`."""
        self.say(done, total, unit=unit, report=report)
        self.check()

    def say(
        self, done: int, total: int | None = None, *, unit: str, report: Mapping[str, Any]
    ) -> None:
        """Say how far the job is and what it has to report until now.

        It is written with the next renewal of the lease. `report` can be written as JSON.
        """
        with self._lock:
            self._standing = Standing(Progress(done, total, unit), dict(report))

    @property
    def is_broken_off(self) -> bool:
        """Whether the job must not go on: whether `check` would raise."""
        return self._is_lost or self._is_cancelled or self._stop.is_asked()

    @property
    def standing(self) -> Standing:
        """What was told last."""
        with self._lock:
            return self._standing

    @property
    def is_lost(self) -> bool:
        """Whether the job is another worker's, or must be taken for that."""
        return self._is_lost

    def lose(self) -> None:
        """Have the job end: it is another worker's, or will be."""
        self._is_lost = True

    def cancel(self) -> None:
        """Have the job end: somebody asked for that."""
        self._is_cancelled = True


@dataclass(frozen=True, slots=True)
class JobKind:
    """What jobs of one name do.

    `run` may be begun again after it was broken off anywhere, and may run twice at once where a
    worker hangs: what it does must be the same done twice. It raises `pyregistry.errors.Refusal`
    for what would fail again, and anything else where another attempt may help. With `interval`
    a job is made by itself, once in each such period.
    """

    name: str
    run: Callable[[Work], None]
    is_exclusive: bool = True
    interval: timedelta | None = None
