"""A line of the access log in JSON, most of which is made once for all requests that are alike."""

import os
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Final, NamedTuple

from pyregistry.logs import time_of
from pyregistry.redaction import redacted
from pyregistry.watching.exchange import Exchange

_KEPT: Final = 512
"""The same are asked for again and again. A path may have 3 KB."""


class _Known(NamedTuple):
    """What requests that are alike have alike in their lines, as JSON writes it."""

    asked: str
    answered: str
    fields: str


def json_line(exchange: Exchange, logger: str, created: float, thread: str) -> str | None:
    """What `JSONFormatter` makes of the record of an exchange that ended at a moment in a thread.

    None where something has the form of a secret, which the formatter takes out.
    """
    seen = exchange.observation
    known = _known(
        exchange.method,
        exchange.path,
        exchange.client_address,
        seen.view,
        seen.user_id,
        seen.username,
        seen.credential,
    )
    request_id = exchange.request_id
    if known is None or redacted(request_id) != request_id:
        return None
    return (
        f'{{"time": "{time_of(created)}", "level": "INFO", "logger": {_quoted(logger)}, '
        f'"message": "{known.asked}{exchange.status}, {exchange.sent_bytes} bytes '
        f'in {exchange.seconds:.3f} s{known.answered}", "process": {os.getpid()}, '
        f'"thread": {_quoted(thread)}, "request_id": {encode_basestring_ascii(request_id)}, '
        f'{known.fields}, "status": {exchange.status}, '
        f'"duration_seconds": {round(exchange.seconds, 6)}, '
        f'"received_bytes": {exchange.received_bytes}, "sent_bytes": {exchange.sent_bytes}}}'
    )


@lru_cache(maxsize=_KEPT)
def _known(
    method: str,
    path: str,
    client_address: str | None,
    view: str,
    user_id: int | None,
    username: str | None,
    credential: str | None,
) -> _Known | None:
    asked = f"{method} {path} "
    answered = f", for {username or 'nobody'} from {client_address or '-'}"
    texts = {
        "method": method,
        "path": path,
        "client_address": client_address,
        "view": view,
        "username": username,
        "credential": credential,
    }
    # With numbers: what stands before and behind them may have the form of a secret together.
    message = f"{asked}200, 0 bytes in 0.000 s{answered}"
    together = "\n".join([message, *(text for text in texts.values() if text is not None)])
    if redacted(together) != together:
        return None
    fields = [f'"{name}": {_quoted(text)}' for name, text in texts.items()]
    return _Known(
        _quoted(asked)[1:-1],
        _quoted(answered)[1:-1],
        ", ".join([*fields, f'"user_id": {"null" if user_id is None else user_id}']),
    )


@lru_cache(maxsize=_KEPT)
def _quoted(text: str | None) -> str:
    return "null" if text is None else encode_basestring_ascii(text)
