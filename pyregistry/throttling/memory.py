"""Counts in the memory of one process."""

from threading import Lock
from typing import Final

from limits.storage import MemoryStorage

_FEW: Final = 1000


class ForgettingMemory(MemoryStorage):
    """Memory that forgets whose failures are past.

    The storage of `limits` empties the list of a name or address, but keeps it for ever: who
    tries a new name each time would fill the memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._enough = _FEW

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, and now and then forget: never while another thread counts."""
        with self._lock:
            acquired = super().acquire_entry(key, limit, expiry, amount)
            if len(self.events) > self._enough:
                self._forget()
            return acquired

    def _forget(self) -> None:
        for key in list(self.events):
            if not self.events[key]:
                self.clear(key)
        # Twice as many: so that each count pays for a constant share of this.
        self._enough = max(_FEW, 2 * len(self.events))
