"""Work that is done a moment later, once for all who have asked for it meanwhile."""

import os
import threading
from collections.abc import Callable
from weakref import WeakSet


class Soon:
    """Does `work` in a thread of its own, within `seconds` after it was asked for.

    To ask costs next to nothing while somebody has asked already. A child that is forked has to
    ask anew. `work` takes care of what it raises.
    """

    def __init__(self, seconds: float, work: Callable[[], object]) -> None:
        self._seconds = seconds
        self._work = work
        self._is_asked = False
        _all.add(self)

    def __call__(self) -> None:
        """Ask for it."""
        if not self._is_asked:
            self._begin()

    def forget(self) -> None:
        """Nobody has asked: threads do not survive a fork."""
        self._is_asked = False

    def _begin(self) -> None:
        self._is_asked = True
        timer = threading.Timer(self._seconds, self._now)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:
            # The program ends: it starts no more threads.
            self._now()

    def _now(self) -> None:
        # Before the work: what comes meanwhile asks again.
        self._is_asked = False
        self._work()


_all: WeakSet[Soon] = WeakSet()


def _forget_all() -> None:
    for soon in _all:
        soon.forget()


os.register_at_fork(after_in_child=_forget_all)
