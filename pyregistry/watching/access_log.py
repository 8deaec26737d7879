"""One line of the log for each request."""

import logging
import os
import threading
import time
from typing import Final

from pyregistry.logs import FIELDS
from pyregistry.watching.exchange import Exchange

_NAME: Final = "pyregistry.access"
logger = logging.getLogger(_NAME)


_SENTENCE: Final = "%s %s %d, %d bytes in %.3f s, for %s from %s"
_SAME: Final = vars(
    logging.LogRecord(_NAME, logging.INFO, __file__, 0, _SENTENCE, (), None, "log_exchange")
)
"""What all lines have alike. `Logger.info` finds it out for each of them, in thrice the time."""
_START: Final = _SAME["created"] - _SAME["relativeCreated"] / 1000


class _Line(logging.LogRecord):
    """The record of a request."""

    def __init__(self, exchange: Exchange) -> None:
        vars(self).update(_SAME)
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
        self.created = created = time.time()
        self.msecs = float(int(created % 1 * 1000))
        self.relativeCreated = (created - _START) * 1000
        self.thread = threading.get_ident()
        self.threadName = threading.current_thread().name
        self.process = os.getpid()
        setattr(self, FIELDS, _fields(exchange))


def log_exchange(exchange: Exchange) -> None:
    """Write the line: for people a sentence, for programs a field for each fact."""
    if not logger.isEnabledFor(logging.INFO):
        return
    logger.handle(_Line(exchange))


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
