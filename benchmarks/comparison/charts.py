"""Charts of results as small SVG files, which are text."""

import math
from collections.abc import Iterator
from html import escape

from benchmarks.comparison.report import number
from benchmarks.comparison.results import WorkResult

_WIDTH, _LEFT, _RIGHT = 720, 150, 90
_ROW, _TOP, _BOTTOM = 24, 44, 12
_OWN, _CEILINGS, _OTHERS = "#2563a8", "#7a7a7a", "#b4552d"
"""This registry; what it is measured against; other registries."""


def chart(work: WorkResult) -> str | None:
    """Bars for the targets of a work, the best first; None where nothing was measured.

    Each line stands for ten times the one before: what is compared differs by thousands.
    """
    found = {name: median for name in work.targets if (median := work.median(name))}
    if not found:
        return None
    rows = sorted(found.items(), key=lambda item: item[1], reverse=not work.less_is_better)
    low = math.floor(math.log10(min(found.values())) - 0.05)
    high = max(low + 1, math.ceil(math.log10(max(found.values()))))
    return "\n".join(_lines(work, rows, low, high)) + "\n"


def _lines(work: WorkResult, rows: list[tuple[str, float]], low: int, high: int) -> Iterator[str]:
    height = _TOP + _ROW * len(rows) + _BOTTOM
    unit = (_WIDTH - _LEFT - _RIGHT) / (high - low)
    title = escape(f"{work.title}, {work.unit}")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="13">'
    )
    yield f"<title>{title}</title>"
    yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    better = "less" if work.less_is_better else "more"
    heading = f"{title} ({better} is better)"
    yield f'<text x="8" y="18" font-weight="bold" fill="#1a1a1a">{heading}</text>'
    for decade in range(low, high + 1):
        x = _LEFT + (decade - low) * unit
        yield (
            f'<line x1="{x:.0f}" y1="{_TOP - 4}" x2="{x:.0f}" y2="{height - _BOTTOM}" '
            'stroke="#d0d0d0"/>'
        )
        yield (
            f'<text x="{x:.0f}" y="{_TOP - 8}" font-size="11" text-anchor="middle" '
            f'fill="#595959">{10.0**decade:,.10g}</text>'
        )
    for place, (name, value) in enumerate(rows):
        y = _TOP + place * _ROW
        width = (math.log10(value) - low) * unit
        yield (
            f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end" fill="#1a1a1a">'
            f"{escape(name)}</text>"
        )
        yield (
            f'<rect x="{_LEFT}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 7}" '
            f'fill="{_color(name)}"/>'
        )
        yield (
            f'<text x="{_LEFT + width + 6:.1f}" y="{y + 16}" fill="#1a1a1a">{number(value)}</text>'
        )
    yield "</svg>"


def _color(name: str) -> str:
    if name in {"devpi", "pypiserver"}:
        return _OTHERS
    return _CEILINGS if name in {"bare", "nginx", "copy"} else _OWN
