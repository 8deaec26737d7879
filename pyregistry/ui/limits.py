"""The limits in force, as a page shows them: the settings that hold somebody back."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final

from pyregistry.sentences import plural, shown_size
from pyregistry.settings import PREFIX, Rate, Setting, Settings

_CHAPTERS: Final = (
    ("Uploads", ("upload.", "archive.")),
    ("Failures", ("throttle.sign_in", "throttle.token_failures")),
    ("Requests", ("throttle.api", "throttle.packages")),
    ("Signing in", ("sessions.", "passwords.", "tokens.")),
)
"""The titles of the page, and how the keys below each begin. No secret is among them."""

_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Limit:
    """One setting: its key, its value as people read it, and what it says."""

    key: str
    value: str
    meaning: str


def limits_in_force(settings: Settings) -> list[tuple[str, list[Limit]]]:
    """The limits, by chapter, in the order of the settings' own documentation."""
    rows: list[tuple[Setting, Any]] = [
        (row.metadata["setting"], getattr(settings, row.name)) for row in fields(settings)
    ]
    return [
        (
            title,
            [
                Limit(row.key, _shown(row, value), row.meaning.replace("`", ""))
                for row, value in rows
                if not row.secret and row.key.removeprefix(PREFIX).startswith(beginnings)
            ],
        )
        for title, beginnings in _CHAPTERS
    ]


def _shown(row: Setting, value: Any) -> str:
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Rate):
        return f"{value.amount:,} in {shown_duration(value.window)}"
    if isinstance(value, timedelta):
        return shown_duration(value)
    if isinstance(value, int):
        return shown_size(value) if row.unit == "bytes" else f"{value:,}"
    return str(value)


def shown_duration(length: timedelta) -> str:
    """A duration in the largest unit that gives a whole number: `14 days`, `90 minutes`."""
    seconds = int(length.total_seconds())
    for size, noun in _UNITS:
        if seconds and seconds % size == 0:
            return plural(seconds // size, noun)
    return plural(seconds, "second")
