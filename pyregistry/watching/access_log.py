"""One line of the log for each request."""

import logging

from pyregistry.logs import FIELDS
from pyregistry.watching.exchange import Exchange

logger = logging.getLogger("pyregistry.access")


def log_exchange(exchange: Exchange) -> None:
    """Write the line: for people a sentence, for programs a field for each fact."""
    if not logger.isEnabledFor(logging.INFO):
        return
    seen = exchange.observation
    logger.info(
        "%s %s %d, %d bytes in %.3f s, for %s from %s",
        exchange.method,
        exchange.path,
        exchange.status,
        exchange.sent_bytes,
        exchange.seconds,
        seen.username or "nobody",
        exchange.client_address or "-",
        extra={FIELDS: _fields(exchange)},
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
