"""Limits that keep the rendering of Markdown short.

The renderer's time grows with the square of the nesting and its output with
the product of a table's columns and rows, whatever the size of the text.
Descriptions of real packages stay far below these limits.
"""

import re

from pyregistry.errors import Invalid

_MAX_QUOTE_DEPTH = 500
_MAX_OPEN_ELEMENTS = 10_000
_MAX_TABLE_CELLS = 250_000

_QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]*)+", re.MULTILINE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_NEVER_CLOSED = frozenset({"area", "br", "col", "hr", "img", "input", "source", "wbr"})


def check_markdown(text: str) -> None:
    """Raises `Invalid` for a text that would take too long to render."""
    marks = max((match.group().count(">") for match in _QUOTE_MARKS.finditer(text)), default=0)
    if marks > _MAX_QUOTE_DEPTH:
        raise _too_much(f"quotes nested {marks} deep", _MAX_QUOTE_DEPTH)
    unclosed = sum(
        -1 if closing else 1
        for closing, name in _TAG.findall(text)
        if name.lower() not in _NEVER_CLOSED
    )
    if unclosed > _MAX_OPEN_ELEMENTS:
        raise _too_much(f"{unclosed} HTML elements that are not closed", _MAX_OPEN_ELEMENTS)
    pipes = [line.count("|") for line in text.split("\n")]
    cells = max(pipes) * sum(1 for count in pipes if count)
    if cells > _MAX_TABLE_CELLS:
        raise _too_much(f"tables of up to {cells} cells", _MAX_TABLE_CELLS)


def _too_much(what: str, limit: int) -> Invalid:
    return Invalid(f"The description has {what}: use at most {limit}")
