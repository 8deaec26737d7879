"""JSON objects that strangers wrote, read so that they mean the same to everybody."""

import json
import math
from collections.abc import Iterator
from typing import Any, Never

from pyregistry.sentences import shown


class NotPlain(ValueError):
    """JSON that readers take differently, or not at all. The text says what is wrong."""


def read_object(text: bytes) -> dict[str, Any]:
    """The JSON object that `text` is, in UTF-8.

    Raises `ValueError` for anything else: as `NotPlain` for a name that comes twice in an
    object (which of them counts would depend on the reader), for numbers that JSON does not
    have (NaN) or that are too large, and for objects and lists too deep in each other.
    """
    try:
        parsed = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_refuse,
        )
    except RecursionError:
        raise NotPlain("it is nested too deeply") from None
    if isinstance(parsed, dict):
        return parsed
    raise NotPlain("it must be a JSON object")


def texts_in(value: Any) -> Iterator[str]:
    """Every text in what JSON holds, names included, however deep."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            left.extend(each)
        elif isinstance(each, dict):
            left.extend(each)
            left.extend(each.values())


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotPlain(f"the name {shown(name)} comes twice")
        found[name] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotPlain(f"the number {shown(text)} is too large")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        # Python reads so many digits only where it is told to: it would take long.
        raise NotPlain(f"the number {shown(text)} is too large") from None


def _refuse(constant: str) -> Never:
    raise NotPlain(f"{constant} is no number of JSON")
