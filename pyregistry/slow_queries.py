"""The log of slow queries: what the database took long for, and in which request.

The text of a statement is logged, its values never: they are people's.
"""

import logging
import time
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

logger = logging.getLogger(__name__)

_BEGAN: Final = "pyregistry.statement_began"
_LONGEST_TEXT: Final = 2000


def log_slow_queries(engine: Engine, limit: timedelta) -> None:
    """Have statements that take `limit` or longer logged, also those that fail.

    The time is that until the database has answered; `pyregistry.logs` writes the id of the
    request into the line.
    """
    seconds = limit.total_seconds()

    def began(connection: Any, *_rest: Any) -> None:
        connection.info[_BEGAN] = time.perf_counter()

    def ended(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        _log(connection.info.pop(_BEGAN, None), statement, seconds, "")

    def failed(context: ExceptionContext) -> None:
        connection, statement = context.connection, context.statement
        if connection is not None and statement is not None and not connection.invalidated:
            _log(connection.info.pop(_BEGAN, None), statement, seconds, ", and failed")

    event.listen(engine, "before_cursor_execute", began)
    event.listen(engine, "after_cursor_execute", ended)
    event.listen(engine, "handle_error", failed)


def _log(began: float | None, statement: str, seconds: float, end: str) -> None:
    took = time.perf_counter() - began if began is not None else 0.0
    if began is None or took < seconds:
        return
    text = " ".join(statement.split())
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]} …"
    fields = {"seconds": round(took, 6), "statement": text}
    logger.warning("a statement took %.3f seconds%s: %s", took, end, text, extra={"fields": fields})
