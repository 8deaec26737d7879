"""Lines of the log that are written together."""

import logging
import os
import threading
from collections import deque
from typing import Any, Final

from pyregistry.soon import Soon

SOON: Final = 0.2
"""Seconds after which a line is written at the latest."""
_MANY: Final = 1000


class BatchingHandler(logging.StreamHandler[Any]):
    """A handler that writes lines a fifth of a second later, many at once; warnings at once.

    To write a line takes as long as to answer a request that finds everything in memory. A normal
    stop writes the last lines; a process that is killed loses those of the last moment.
    """

    def __init__(self, stream: Any = None) -> None:
        """`stream` is standard error where none is given."""
        super().__init__(stream)
        # Texts, and what becomes one when it is written. Whoever adds waits for nobody.
        self._lines: deque[object] = deque()
        self._write_soon = Soon(SOON, self._write)
        # Or parent and child would both write what waits.
        os.register_at_fork(before=self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line. `logging` holds the handler's lock meanwhile."""
        try:
            self._add(self.format(record), at_once=record.levelno >= logging.WARNING)
        except Exception:  # noqa: BLE001 -- as every handler: what is logged breaks nothing
            self.handleError(record)

    def take(self, line: object) -> None:
        """Take what becomes a line by `str` when it is written, and is no warning.

        Raises `OSError` where it cannot be written.
        """
        self._add(line, at_once=False)

    def _add(self, line: object, *, at_once: bool) -> None:
        self._lines.append(line)
        if at_once or len(self._lines) >= _MANY:
            self.flush()
        else:
            self._write_soon()

    def flush(self) -> None:
        """Write what waits."""
        with self.lock or threading.Lock():
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if lines:
                self.stream.write("".join([f"{line}{self.terminator}" for line in lines]))
            super().flush()

    def _write(self) -> None:
        try:
            self.flush()
        except (OSError, ValueError):
            return  # nobody is left who could be told
