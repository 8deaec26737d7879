"""What time it is, in one place, so that tests can say what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)
