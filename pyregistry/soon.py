"""Work that is done a moment later, once for all who have asked for it meanwhile."""

import threading
from collections.abc import Callable


class Soon:
    """Does `work` in a thread of its own, within `seconds` after it was asked for.

    To ask costs next to nothing while somebody has asked already. A child that is forked has to
    ask anew. `work` takes care of what it raises.
    """

    def __init__(self, seconds: float, work: Callable[[], object]) -> None:
        self._seconds = seconds
        self._work = work
        self._timer: threading.Timer | None = None

    def __call__(self) -> None:
        """Ask for it."""
        timer = self._timer
        # Threads do not survive a fork.
        if timer is None or not timer.is_alive():
            self._begin()

    def _begin(self) -> None:
        self._timer = timer = threading.Timer(self._seconds, self._now)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:
            # The program ends: it starts no more threads.
            self._now()

    def _now(self) -> None:
        # Before the work: what comes meanwhile asks again.
        self._timer = None
        self._work()
