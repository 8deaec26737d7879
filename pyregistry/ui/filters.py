"""How templates write sizes, times and numbers."""

from datetime import UTC, date, datetime
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from pyregistry.sentences import plural, shown_size

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_AGES = (
    (365 * _DAY, "year"),
    (30 * _DAY, "month"),
    (_DAY, "day"),
    (_HOUR, "hour"),
    (_MINUTE, "minute"),
)


def ago(moment: datetime, now: datetime) -> str:
    """How long before `now` something was, roughly: `3 days ago`. Both aware."""
    seconds = int((now - moment).total_seconds())
    for length, noun in _AGES:
        if seconds >= length:
            return f"{plural(seconds // length, noun)} ago"
    # A clock that runs a little ahead is no reason to speak of the future.
    return "just now"


def exact(moment: datetime) -> str:
    """The moment for people, in UTC: `3 May 2026, 14:05 UTC`."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


@pass_context
def when(context: Context, moment: datetime) -> Markup:
    """A `<time>` element: how long ago, and the exact time for machines and on hover."""
    now: datetime = context["request"].now
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"), exact(moment), ago(moment, now)
    )


def on_day(day: date) -> Markup:
    """A `<time>` element of a day, in UTC: `3 May 2026`; of a moment with its time on hover."""
    if not isinstance(day, datetime):
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), _shown_day(day))
    moment = day.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), exact(moment), _shown_day(moment)
    )


def _shown_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def on_this_host(path: str) -> str:
    """The path of an address with one slash at its beginning: two would lead to another host.

    `//acme/core/` is answered as `/acme/core/` is, and a page that is there may link to itself.
    """
    return "/" + path.lstrip("/")


def by_label(sentence: str) -> str:
    """A refusal in the words of a form: the API's parameter is called as the field is."""
    return sentence.replace("expires_at", "“Expires on”")


FILTERS: dict[str, Any] = {
    "size": shown_size,
    "plural": plural,
    "exact": exact,
    "when": when,
    "on_day": on_day,
    "on_this_host": on_this_host,
    "by_label": by_label,
}
