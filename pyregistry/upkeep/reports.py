"""What a run over many objects found and did."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

_MOST_TOLD: Final = 1000
"""Troubles that a report describes; the others it counts."""


class Problem(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    """Its storage does not hold it."""
    DAMAGED = "damaged"
    """Its bytes have another digest or another size than the rows of its files say."""
    FAILED = "failed"
    """It could not be read, written or recorded this time; it may be in order."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An object with which something is wrong, and the files that are made of it.

    Each of `files` is the path of the project, the package and the filename, with blanks between
    them; of many there are some.
    """

    problem: Problem
    storage: str
    sha256: str
    reason: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many objects something is wrong with, by what it is; `told` are the first thousand."""

    missing: int = 0
    damaged: int = 0
    failed: int = 0
    told: tuple[Trouble, ...] = ()

    @property
    def count(self) -> int:
        """All of them."""
        return self.missing + self.damaged + self.failed

    def plus(self, trouble: Trouble) -> "Troubles":
        """With one more."""
        told = self.told if len(self.told) >= _MOST_TOLD else (*self.told, trouble)
        name = trouble.problem.value
        return replace(self, told=told, **{name: getattr(self, name) + 1})


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What a migration did. Objects are counted, unless something else is said."""

    target: str
    """The storage that files were moved to."""
    moved: int = 0
    moved_files: int = 0
    """The files whose rows name the target now: several may be the same bytes."""
    moved_bytes: int = 0
    reused: int = 0
    """Of `moved`, those that the target held already: verified, and not copied."""
    already_there: int = 0
    """In the target when the migration began."""
    overtaken: int = 0
    """Deleted, or moved by somebody else, meanwhile."""
    troubles: Troubles = Troubles()
    files_left: int = 0
    """Files that are not in the target at the end."""
    stopped: bool = False
    """Whether it was ended by the caller."""
    gave_up: bool = False
    """Whether it ended because nothing succeeded any more."""

    @property
    def is_clean(self) -> bool:
        """Whether it came to its end, and nothing was wrong."""
        return not (self.troubles.count or self.stopped or self.gave_up)


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a verification found, in objects."""

    sound: int = 0
    sound_bytes: int = 0
    overtaken: int = 0
    """Deleted or moved meanwhile."""
    troubles: Troubles = Troubles()
    stopped: bool = False
    gave_up: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether it came to its end, and nothing was wrong."""
        return not (self.troubles.count or self.stopped or self.gave_up)
