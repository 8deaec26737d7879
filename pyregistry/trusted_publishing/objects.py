"""JSON objects that strangers wrote, read so that they mean the same to everybody."""

import json
import math
from typing import Any, Never


def read_object(text: bytes) -> dict[str, Any]:
    """The JSON object that `text` is, in UTF-8.

    Raises `ValueError` for anything else, for a name that comes twice in an object (which of
    them counts would depend on the reader), and for numbers that JSON does not have.
    """
    try:
        parsed = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_float=_finite,
            parse_constant=_refuse,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(parsed, dict):
        return parsed
    raise ValueError("not an object")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(_constant: str) -> Never:
    raise ValueError("not a number of JSON")
