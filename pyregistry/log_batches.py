"""Lines of the log that are written together."""

import logging
import os
import threading
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
        self._lines: list[str] = []
        self._write_soon = Soon(SOON, self._write)
        # Or parent and child would both write what waits.
        os.register_at_fork(before=self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line. `logging` holds the handler's lock meanwhile."""
        try:
            self._lines.append(self.format(record) + self.terminator)
            if record.levelno >= logging.WARNING or len(self._lines) >= _MANY:
                self.flush()
            else:
                self._write_soon()
        except Exception:  # noqa: BLE001 -- as every handler: what is logged breaks nothing
            self.handleError(record)

    def flush(self) -> None:
        """Write what waits."""
        with self.lock or threading.Lock():
            lines, self._lines = self._lines, []
            if lines:
                self.stream.write("".join(lines))
            super().flush()

    def _write(self) -> None:
        try:
            self.flush()
        except (OSError, ValueError):
            return  # nobody is left who could be told
