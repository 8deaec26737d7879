"""One line of the log for each request.

Through the records, handlers and formatters of `logging` a line takes as long as everything else
that is done for a request which is answered from memory. Where the line is one of JSON, it is made
when it is written, together with many others; what it says is the same.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from pyregistry.log_batches import BatchingHandler
from pyregistry.logs import FIELDS, JSONFormatter
from pyregistry.watching.access_json import json_line
from pyregistry.watching.exchange import Exchange

_NAME: Final = "pyregistry.access"
logger = logging.getLogger(_NAME)


_SENTENCE: Final = "%s %s %d, %d bytes in %.3f s, for %s from %s"
_SAME: Final = vars(
    logging.LogRecord(_NAME, logging.INFO, __file__, 0, _SENTENCE, (), None, "log_exchange")
)
"""What all lines have alike. `Logger.info` finds it out for each of them, in thrice the time."""
_START: Final = _SAME["created"] - _SAME["relativeCreated"] / 1000


class _Ended:
    """A request that has ended, for a line that is made later."""

    __slots__ = ("created", "exchange", "thread")

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.created = time.time()
        self.thread = threading.current_thread()

    def __str__(self) -> str:
        """The line in JSON."""
        line = json_line(self.exchange, _NAME, self.created, self.thread.name)
        return JSONFormatter().format(_Line(self)) if line is None else line


class _Line(logging.LogRecord):
    """The record of a request."""

    def __init__(self, ended: _Ended) -> None:
        vars(self).update(_SAME)
        exchange, created = ended.exchange, ended.created
        seen = exchange.observation
        self.args = (
            exchange.method,
            exchange.path,
            exchange.status,
            exchange.sent_bytes,
            exchange.seconds,
            seen.username or "nobody",
            exchange.client_address or "-",
        )
        self.created = created
        self.msecs = float(int(created % 1 * 1000))
        self.relativeCreated = (created - _START) * 1000
        self.thread = ended.thread.ident
        self.threadName = ended.thread.name
        self.process = os.getpid()
        setattr(self, FIELDS, _fields(exchange))


def log_exchange(exchange: Exchange) -> None:
    """Write the line: for people a sentence, for programs a field for each fact."""
    if not logger.isEnabledFor(logging.INFO):
        return
    ended = _Ended(exchange)
    handlers = list(_handlers())
    if handlers and not logger.filters and all(map(_makes_json_later, handlers)):
        for handler in handlers:
            handler.take(ended)
    else:
        logger.handle(_Line(ended))


def _handlers() -> Iterator[Any]:
    """The handlers that `logging` would call."""
    above: logging.Logger | None = logger
    while above is not None:
        yield from above.handlers
        above = above.parent if above.propagate else None


def _makes_json_later(handler: logging.Handler) -> bool:
    return (
        type(handler) is BatchingHandler
        and type(handler.formatter) is JSONFormatter
        and handler.level <= logging.INFO
        and not handler.filters
    )


def _fields(exchange: Exchange) -> dict[str, object]:
    seen = exchange.observation
    return {
        "request_id": exchange.request_id,
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "duration_seconds": round(exchange.seconds, 6),
        "received_bytes": exchange.received_bytes,
        "sent_bytes": exchange.sent_bytes,
        "client_address": exchange.client_address,
        "view": seen.view,
        "user_id": seen.user_id,
        "username": seen.username,
        "credential": seen.credential,
    }
