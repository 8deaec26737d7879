"""Which representation of a simple page a client gets."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from http import HTTPStatus
from typing import Final

from pyregistry.errors import Refusal
from pyregistry.http.preferences import Preference, parse_preferences


class MediaType(StrEnum):
    """The concrete media types of the simple repository API."""

    JSON = "application/vnd.pypi.simple.v1+json"
    HTML = "application/vnd.pypi.simple.v1+html"
    TEXT_HTML = "text/html"

    @property
    def content_type(self) -> str:
        """The value of `Content-Type`; JSON is UTF-8 by definition."""
        return self.value if self is MediaType.JSON else f"{self.value}; charset=utf-8"


class NotAcceptable(Refusal):
    """None of the media types that the client takes can be given."""

    status = HTTPStatus.NOT_ACCEPTABLE


class _Precision(IntEnum):
    """How exactly a media range names a type; the most exact range decides."""

    ANY = 1
    TOP_LEVEL = 2
    LATEST = 3
    EXACT = 4


_LATEST: Final = {
    MediaType.JSON: "application/vnd.pypi.simple.latest+json",
    MediaType.HTML: "application/vnd.pypi.simple.latest+html",
}
_BY_NAME: Final = {
    **{media_type.value: media_type for media_type in MediaType},
    **{latest: media_type for media_type, latest in _LATEST.items()},
}
_ORDER_OF_NAMED: Final = (MediaType.JSON, MediaType.HTML, MediaType.TEXT_HTML)
_ORDER_OF_ANY: Final = (MediaType.TEXT_HTML, MediaType.JSON, MediaType.HTML)
_KNOWN: Final = f"{MediaType.JSON}, {MediaType.HTML} or {MediaType.TEXT_HTML}"


def negotiate(accept: str | None, format_parameter: str | None) -> MediaType:
    """The media type to answer with.

    `accept` is the `Accept` header, `format_parameter` the query parameter
    `format`, which overrides it. Without a preference this is text/html; a
    `latest` type gives the concrete one. What cannot be parsed in the header
    is ignored. Raises `NotAcceptable` where that parameter is not exactly one known
    type or the header leaves none.

    Simple repository API, "Version + Format Selection"; RFC 9110 section 12.5.1.
    """
    if format_parameter is not None:
        return _from_format(format_parameter)
    ranges = [p for p in parse_preferences(accept or "") if _is_media_range(p.value)]
    if not ranges:
        return MediaType.TEXT_HTML
    ranked = [
        (quality, _tie_break(media_type, precision), media_type)
        for media_type in MediaType
        for precision, quality in [_weigh(media_type, ranges)]
        if quality > 0
    ]
    if not ranked:
        raise NotAcceptable(f"The Accept header must allow {_KNOWN}.")
    return max(ranked)[2]


def _from_format(name: str) -> MediaType:
    # In a query string `+` means a space, yet the specification's own
    # examples write the media type there unquoted.
    media_type = _BY_NAME.get(name.strip().lower().replace(" ", "+"))
    if media_type is None:
        raise NotAcceptable(f"The query parameter format must be {_KNOWN}.")
    return media_type


def _is_media_range(value: str) -> bool:
    top_level, slash, subtype = value.partition("/")
    return bool(slash) and (top_level != "*" or subtype == "*")


def _weigh(media_type: MediaType, ranges: Sequence[Preference]) -> tuple[_Precision, int]:
    """How exactly the ranges name `media_type`, and its quality in thousandths."""
    precision, _, quality = max(
        (
            (precision, len(media_range.parameters), media_range.quality)
            for media_range in ranges
            if (precision := _precision(media_range, media_type)) is not None
        ),
        default=(_Precision.ANY, 0, 0),
    )
    return precision, quality


def _precision(media_range: Preference, media_type: MediaType) -> _Precision | None:
    """How exactly the range names `media_type`; nothing where it does not."""
    if any(not _is_utf_8(*parameter) for parameter in media_range.parameters):
        return None
    precisions = {
        media_type.value: _Precision.EXACT,
        _LATEST.get(media_type, ""): _Precision.LATEST,
        f"{media_type.partition('/')[0]}/*": _Precision.TOP_LEVEL,
        "*/*": _Precision.ANY,
    }
    return precisions.get(media_range.value)


def _is_utf_8(name: str, setting: str) -> bool:
    """Whether this is the one parameter that all our representations fulfil."""
    return name == "charset" and setting.lower() == "utf-8"


def _tie_break(media_type: MediaType, precision: _Precision) -> tuple[int, int]:
    """What decides between types of the same quality; the greatest wins.

    A type that is named comes before one that a wildcard covers. Who names
    several gets JSON first; who takes anything gets what a browser shows.
    """
    order = _ORDER_OF_ANY if precision is _Precision.ANY else _ORDER_OF_NAMED
    return min(precision, _Precision.LATEST), -order.index(media_type)
