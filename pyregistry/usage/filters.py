"""Which counts are asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pyregistry.errors import Invalid
from pyregistry.events.counted import CountedAction

MAXIMUM_DAYS = 366
DEFAULT_DAYS = 30


class Grouping(StrEnum):
    """What the counts of one row have in common besides the action."""

    DAY = "day"
    PACKAGE = "package"
    ACTION = "action"
    """Nothing: a row is the total of all days and packages."""


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """The days from `first` to `last`, both included (UTC); None chooses every one of the rest."""

    first: date
    last: date
    package: str | None = None
    """A normalised name."""
    action: CountedAction | None = None


def days_of(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The first and the last day of a period; without either the last 30 days.

    Raises `Invalid`, naming the parameters `from` and `to`, where it ends before it begins or
    has more than 366 days.
    """
    if last is None:
        last = today
        if first is not None:
            last = max(first, min(today, _days_later(first, MAXIMUM_DAYS - 1)))
    first = first or _days_later(last, 1 - DEFAULT_DAYS)
    if last < first:
        raise Invalid("The last day (to) must not be before the first one (from).")
    if (last - first).days >= MAXIMUM_DAYS:
        raise Invalid(f"The parameters from and to can be {MAXIMUM_DAYS} days apart at most.")
    return first, last


def _days_later(day: date, days: int) -> date:
    """So many days later; the first or the last day that there is where that is too far."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
