"""Charts of counts by day, as numbers that a template draws: no library, no script, no style.

The drawing holds bars alone, and is stretched to whatever width the page gives it; words stand
beside it as text, so that they are as large on a phone as on a wide screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 100
MOST_BARS: Final = 92
"""A quarter of a year by day; the bars of longer periods are weeks, or they would be hairs."""

_GAP: Final = 0.2
"""The part of a bar's place that stays empty."""
_STEPS: Final = 4
_MIDDLE_FROM: Final = 5


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one thing by day, and what it is called: `pulls`. Days without one are zero."""

    label: str
    counts: Iterable[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in the units of the drawing; `series` is the place of its series, from 1."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one bar, both included, with the count of each series in order."""

    first: date
    last: date
    counts: tuple[int, ...]

    @property
    def label(self) -> str:
        """The day, or the days from and to."""
        if self.first == self.last:
            return day_label(self.first)
        return f"{day_label(self.first)} to {day_label(self.last)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the drawing, and the count that it stands for."""

    y: float
    count: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """What a template needs to draw the bars and to say the same in words and in a table.

    `identifier` is unique on the page. `spans` are the places of the bars from left to right,
    each `pitch` wide; `lines` go from the highest to zero.
    """

    identifier: str
    title: str
    labels: tuple[str, ...]
    totals: tuple[int, ...]
    spans: tuple[Span, ...]
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    pitch: float

    @property
    def view_box(self) -> str:
        """The drawing's own units, as SVG names them."""
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def total(self) -> int:
        """All counts of all series."""
        return sum(self.totals)

    @property
    def is_by_day(self) -> bool:
        """Whether each bar is one day."""
        return all(span.first == span.last for span in self.spans)

    @property
    def marks(self) -> tuple[str, ...]:
        """The days below the drawing: the first, the middle of a longer period, the last."""
        first, last = self.spans[0].first, self.spans[-1].last
        days = [first, last]
        if len(self.spans) >= _MIDDLE_FROM:
            days.insert(1, first + (last - first) // 2)
        return tuple(day_label(day) for day in dict.fromkeys(days))

    @property
    def description(self) -> str:
        """The drawing in a sentence, for those who do not see it."""
        first, last = self.spans[0].first, self.spans[-1].last
        period = f"from {day_label(first)} to {day_label(last)}"
        if not self.total:
            return f"Nothing {period}."
        counted = ", ".join(
            f"{label}: {total:,}" for label, total in zip(self.labels, self.totals, strict=True)
        )
        most = max(self.spans, key=lambda span: sum(span.counts))
        return f"{counted} {period}. The most, {sum(most.counts):,}, {_on(most)}."


def bar_chart(
    identifier: str, title: str, series: Sequence[Series], first: date, last: date
) -> BarChart:
    """The bars of the days from `first` to `last`, both included, those of zero as well.

    Several series stand on top of each other. What was counted on other days is left out.
    """
    spans = _spans(series, first, last)
    lines = _lines(max(sum(span.counts) for span in spans))
    pitch = WIDTH / len(spans)
    return BarChart(
        identifier=identifier,
        title=title,
        labels=tuple(each.label for each in series),
        totals=tuple(map(sum, zip(*(span.counts for span in spans), strict=True))),
        spans=spans,
        bars=tuple(_bars(spans, pitch, lines[0].count)),
        lines=lines,
        pitch=_rounded(pitch),
    )


def day_label(day: date) -> str:
    """A day for people: `3 May 2026`."""
    return f"{day.day} {day:%b %Y}"


def _spans(series: Sequence[Series], first: date, last: date) -> tuple[Span, ...]:
    days = (last - first).days + 1
    length = 1 if days <= MOST_BARS else 7
    count = -(-days // length)
    totals = [[0] * len(series) for _ in range(count)]
    for place, each in enumerate(series):
        for day, number in each.counts:
            if first <= day <= last:
                # Counted from the end: the newest week is a whole one, and no false drop.
                totals[count - 1 - (last - day).days // length][place] += number
    return tuple(
        Span(
            # The first week may be cut short: what is before it may be no date at all.
            last - timedelta(days=min(days, length * (count - place)) - 1),
            last - timedelta(days=length * (count - 1 - place)),
            tuple(numbers),
        )
        for place, numbers in enumerate(totals)
    )


def _bars(spans: Sequence[Span], pitch: float, top: int) -> Iterable[Bar]:
    for place, span in enumerate(spans):
        below = 0
        for series, number in enumerate(span.counts, 1):
            if number:
                below += number
                yield Bar(
                    x=_rounded((place + _GAP / 2) * pitch),
                    y=_rounded(HEIGHT * (1 - below / top)),
                    width=_rounded(pitch * (1 - _GAP)),
                    height=_rounded(HEIGHT * number / top),
                    series=series,
                )


def _lines(highest: int) -> tuple[Line, ...]:
    """Lines at whole counts that read well, as far apart as each other, down to zero."""
    step = _step(highest)
    steps = max(1, -(-highest // step))
    return tuple(
        Line(_rounded(HEIGHT * (1 - place / steps)), place * step) for place in range(steps, -1, -1)
    )


def _step(highest: int) -> int:
    """The least of 1, 2, 5, 10, 20 … of which a few reach the highest count."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * _STEPS >= highest:
                return factor * power
        power *= 10


def _rounded(number: float) -> float:
    return round(number, 2)


def _on(span: Span) -> str:
    return f"on {span.label}" if span.first == span.last else f"from {span.label}"
