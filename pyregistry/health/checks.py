"""Asking a part of the registry whether it works, without waiting for one that hangs."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from pyregistry.db import Database
from pyregistry.schema import HEAD, current
from pyregistry.storage.errors import StorageError
from pyregistry.storage.interfaces import IFileStorage

logger = logging.getLogger(__name__)

TIMEOUT: Final = 2.0
"""Seconds: load balancers ask every few seconds, and give up soon."""

NO_ANSWER: Final = "It does not answer in time."
BROKEN: Final = "It does not work; the log of the registry says why."
WRONG_SCHEMA: Final = "Its schema is not that of this version: run 'pyregistry setup'."

ANSWER_LASTS: Final = 10.0
"""Seconds for which load balancers are told anew that a storage works, without asking it.

To ask a bucket is three requests, which cost money; no failure is hidden for longer than this.
"""

Question = Callable[[], str | None]
"""Answers what is wrong with a part, in a sentence that anybody may read, or None."""


class Check:
    """A question to one part of the registry.

    It is asked in a thread, at most once at a time: whoever comes meanwhile waits for the same
    answer, so that a part that hangs holds one thread, however many ask.

    That the part works may be told again for `lasts` seconds. That it does not is asked anew
    every time: it may be over.
    """

    def __init__(
        self,
        name: str,
        question: Question,
        lasts: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._question = question
        self._lasts = lasts
        self._clock = clock
        self._lock = Lock()
        self._asked: Future[str | None] | None = None
        self._asked_at = 0.0

    def begin(self, *, anew: bool = False) -> Future[str | None]:
        """Ask, where nobody is asking; the answer that is to come, or a good one that lasts.

        With `anew` no answer from before counts.
        """
        with self._lock:
            if self._asked is None or (self._asked.done() and (anew or self._is_over(self._asked))):
                self._asked_at = self._clock()
                self._asked = Future()
                Thread(
                    target=self._answer,
                    args=(self._asked,),
                    name=f"pyregistry-check-{self._name}",
                    daemon=True,
                ).start()
            return self._asked

    def _is_over(self, asked: Future[str | None]) -> bool:
        return asked.result() is not None or self._clock() - self._asked_at >= self._lasts

    def _answer(self, asked: Future[str | None]) -> None:
        try:
            asked.set_result(self._question())
        except (SQLAlchemyError, StorageError, OSError) as error:
            # What it says may name addresses and folders: that is for the log.
            logger.error("the %s does not work: %s", self._name, error)  # noqa: TRY400 -- no mistake of ours
            asked.set_result(BROKEN)
        except Exception:
            logger.exception("the %s could not be asked", self._name)
            asked.set_result(BROKEN)


class Health:
    """The checks of the parts without which no request succeeds, and the age of the process."""

    def __init__(
        self,
        questions: dict[str, Question],
        lasts: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`lasts` says for which parts, and for how many seconds, a good answer lasts."""
        seconds = lasts or {}
        self._checks = {
            name: Check(name, question, seconds.get(name, 0.0), clock)
            for name, question in questions.items()
        }
        self._began = time.monotonic()

    @classmethod
    def of(
        cls,
        database: Database,
        storage: IFileStorage,
        clock: Callable[[], float] = time.monotonic,
    ) -> "Health":
        """Those of a registry: its database and its storage. Nothing is asked yet."""
        return cls(
            {
                "database": lambda: _problem_of_database(database),
                "storage": lambda: _problem_of_storage(storage),
            },
            {"storage": ANSWER_LASTS},
            clock,
        )

    @property
    def uptime(self) -> float:
        """Seconds since the process built its registry."""
        return time.monotonic() - self._began

    def problems(self, timeout: float = TIMEOUT, *, anew: bool = False) -> dict[str, str | None]:
        """What is wrong, by part; None where it works.

        All are asked at once, and with `anew` those too that worked just now. Waits for at most
        `timeout` seconds: a part that has not answered by then does not work.
        """
        asked = {name: check.begin(anew=anew) for name, check in self._checks.items()}
        end = time.monotonic() + timeout
        return {name: _result(answer, end - time.monotonic()) for name, answer in asked.items()}


def free_bytes(storage: IFileStorage) -> int | None:
    """How much room there is; None where the storage does not say, or does not work."""
    try:
        return storage.free_bytes()
    except StorageError:
        return None


def _result(answer: Future[str | None], seconds: float) -> str | None:
    try:
        return answer.result(max(0.0, seconds))
    except TimeoutError:
        return NO_ANSWER


def _problem_of_database(database: Database) -> str | None:
    return None if current(database) == HEAD else WRONG_SCHEMA


def _problem_of_storage(storage: IFileStorage) -> None:
    storage.check()
