"""Working on one object, where a failure is a finding and not the end of the run."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from pyregistry.db import Database
from pyregistry.retries import failure_of, first_line
from pyregistry.storage.errors import StorageError
from pyregistry.storage.interfaces import ObjectReader
from pyregistry.upkeep.reports import Problem, Trouble
from pyregistry.upkeep.services.objects import KeptObject, files_of, is_named

T = TypeVar("T")

_FAILURES_IN_A_ROW: Final = 20


class Unsound(Exception):
    """Something is wrong with an object itself."""

    def __init__(self, problem: Problem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem


class Overtaken(Exception):
    """The object was deleted or moved by somebody else meanwhile."""


class Patience:
    """Ends where the same failure would come again and again: a service that is gone, a full disk.

    Objects that are missing or damaged say nothing about the others.
    """

    def __init__(self) -> None:
        self._failures = 0

    def is_over(self, result: object) -> bool:
        """Whether this was one failure too many in a row."""
        has_failed = isinstance(result, Trouble) and result.problem is Problem.FAILED
        self._failures = self._failures + 1 if has_failed else 0
        return self._failures >= _FAILURES_IN_A_ROW


def tried(database: Database, kept: KeptObject, work: Callable[[], T]) -> T | Trouble:
    """What `work` gives, or why it could not.

    Raises `Overtaken` where nothing is wrong, because no file is made of the object any more.
    """
    try:
        return work()
    except Unsound as error:
        problem, reason = error.problem, str(error)
    except StorageError as error:
        problem, reason = Problem.FAILED, str(error)
    except SQLAlchemyError as error:
        if failure_of(error) is None:
            raise
        return _trouble(kept, Problem.FAILED, f"The database: {first_line(error)}", ())
    if not is_named(database, kept):
        raise Overtaken
    return _trouble(kept, problem, reason, files_of(database, kept))


def sha256_of(reader: ObjectReader, passed: Callable[[int], None]) -> str:
    """The digest of what a reader gives; `passed` is told the size of every chunk."""
    digest = hashlib.sha256()
    with closing(reader):
        for chunk in reader:
            digest.update(chunk)
            passed(len(chunk))
    return digest.hexdigest()


def _trouble(kept: KeptObject, problem: Problem, reason: str, files: tuple[str, ...]) -> Trouble:
    return Trouble(problem, kept.storage, kept.sha256, reason, files)
