"""The geometry of charts, and what they say in words."""

from datetime import date, timedelta

import pytest

from pyregistry.ui.charts import HEIGHT, MOST_BARS, WIDTH, BarChart, bar_chart

FIRST = date(2026, 5, 1)


def chart_of(*counts: int) -> BarChart:
    """A chart of so many days."""
    days = [(FIRST + timedelta(days=place), count) for place, count in enumerate(counts)]
    return bar_chart("c", "Pulls", "pulls", days, FIRST, days[-1][0])


def test_days_without_a_count_have_their_place() -> None:
    """An empty day is no day less: the bars of the others stand where they belong."""
    last = FIRST + timedelta(days=3)
    chart = bar_chart("c", "Pulls", "pulls", [(last, 2)], FIRST, last)
    assert [span.count for span in chart.spans] == [0, 0, 0, 2]
    (bar,) = chart.bars
    assert bar.x == pytest.approx(3.1 * WIDTH / 4)
    assert bar.width == pytest.approx(0.8 * WIDTH / 4)


def test_the_highest_count_lies_at_or_below_the_top_line() -> None:
    """Heights are in proportion to the top line, and stand on the ground."""
    chart = chart_of(3, 0, 8)
    assert [line.count for line in chart.lines] == [8, 6, 4, 2, 0]
    low, high = chart.bars
    assert (low.y, low.height) == (62.5, 37.5)
    assert (high.y, high.height) == (0, HEIGHT)


@pytest.mark.parametrize(
    ("highest", "counts"),
    [
        (0, [1, 0]),
        (1, [1, 0]),
        (3, [3, 2, 1, 0]),
        (5, [6, 4, 2, 0]),
        (9, [10, 5, 0]),
        (41, [60, 40, 20, 0]),
        (1_000_000, [1_000_000, 500_000, 0]),
    ],
)
def test_lines_stand_at_whole_round_counts(highest: int, counts: list[int]) -> None:
    """There are two to five of them, down to zero."""
    lines = chart_of(highest).lines
    assert [line.count for line in lines] == counts
    assert (lines[0].y, lines[-1].y) == (0, HEIGHT)


def test_what_was_counted_on_other_days_is_left_out() -> None:
    """A chart shows its period only; two counts of a day are added up."""
    counts = [(FIRST - timedelta(days=1), 5), (FIRST, 1), (FIRST, 2), (date(2027, 1, 1), 9)]
    assert bar_chart("c", "Pulls", "pulls", counts, FIRST, FIRST).total == 3


def test_longer_periods_are_drawn_by_week() -> None:
    """The newest week is a whole one; the oldest has what is left."""
    assert chart_of(*[1] * MOST_BARS).is_by_day
    chart = chart_of(*[1] * 365)
    assert not chart.is_by_day
    assert len(chart.spans) == 53
    assert chart.spans[0].count == 1
    assert chart.spans[-1].count == 7
    assert chart.spans[0].first == FIRST
    assert chart.spans[-1].last == FIRST + timedelta(days=364)
    assert all(
        later.first - earlier.last == timedelta(days=1)
        for earlier, later in zip(chart.spans, chart.spans[1:], strict=False)
    )
    assert chart.total == 365


def test_it_says_in_words_what_it_shows() -> None:
    """Who does not see the bars learns the total, the period and the highest."""
    assert chart_of(1, 0, 4).description == (
        "pulls: 5 from 1 May 2026 to 3 May 2026. The most, 4, on 3 May 2026."
    )
    assert chart_of(0, 0).description == "Nothing from 1 May 2026 to 2 May 2026."


def test_marks_are_the_first_the_middle_and_the_last_day() -> None:
    """A single day is named once."""
    assert chart_of(1).marks == ("1 May 2026",)
    assert chart_of(1, 1).marks == ("1 May 2026", "2 May 2026")
    assert chart_of(1, 1, 1, 1, 1).marks == ("1 May 2026", "3 May 2026", "5 May 2026")


def test_the_first_and_the_last_of_all_days() -> None:
    for first, last in (
        (date.min, date.min + timedelta(days=364)),
        (date.max - timedelta(days=364), date.max),
    ):
        spans = bar_chart("x", "X", "pulls", [], first, last).spans
        assert (spans[0].first, spans[0].last) == (first, first)
        assert (len(spans), spans[-1].last) == (53, last)
