"""How far long work has come, told to whoever shows it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is done of how much. Sizes are in bytes.

    Files of the same bytes in the same storage are one object, and count here as one. Totals may
    grow while files are published meanwhile, and what was deleted meanwhile is never done.
    """

    done_objects: int = 0
    total_objects: int = 0
    done_bytes: int = 0
    total_bytes: int = 0
    failures: int = 0


OnProgress = Callable[[Progress], None]
"""Called in the thread of the caller: after every object, and several times a second."""

ShouldStop = Callable[[], bool]
"""Whether to end early; asked as often, in the same thread, and not again after the first yes."""


def unseen(progress: Progress) -> None:
    """Nobody looks at the progress."""


def never() -> bool:
    """Nothing ends it early."""
    return False


class Watcher(Protocol):
    """Is told how far work is that has several stages."""

    def stage(self, name: str, count: int, size: int) -> None:
        """That something begins, with so many things of so many bytes in all; 0: not known."""

    def advance(self, size: int) -> None:
        """That one more of them is done, of so many bytes. It may be told by any thread."""


class Meter:
    """Counts what threads do."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now = Progress()

    @property
    def now(self) -> Progress:
        """How far it is."""
        return self._now

    def expect(self, objects: int, size: int) -> None:
        """There is more to do."""
        with self._lock:
            now = self._now
            self._now = replace(
                now, total_objects=now.total_objects + objects, total_bytes=now.total_bytes + size
            )

    def advance(self, size: int) -> None:
        """So many bytes of an object are done."""
        with self._lock:
            self._now = replace(self._now, done_bytes=self._now.done_bytes + size)

    def finish(self, *, failed: bool) -> None:
        """An object is done, well or not."""
        with self._lock:
            now = self._now
            self._now = replace(
                now, done_objects=now.done_objects + 1, failures=now.failures + int(failed)
            )


class ObjectMeter:
    """Counts the bytes of one object: all in all as many as were expected of it."""

    def __init__(self, meter: Meter, size: int) -> None:
        self._meter = meter
        self._left = size

    def advance(self, size: int) -> None:
        """So many bytes have passed; those that pass a second time do not count."""
        counted = min(size, self._left)
        self._left -= counted
        self._meter.advance(counted)

    def finish(self, *, failed: bool) -> None:
        """The object is done, whether its bytes had to pass or not."""
        self.advance(self._left)
        self._meter.finish(failed=failed)
