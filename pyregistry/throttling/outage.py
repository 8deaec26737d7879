"""Going on without a storage of counts that fails."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from limits.errors import StorageError

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_WARNINGS: Final = 60
_SECONDS_UNTIL_ASKED_AGAIN: Final = 5


class Outages:
    """Remembers that a storage failed, and says so once a minute at most."""

    def __init__(self, sentence: str) -> None:
        """`sentence` is what the log says that no longer happens."""
        self._sentence = sentence
        self._lock = Lock()
        self._silent_until = self._down_until = float("-inf")

    def lasts(self) -> bool:
        """Whether the storage has failed a moment ago: asking it again could take a second."""
        return time.monotonic() < self._down_until

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Go on where the storage fails inside the block."""
        try:
            yield
        except StorageError as error:
            self.note(error)

    def note(self, error: StorageError) -> None:
        """Note that the storage has failed."""
        with self._lock:
            now = time.monotonic()
            self._down_until = now + _SECONDS_UNTIL_ASKED_AGAIN
            silent = now < self._silent_until
            if not silent:
                self._silent_until = now + _SECONDS_BETWEEN_WARNINGS
        if not silent:
            logger.warning("%s: %s", self._sentence, error.storage_error)
