"""What has to be done when a process begins to serve, and before it ends.

A normal stop is the end of the program and, where `pyregistry.server` or
`pyregistry.prefork` serves, SIGTERM after the last request. A process that is
killed, or a worker that its server ends by `os._exit`, runs nothing of this.
"""

import atexit
import gc
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import FrameType, TracebackType

log = logging.getLogger(__name__)


class ForkRegistry:
    """Functions that run in each worker process, before its first request.

    `pserve` builds the application once, and a server with several processes forks then:
    what must not be shared with the parent and the other workers is given up here.
    """

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], object]] = []

    def on_fork(self, callback: Callable[[], object]) -> None:
        """Have `callback` run in every worker. What it raises ends the worker."""
        self._callbacks.append(callback)

    def forked(self) -> None:
        """Run what is registered, in the order in which it was. A server calls it in a worker."""
        for callback in self._callbacks:
            callback()


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


@contextmanager
def building() -> Iterator[None]:
    """Let the collector of garbage be while the application is built, and of what was built.

    Nearly all that a start makes stays. To look through it again and again took a fifth of
    the start, and would stop every request for a tenth of a second now and then; in a worker
    it would copy the memory, too, that it shares with the process that it was forked from.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def lines_of_source_left_out() -> Iterator[None]:
    """Let Pyramid not read the line of source of each view while it finds them.

    It would say it where two views are in each other's way; file and number of the line, which it
    says as well, are enough. To find all the lines took a fifth of the start.
    """
    whole = inspect.getframeinfo
    inspect.getframeinfo = _place_of
    try:
        yield
    finally:
        inspect.getframeinfo = whole


def _place_of(frame: FrameType | TracebackType, context: int = 1) -> inspect.Traceback:
    """What `inspect.getframeinfo` says of a frame, with an empty line for its source."""
    del context
    if isinstance(frame, TracebackType):
        frame = frame.tb_frame
    code = frame.f_code
    return inspect.Traceback(code.co_filename, frame.f_lineno, code.co_name, [""], 0)


_registry = StopRegistry()
on_stop = _registry.on_stop
stop = _registry.stop

_forks = ForkRegistry()
on_fork = _forks.on_fork
forked = _forks.forked

atexit.register(stop)
