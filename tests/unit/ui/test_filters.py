"""How templates write times."""

from datetime import timedelta

import pytest

from pyregistry.ui.filters import ago, exact
from tests.factories.world import START


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=59), "1 month ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ages(age: timedelta, text: str) -> None:
    assert ago(START - age, START) == text


def test_exact_times() -> None:
    assert exact(START) == "23 November 2026, 12:00 UTC"
