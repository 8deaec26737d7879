"""That a worker is asked to stop."""

import os
import select


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
