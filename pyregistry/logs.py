"""How lines of the log look.

An ini file can name a formatter's class, but no filter: so it is the formatter that knows
which request a line belongs to.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from pyregistry.http.request_ids import NO_REQUEST, current_request_id
from pyregistry.redaction import redacted

FIELDS: Final = "fields"
"""What a record of the log carries besides its sentence: `extra={FIELDS: {…}}`, for JSON."""
_encode: Final = json.JSONEncoder(default=str).encode
TEXT: Final = "text"
JSON: Final = "json"


class RequestFormatter(logging.Formatter):
    """A formatter whose format may hold `%(request_id)s`: `-` in lines that are of no request.

    What has the form of a secret is taken out of every line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line; made by the thread that answers the request."""
        record.request_id = current_request_id()
        return redacted(super().format(record))


class JSONFormatter(RequestFormatter):
    """A formatter that makes a JSON object of each line, with a traceback in it as a text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: what all lines have, then what this one has."""
        request_id = current_request_id()
        message = record.getMessage()
        line: dict[str, Any] = {
            "time": time_of(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            "process": record.process,
            "thread": record.threadName,
        }
        if request_id != NO_REQUEST:
            line["request_id"] = request_id
        fields: dict[str, Any] = getattr(record, FIELDS, {})
        line |= fields
        # Together, where there is nothing to take out, as in nearly every line.
        texts = "\n".join([message, *[each for each in fields.values() if isinstance(each, str)]])
        if redacted(texts) != texts:
            line["message"] = redacted(message)
            line |= {
                name: redacted(value) for name, value in fields.items() if isinstance(value, str)
            }
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = redacted(self.formatStack(record.stack_info))
        return _encode(line)


def time_of(moment: float) -> str:
    """A moment in seconds since 1970, as a line of JSON tells it."""
    return f"{_second(int(moment))}.{int(moment % 1 * 1000):03}+00:00"


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    """A moment in whole seconds since 1970, as ISO 8601 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def use_format(name: str) -> None:
    """Have the log written as `text`, as the ini file says, or as `json`.

    It concerns the handlers whose formatter is one of ours; others are left as they are.
    """
    for handler in _handlers():
        if name == JSON and isinstance(handler.formatter, RequestFormatter):
            handler.setFormatter(JSONFormatter())


def _handlers() -> Iterator[logging.Handler]:
    loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            yield from logger.handlers
