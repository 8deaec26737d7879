"""What has to be done before the process ends.

A normal stop is the end of the program and, where `pyregistry.server` serves,
SIGTERM and SIGINT after the last request. A process that is killed, or a
worker that its server ends by `os._exit`, runs nothing of this.
"""

import atexit
import logging
from collections.abc import Callable
from threading import Lock

log = logging.getLogger(__name__)


class StopRegistry:
    """Functions that run once, the last registered first, when the process stops."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], object]] = []
        self._lock = Lock()

    def on_stop(self, callback: Callable[[], object]) -> None:
        """Have `callback` run when the process stops.

        It runs in the main thread, when no request is being served any more.
        What it raises is logged, and the others still run.
        """
        with self._lock:
            self._callbacks.append(callback)

    def stop(self) -> None:
        """Run what is registered and has not run yet."""
        while True:
            with self._lock:
                if not self._callbacks:
                    return
                callback = self._callbacks.pop()
            try:
                callback()
            except Exception:
                log.exception("Stopping: %r failed", callback)


_registry = StopRegistry()
on_stop = _registry.on_stop
stop = _registry.stop

atexit.register(stop)
