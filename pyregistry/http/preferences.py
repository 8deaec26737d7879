"""Lists of preferences with q-values, as `Accept` and `Accept-Encoding` hold them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

MAX_ELEMENTS: Final = 64
"""How many elements of one header are looked at; clients send fewer than ten."""

MOST_WANTED: Final = 1000

# Every quantifier that could give characters back is possessive: a hostile
# header costs one pass.
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_PARAMETER = rf"[ \t]*+;[ \t]*+(?:(?P<name>{_WORD})=(?P<setting>{_WORD}|{_QUOTED}))?+"
_ANY_PARAMETER = re.sub(r"\?P<\w+>", "?:", _PARAMETER)

_ELEMENT_PATTERN = re.compile(
    rf"[ \t]*+(?P<value>{_WORD}(?:/{_WORD})?+)(?P<parameters>(?:{_ANY_PARAMETER})*+)"
    r"[ \t]*+(?=,|\Z)",
    re.DOTALL,
)
_PARAMETER_PATTERN = re.compile(_PARAMETER, re.DOTALL)
_REST_PATTERN = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+,?', re.DOTALL)
_QUALITY_PATTERN = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class Preference:
    """One element of a list: a media range or a content coding, and how much it is wanted.

    `value` and the names of `parameters` are in lower case, `quality` is in
    thousandths: 0 (not acceptable) to 1000.
    """

    value: str
    parameters: tuple[tuple[str, str], ...]
    quality: int


def parse_preferences(header: str) -> list[Preference]:
    """The elements of a header in its order; never raises.

    Elements that cannot be parsed are left out, and so is everything after
    the first `MAX_ELEMENTS` (RFC 9110 sections 5.6.1 and 12.4.2).
    """
    preferences = []
    position = 0
    for _ in range(MAX_ELEMENTS):
        element = _ELEMENT_PATTERN.match(header, position)
        if element is not None:
            preference = _preference(element["value"], element["parameters"])
            if preference is not None:
                preferences.append(preference)
            position = element.end()
        rest = _REST_PATTERN.match(header, position)
        position = len(header) if rest is None else rest.end()
        if position >= len(header):
            break
    return preferences


def accepts_any_of(accept: str | None, media_types: Collection[str]) -> bool:
    """Whether an `Accept` header takes one of these media types, which have no parameters.

    Without the header everything is taken. The most exact range decides on a type, and
    what cannot be parsed is ignored (RFC 9110 section 12.5.1). Never raises.
    """
    ranges = [p for p in parse_preferences(accept or "") if "/" in p.value and not p.parameters]
    if not (accept or "").strip(" \t,"):
        return True
    qualities: dict[str, int] = {}
    for media_range in ranges:
        known = qualities.get(media_range.value, 0)
        qualities[media_range.value] = max(known, media_range.quality)
    for media_type in media_types:
        wildcard = f"{media_type.partition('/')[0]}/*"
        named = (name for name in (media_type, wildcard, "*/*") if name in qualities)
        if qualities.get(next(named, ""), 0) > 0:
            return True
    return False


def _preference(value: str, parameters: str) -> Preference | None:
    """The preference, or nothing where its q-value breaks the grammar."""
    own_parameters: list[tuple[str, str]] = []
    for found in _PARAMETER_PATTERN.finditer(parameters):
        if found["name"] is None:
            continue
        name = found["name"].lower()
        if name == "q":
            # What follows the weight is an extension that nobody defined.
            quality = _thousandths(found["setting"])
            if quality is None:
                return None
            return Preference(value.lower(), tuple(own_parameters), quality)
        own_parameters.append((name, _unquoted(found["setting"])))
    return Preference(value.lower(), tuple(own_parameters), MOST_WANTED)


def _thousandths(weight: str) -> int | None:
    if _QUALITY_PATTERN.fullmatch(weight) is None:
        return None
    whole, _, fraction = weight.partition(".")
    return int(whole) * 1000 + int(fraction.ljust(3, "0"))


def _unquoted(setting: str) -> str:
    if not setting.startswith('"'):
        return setting
    return re.sub(r"\\(.)", r"\1", setting[1:-1], flags=re.DOTALL)
