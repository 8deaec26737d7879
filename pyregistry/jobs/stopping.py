"""That a worker is asked to stop, told by a signal."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class StopRequest:
    """Whether a process is to stop. Signals may ask at any moment, threads may wait.

    No lock is taken: a signal's handler that waited for one which its own thread holds would
    wait for ever.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._asked = False

    def ask(self) -> None:
        """Ask for the stop. Safe to repeat."""
        if not self._asked:
            self._asked = True
            os.write(self._writer, b".")

    def is_asked(self) -> bool:
        """Whether somebody has asked."""
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Wait until somebody asks, for `seconds` at most; whether somebody has."""
        select.select([self._reader], [], [], seconds)
        return self._asked

    def close(self) -> None:
        """Let go of what it waits with."""
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def stopped_by_signals(stop: StopRequest) -> Iterator[None]:
    """Have the first SIGTERM or SIGINT ask for the stop; a second one ends the process at once.

    For the main thread.
    """

    def ask(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, previous[number])
        stop.ask()

    previous: dict[int, Any] = {
        number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
