"""Counts in the memory of one process."""

import time
from threading import Lock
from typing import Final

from limits.storage import MemoryStorage

_FEW: Final = 1000


class ForgettingMemory(MemoryStorage):
    """Memory that forgets whose failures, or requests, are past.

    The storage of `limits` empties the list of a name or address, but keeps it for ever: who
    tries a new name each time would fill the memory. What it counts without a list it does
    forget, but with a new thread up to a hundred times a second, which looks at all of it:
    too much for what every request is counted by.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._enough = _FEW
        self._counts: dict[str, tuple[int, float]] = {}
        self._enough_counts = _FEW

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and now and then forget. The key is forgotten `expiry` seconds after its first."""
        now = time.monotonic()
        with self._lock:
            count, expires_at = self._counts.get(key, (0, now + expiry))
            if expires_at <= now:
                count, expires_at = 0, now + expiry
            self._counts[key] = (count + amount, expires_at)
            if len(self._counts) > self._enough_counts:
                self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
                self._enough_counts = max(_FEW, 2 * len(self._counts))
            return count + amount

    def get(self, key: str) -> int:
        """What has been counted."""
        count, expires_at = self._counts.get(key, (0, 0.0))
        return count if expires_at > time.monotonic() else 0

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
