"""Conditional requests and content codings: is what the client holds still right?

An entity-tag is passed around as the header spells it, with its quotes.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from pyramid.request import Request

from pyregistry.errors import PreconditionFailed
from pyregistry.http.preferences import parse_preferences

GZIP_SUFFIX: Final = "-gzip"
"""Tells the compressed bytes of a page from the plain ones: two representations
need two strong entity-tags (RFC 9110 section 8.8.3.3)."""

_OPAQUE = r"[\x21\x23-\x7e\x80-\xff]*"
_STRONG_PATTERN = re.compile(rf'"{_OPAQUE}"')
_LISTED_PATTERN = re.compile(rf'[ \t]*+(?:(?:W/)?("{_OPAQUE}")[ \t]*+)?(?:,|\Z)')


def strong_etag(opaque: str) -> str:
    """The strong entity-tag with `opaque` between its quotes.

    Raises `ValueError` where `opaque` holds a character that a header cannot carry.
    """
    etag = f'"{opaque}"'
    if _STRONG_PATTERN.fullmatch(etag) is None:
        raise ValueError(f"not an opaque tag: {opaque!r}")
    return etag


def gzip_etag(etag: str) -> str:
    """The entity-tag of the gzip variant of the page that has `etag`."""
    return f'{etag[:-1]}{GZIP_SUFFIX}"'


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, so that a read may be answered 304.

    Compares weakly (RFC 9110 sections 13.1.2 and 8.8.3.2), and takes a page
    and its gzip variant for the same. Never raises; a malformed list ends
    where it stops making sense.
    """
    if if_none_match is None:
        return False
    if if_none_match.strip(" \t") == "*":
        return True
    current = _plain(etag.removeprefix("W/"))
    position = 0
    while position < len(if_none_match):
        listed = _LISTED_PATTERN.match(if_none_match, position)
        if listed is None:
            return False
        if listed[1] is not None and _plain(listed[1]) == current:
            return True
        position = listed.end()
    return False


def if_range_matches(
    if_range: str | None, etag: str, last_modified: datetime | None = None
) -> bool:
    """Whether a `Range` may be honoured: there is no `If-Range`, or it names these very bytes.

    Compares strongly: a weak entity-tag, or that of the gzip variant, never
    matches. A date matches only `last_modified` exactly, to the second (RFC
    9110 section 13.1.5). Never raises; what cannot be parsed does not match.
    """
    if if_range is None:
        return True
    validator = if_range.strip(" \t")
    if validator.startswith(('"', "W/")):
        return validator == etag and _STRONG_PATTERN.fullmatch(etag) is not None
    return last_modified is not None and _http_date(validator) == last_modified.replace(
        microsecond=0
    )


def check_unmodified_since(request: Request, changed_at: datetime) -> None:
    """Raise `PreconditionFailed` for what has changed since the date in `If-Unmodified-Since`.

    To the second, as the header tells it. A date that cannot be read is no condition (RFC
    9110 section 13.1.4).
    """
    header = request.headers.get("If-Unmodified-Since")
    moment = _http_date(header.strip(" \t")) if header is not None else None
    if moment is not None and changed_at.replace(microsecond=0) > moment:
        raise PreconditionFailed(
            f"This was changed on {format_datetime(changed_at.astimezone(UTC), usegmt=True)}: look"
            " at it again first."
        )


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether the client wants gzip at least as much as the plain bytes.

    Without the header the plain bytes are the safe answer. An explicit
    `gzip` (or `x-gzip`) counts before `*` (RFC 9110 section 12.5.3). Never raises.
    """
    if accept_encoding is None:
        return False
    wanted: dict[str, int] = {}
    for preference in parse_preferences(accept_encoding):
        coding = preference.value.removeprefix("x-")
        wanted[coding] = max(preference.quality, wanted.get(coding, 0))
    gzip_quality = wanted.get("gzip", wanted.get("*", 0))
    return gzip_quality > 0 and gzip_quality >= wanted.get("identity", 0)


def _plain(etag: str) -> str:
    return f'{etag[:-1].removesuffix(GZIP_SUFFIX)}"'


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
