"""How templates write times."""

from datetime import date, timedelta

import pytest

from pyregistry.ui.filters import ago, exact, on_day, on_this_host
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


def test_days() -> None:
    assert on_day(date(2027, 5, 3)) == '<time datetime="2027-05-03">3 May 2027</time>'
    assert on_day(START) == (
        '<time datetime="2026-11-23T12:00:00+00:00" title="23 November 2026, 12:00 UTC">'
        "23 November 2026</time>"
    )


@pytest.mark.parametrize("path", ["/acme/?q=//x", "//acme/?q=//x", "///acme/?q=//x"])
def test_no_path_leads_to_another_host(path: str) -> None:
    assert on_this_host(path) == "/acme/?q=//x"
