"""The period whose counts are asked for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.usage.filters import DEFAULT_DAYS, MAXIMUM_DAYS, days_of

YEAR = timedelta(days=MAXIMUM_DAYS - 1)
days = st.dates()


@given(today=days)
def test_without_any_day(today: date) -> None:
    first, last = days_of(None, None, today)
    assert last == today
    assert first == date.min or (last - first).days == DEFAULT_DAYS - 1


@given(first=days, today=days)
def test_from_a_day_on(first: date, today: date) -> None:
    begin, end = days_of(first, None, today)
    assert begin == first
    # Until today, but neither for more than a year nor before the first day.
    assert end in (today, first, date.max) or end - first == YEAR
    assert first <= end
    assert end - first <= YEAR


@given(last=days, today=days)
def test_until_a_day(last: date, today: date) -> None:
    begin, end = days_of(None, last, today)
    assert end == last
    assert begin == date.min or (end - begin).days == DEFAULT_DAYS - 1


@given(first=days, last=days, today=days)
def test_between_two_days(first: date, last: date, today: date) -> None:
    if first <= last and last - first <= YEAR:
        assert days_of(first, last, today) == (first, last)
    else:
        with pytest.raises(Invalid, match="from"):
            days_of(first, last, today)
