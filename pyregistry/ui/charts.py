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
class Bar:
    """A rectangle in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one bar, both included, and what was counted on them."""

    first: date
    last: date
    count: int

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

    `identifier` is unique on the page, `noun` what is counted: `pulls`. `spans` are the places of
    the bars from left to right, each `pitch` wide; `lines` go from the highest to zero.
    """

    identifier: str
    title: str
    noun: str
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
        """All counts of the period."""
        return sum(span.count for span in self.spans)

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
        most = max(self.spans, key=lambda span: span.count)
        return f"{self.noun}: {self.total:,} {period}. The most, {most.count:,}, {_on(most)}."


def bar_chart(
    identifier: str,
    title: str,
    noun: str,
    counts: Iterable[tuple[date, int]],
    first: date,
    last: date,
) -> BarChart:
    """The bars of the days from `first` to `last`, both included, those of zero as well.

    Days without a count are zero; what was counted on other days is left out.
    """
    spans = _spans(counts, first, last)
    lines = _lines(max(span.count for span in spans))
    pitch = WIDTH / len(spans)
    return BarChart(
        identifier=identifier,
        title=title,
        noun=noun,
        spans=spans,
        bars=tuple(_bars(spans, pitch, lines[0].count)),
        lines=lines,
        pitch=_rounded(pitch),
    )


def day_label(day: date) -> str:
    """A day for people: `3 May 2026`."""
    return f"{day.day} {day:%b %Y}"


def _spans(counts: Iterable[tuple[date, int]], first: date, last: date) -> tuple[Span, ...]:
    days = (last - first).days + 1
    length = 1 if days <= MOST_BARS else 7
    totals = [0] * -(-days // length)
    for day, number in counts:
        if first <= day <= last:
            # Counted from the end: the newest week is a whole one, and no false drop.
            totals[-1 - (last - day).days // length] += number
    return tuple(
        Span(
            # The first may be shorter: what would be its first day may be before all days.
            last - timedelta(days=length * (len(totals) - place) - 1) if place else first,
            last - timedelta(days=length * (len(totals) - 1 - place)),
            total,
        )
        for place, total in enumerate(totals)
    )


def _bars(spans: Sequence[Span], pitch: float, top: int) -> Iterable[Bar]:
    for place, span in enumerate(spans):
        if span.count:
            yield Bar(
                x=_rounded((place + _GAP / 2) * pitch),
                y=_rounded(HEIGHT * (1 - span.count / top)),
                width=_rounded(pitch * (1 - _GAP)),
                height=_rounded(HEIGHT * span.count / top),
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
