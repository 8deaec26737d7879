"""The last day of a membership, as people give it, and the moment at which it ends."""

from datetime import UTC, date, datetime, time, timedelta

from pyregistry.errors import Invalid


def end_of(last_day: date) -> datetime:
    """The moment (UTC) at which a role ends that holds to the end of that day.

    Raises `Invalid` for the last day that there is.
    """
    try:
        return datetime.combine(last_day, time(), UTC) + timedelta(days=1)
    except OverflowError:
        raise Invalid("There is no day after this one: choose an earlier date.") from None


def last_day_of(end: datetime) -> date:
    """The last day (UTC) on which a role holds that ends at that moment."""
    return (end.astimezone(UTC) - timedelta(microseconds=1)).date()
